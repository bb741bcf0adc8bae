"""A schema map as templates see it: plain data, with the names of keys, indexes and checks."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from bfg_policy.database import REPLAY_COLUMN
from bfg_policy.digest import LARGEST_INTEGER
from bfg_policy.rendering.quoting import Quoted, sql_identifier

if TYPE_CHECKING:
    from bfg_policy.database import Column, ColumnType, SchemaMap, Table

Data = dict[str, object]

# What PostgreSQL cuts a name to, in bytes; a mapped name is ASCII.
_LONGEST = 63
_TYPES: dict[ColumnType, Quoted] = {
    "text": Quoted("text"),
    "integer": Quoted("bigint"),
    "boolean": Quoted("boolean"),
    "timestamp": Quoted("timestamptz"),
    "json": Quoted("jsonb"),
}
# What `[[:space:]]` is in the C locale.
_BLANKS = " \t\n\v\f\r"
_COMMANDS = {
    command: Quoted(command.upper()) for command in ("select", "insert", "update", "delete")
}


def map_data(schema_map: SchemaMap) -> Data:
    """What templates see as `map`."""
    tables = [_table(table, schema_map) for table in schema_map.tables.values()]
    roles = schema_map.roles
    return {
        "id": schema_map.id,
        "payload": schema_map.payload,
        "schema": schema_map.schema,
        "control": schema_map.control,
        "tenant": {
            **schema_map.tenant._asdict(),
            "claim_setting": schema_map.tenant.claim_setting,
        },
        "roles": roles._asdict(),
        "role_names": list(roles),
        "role_comment": f"made by the packet {schema_map.id}",
        "replay_column": REPLAY_COLUMN,
        "blanks": _BLANKS,
        "commands": _COMMANDS,
        "tables": tables,
        "tables_reversed": tables[::-1],
        "batches": [
            {"name": batch.name, "tables": list(batch.tables), "position": position}
            for position, batch in enumerate(schema_map.batches)
        ],
    }


def _table(table: Table, schema_map: SchemaMap) -> Data:
    key = set(table.key)
    names = [column.name for column in table.columns]
    return {
        "name": table.name,
        "source": table.source,
        "batch": table.batch,
        "key": list(table.key),
        "key_name": name_of(table.name, "pkey"),
        "columns": [_column(column) for column in table.columns],
        "column_names": names,
        "updatable": [name for name in names if name not in key],
        "checks": list(_checks(table, schema_map)),
        "references": _references(table, schema_map),
        "app": list(table.app),
        "append_only": table.append_only,
    }


def _column(column: Column) -> Data:
    return {
        **column._asdict(),
        "may_be_null": column.may_be_null,
        "sql_type": _TYPES[column.type],
    }


def _checks(table: Table, schema_map: SchemaMap) -> list[Data]:
    """What the columns' types do not say by themselves of the values that a digest takes."""
    tenant = sql_identifier(schema_map.tenant.column)
    checks: list[Data] = [
        {
            "name": name_of(table.name, schema_map.tenant.column, "check"),
            "condition": Quoted(f"{tenant} COLLATE \"C\" !~ '^[[:space:]]*$'"),
        }
    ]
    for column in table.columns:
        name = sql_identifier(column.name)
        condition = {
            "integer": f"{name} BETWEEN -{LARGEST_INTEGER} AND {LARGEST_INTEGER}",
            "timestamp": f"{name} >= '0001-01-01 00:00:00+00'::timestamptz"
            f" AND {name} < '10000-01-01 00:00:00+00'::timestamptz",
            # A null is an SQL NULL, or nothing could tell the two rows apart.
            "json": f"jsonb_typeof({name}) <> 'null'",
        }.get(column.type)
        if condition is not None:
            checks.append(
                {
                    "name": name_of(table.name, column.name, "check"),
                    "condition": Quoted(condition),
                }
            )
    return checks


def _references(table: Table, schema_map: SchemaMap) -> list[Data]:
    """The foreign keys; index: the name of the index of each that no key or index covers yet."""
    covered = [table.key]
    found: list[Data] = []
    for reference in table.references:
        columns = reference.columns
        is_covered = any(each[: len(columns)] == columns for each in covered)
        if not is_covered:
            covered.append(columns)
        found.append(
            {
                "columns": list(columns),
                "table": reference.table,
                "target": list(schema_map.tables[reference.table].key),
                "name": name_of(table.name, *columns[1:], reference.table, "fkey"),
                "index": None if is_covered else name_of(table.name, *columns[1:], "idx"),
            }
        )
    return found


def name_of(*parts: str) -> str:
    """A name made of parts; one that is too long is cut, and kept apart by a digest."""
    whole = "_".join(parts)
    if len(whole) <= _LONGEST:
        return whole
    digest = sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: _LONGEST - 9]}_{digest}"
