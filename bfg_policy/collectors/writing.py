"""Section `write_probe`: a row is written, read back, kept from another tenant, undone and gone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from psycopg import sql

from bfg_policy.collectors.faults import Unobservable
from bfg_policy.collectors.scene import prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.collectors.connecting import Connection
    from bfg_policy.collectors.course import Checks
    from bfg_policy.collectors.scene import Scene, Target
    from bfg_policy.database import Column, ColumnType, Table

# What is written holds no secret, and looks like nothing that somebody would miss.
_PLAIN: Mapping[ColumnType, object] = {
    "text": "written-by-bfg-policy-probe",
    "integer": 1,
    "boolean": False,
    "timestamp": datetime(2000, 1, 1, tzinfo=UTC),
    "json": {},
}
# What the last column of another row's key holds.
_OTHER: Mapping[ColumnType, object] = {
    "text": "written-by-another-tenant",
    "integer": 2,
    "boolean": True,
    "timestamp": datetime(2001, 1, 1, tzinfo=UTC),
    "json": {"": None},
}


class _Row(NamedTuple):
    """A row to write, by column: the tenant's column first."""

    table: Table
    values: Mapping[str, object]

    @property
    def key(self) -> dict[str, object]:
        return {name: self.values[name] for name in self.table.key}

    def columns(self) -> sql.Composable:
        return sql.SQL(", ").join(map(sql.Identifier, self.values))

    def literals(self) -> sql.Composable:
        return sql.SQL(", ").join(
            _literal(self.table.column(name), value) for name, value in self.values.items()
        )

    def where(self) -> sql.Composable:
        return sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value))
            for name, value in self.key.items()
        )


def probe_writing(connection: Connection, target: Target, checks: Checks) -> None:
    """Write one row as the application, and leave nothing of it behind."""
    checks.facts["rolled_back"] = False
    with prepared(connection, target) as scene:
        had_schema = scene.had_schema
        row = _row(scene, target)
        checks.facts["table"] = row.table.name
        with scene.acting(scene.tenant):
            _write(scene, row, checks)
            _others_try(scene, row, checks)
    checks.facts["rolled_back"] = _is_gone(connection, target, row, had_schema=had_schema)
    checks.demand(
        "rolled back, it is gone",
        holds=checks.facts["rolled_back"] is True,
        found="" if checks.facts["rolled_back"] else "something of it is still there",
    )


def _write(scene: Scene, row: _Row, checks: Checks) -> None:
    insert = "INSERT INTO {} ({}) VALUES ({})"
    if scene.changed(insert, row.table, row.columns(), row.literals()) != 1:
        checks.stop("a row is written", "the database refuses it")
    scene.do(insert, row.table, row.columns(), row.literals())
    checks.passed("a row is written", f"into {row.table.name}")
    same = sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), _literal(row.table.column(name), value))
        for name, value in row.values.items()
    )
    found = scene.number("SELECT count(*) FROM {} WHERE {}", row.table, same)
    checks.require(
        "it is read back the same", holds=found == 1, found="" if found == 1 else "it is not"
    )


def _others_try(scene: Scene, row: _Row, checks: Checks) -> None:
    """What another tenant does to the row: each way, either refused or nothing is found."""
    scene.become(scene.other_tenant)
    table, where = row.table, row.where()
    column = sql.Identifier(table.columns[-1].name)
    last = table.column(table.key[-1])
    forged = _Row(table, {**row.values, last.name: _OTHER[last.type]})
    attempts = {
        "reads it": scene.changed("SELECT 1 FROM {} WHERE {}", table, where),
        "changes it": scene.changed("UPDATE {} SET {} = {} WHERE {}", table, column, column, where),
        "deletes it": scene.changed("DELETE FROM {} WHERE {}", table, where),
        "writes one for us": scene.changed(
            "INSERT INTO {} ({}) VALUES ({})", table, forged.columns(), forged.literals()
        ),
    }
    done = [what for what, count in attempts.items() if count]
    checks.facts["others_refused"] = len(attempts) - len(done)
    checks.demand(
        "another tenant is refused",
        holds=not done,
        found=f"it {', '.join(done)}" if done else f"in {len(attempts)} ways",
    )
    scene.become(scene.tenant)


def _is_gone(connection: Connection, target: Target, row: _Row, *, had_schema: bool) -> bool:
    """Whether a new transaction finds nothing of the row, or of a schema made for it."""
    from bfg_policy.collectors.rehearsal.stage import Stage

    stage = Stage(connection, target.schema_map, target.packets)
    if not had_schema:
        return not stage.exists(target.schema_map.schema)
    with prepared(connection, target) as scene, scene.acting(scene.tenant):
        return scene.count(row.table, row.key) == 0


def _row(scene: Scene, target: Target) -> _Row:
    """A row that the application may write: of the first table whose references can be kept."""
    with scene.acting(scene.tenant):
        for table in target.schema_map.tables.values():
            if {"insert", "select"} <= set(table.app):
                values = _values(scene, target, table)
                if values is not None:
                    return _Row(table, values)
    raise Unobservable(
        "a row is written", "the schema map has no table that the application could write to alone"
    )


def _values(scene: Scene, target: Target, table: Table) -> dict[str, object] | None:
    """What a row has to hold; None where it refers to a row that nobody has."""
    tenant = table.columns[0]
    values: dict[str, object] = {tenant.name: scene.tenant}
    for reference in table.references:
        own = reference.columns[1:]
        if not own or any(table.column(name).may_be_null for name in own):
            continue
        other = target.schema_map.tables[reference.table]
        names = sql.SQL(", ").join(map(sql.Identifier, other.key[1:]))
        found = scene.row("SELECT {1} FROM {0} LIMIT 1", other, names)
        if found is None:
            return None
        values.update(zip(own, found, strict=True))
    for column in table.columns[1:]:
        if not column.may_be_null and column.name not in values:
            values[column.name] = _PLAIN[column.type]
    return {each.name: values[each.name] for each in table.columns if each.name in values}


def _literal(column: Column, value: object) -> sql.Composable:
    if column.type == "json":
        return sql.SQL("{}::pg_catalog.jsonb").format(sql.Literal(json.dumps(value)))
    return sql.Literal(value)
