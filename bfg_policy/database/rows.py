"""A snapshot's rows as its schema map lays them down, and everything that does not fit.

Nothing is guessed or converted: a row that does not fit the map exactly is a problem, because its
digest could not be computed from the database.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, NamedTuple

from bfg_policy.database.sources import (
    Given,
    Item,
    Path,
    Summary,
    digested_as,
    offered,
    rows_of,
)
from bfg_policy.database.values import value_fault
from bfg_policy.digest import combined, row_digest, summary_digest

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from bfg_policy.database.types import Column, Reference, SchemaMap, Table

Key = tuple[str | int | None, ...]
Kind = Literal["unmapped", "missing", "type", "null", "foreign", "duplicate", "orphaned"]

# An entry of a PostgreSQL index takes 2,704 bytes, and every key and reference has an index.
LONGEST_KEY = 2_500
# So many characters of a key are shown.
LONGEST_SHOWN = 80


class Problem(NamedTuple):
    """One thing that does not fit.

    kind: `unmapped` table or column, `missing` column, value of another `type` or outside the
    digest's profile, `null` where none may be, row of a `foreign` tenant, `duplicate` key,
    `orphaned` reference. path: of keys and indices in the scenario's document, such as
    `("snapshot", "tables", "orders", 3, "weight_kg")`.
    """

    kind: Kind
    path: Path
    why: str


class MappedTable(NamedTuple):
    """The rows of one table of the map.

    rows: by the names of the columns, without those that are missing. digests: R of each row, as
    the database computes it; none where a row of the scenario does not fit.
    """

    rows: Sequence[Mapping[str, object]]
    digests: Sequence[str]

    @property
    def digest(self) -> str:
        """The digest T of the table."""
        return combined(self.digests)


class Mapped(NamedTuple):
    """All tables of the map, in its order.

    sha256: the snapshot's digest, None where anything does not fit.
    """

    tables: Mapping[str, MappedTable]
    problems: tuple[Problem, ...]
    sha256: str | None

    def count(self, kind: Kind) -> int:
        """How many problems of this kind there are."""
        return sum(problem.kind == kind for problem in self.problems)


def map_rows(schema_map: SchemaMap, given: Given) -> Mapped:
    """The rows of a scenario and its payload, by the tables of the map, and what does not fit."""
    tables = schema_map.tables.values()
    items = {table.name: offered(table, given) for table in tables if table.source != "snapshot"}
    problems = list(_unmapped_tables(schema_map, given))
    if given.payload != schema_map.payload:
        why = f"the map is one of {schema_map.payload}, and this is {given.payload or 'nothing'}"
        problems.append(Problem("unmapped", ("snapshot",), why))
    for name, listed in items.items():
        problems += _faults(schema_map, schema_map.tables[name], listed, given.tenant)
    digests: dict[str, list[str]] = {}
    summary: Summary | None = None
    sha256 = None
    if not problems:
        digests = {name: _digests(listed) for name, listed in items.items()}
        summary = {
            name: {"rows": len(digests[name]), "digest": combined(digests[name])}
            for name in given.tables
        }
        sha256 = summary_digest(given.payload, given.tenant, summary)
    for table in tables:
        if table.source == "snapshot":
            items[table.name] = offered(table, given, sha256, summary)
            problems += _faults(schema_map, table, items[table.name], given.tenant)
            digests[table.name] = _digests(items[table.name])
    problems += _orphans(schema_map, items, _faulty(problems))
    mapped = {
        table.name: MappedTable(rows_of(table, items[table.name]), digests.get(table.name, []))
        for table in tables
    }
    return Mapped(mapped, tuple(problems), None if problems else sha256)


def _digests(items: Iterable[Item]) -> list[str]:
    return [row_digest(item.values) for item in items]


def _faulty(problems: Iterable[Problem]) -> set[Path]:
    """The paths of the problems, and those of all that they are in."""
    return {
        problem.path[:length] for problem in problems for length in range(len(problem.path) + 1)
    }


def _unmapped_tables(schema_map: SchemaMap, given: Given) -> Iterator[Problem]:
    for name in given.tables:
        table = schema_map.tables.get(name)
        if table is None:
            yield Problem("unmapped", given.path(name), f"the map has no table `{name}`")
        elif table.source != "payload":
            why = f"`{name}` is filled from the scenario's {table.source}, not from the payload"
            yield Problem("unmapped", given.path(name), why)


def _faults(
    schema_map: SchemaMap, table: Table, items: Iterable[Item], tenant: str
) -> Iterator[Problem]:
    columns = {digested_as(table, column): column for column in table.columns}
    required = {key for key, column in columns.items() if not column.optional}
    seen: dict[Key, int] = {}
    for index, item in enumerate(items):
        faults = [*_value_faults(table, columns, item)]
        faults += (
            Problem("missing", item.path, f"`{key}` is missing")
            for key in sorted(required - item.values.keys())
        )
        own = item.values.get(schema_map.tenant.column)
        if isinstance(own, str) and own != tenant:
            path = _at(table, item, schema_map.tenant.column)
            faults.append(Problem("foreign", path, "the row belongs to another tenant"))
        yield from faults or _key_faults(table, index, item, seen)


def _value_faults(table: Table, columns: Mapping[str, Column], item: Item) -> Iterator[Problem]:
    for key, value in item.values.items():
        column, path = columns.get(key), _at(table, item, key)
        if column is None:
            yield Problem("unmapped", path, f"`{table.name}` has no column for `{key}`")
        elif value is None:
            if not column.nullable:
                meant = "where a missing key is meant" if column.optional else "and must not be"
                yield Problem("null", path, f"it is null, {meant}")
        else:
            why = value_fault(column.type, value)
            if why is not None:
                yield Problem("type", path, why)


def _key_faults(table: Table, index: int, item: Item, seen: dict[Key, int]) -> Iterator[Problem]:
    (row,) = rows_of(table, (item,))
    first = seen.setdefault(_key(row, table.key), index)
    if first != index:
        yield Problem("duplicate", item.path, f"its key is that of row {first} already")
    for columns in dict.fromkeys((table.key, *(each.columns for each in table.references))):
        if _size(_key(row, columns)) > LONGEST_KEY:
            why = f"`{', '.join(columns)}` is longer than the {LONGEST_KEY} bytes of an index entry"
            yield Problem("type", item.path, why)


def _key(row: Mapping[str, object], columns: Iterable[str]) -> Key:
    """The values of some columns; None for what is missing, and for what no key can hold."""
    values = (row.get(name) for name in columns)
    return tuple(value if isinstance(value, str | int) else None for value in values)


def _size(key: Key) -> int:
    return sum(len(each.encode("utf-8")) if isinstance(each, str) else 8 for each in key)


def _orphans(
    schema_map: SchemaMap, items: Mapping[str, Sequence[Item]], faulty: Container[Path]
) -> Iterator[Problem]:
    # Tenants are left out of the keys: a row of a foreign one is a problem by itself.
    keys: dict[str, set[Key]] = {}
    rows = {name: rows_of(schema_map.tables[name], items[name]) for name in items}
    for table in schema_map.tables.values():
        for reference in table.references:
            target = schema_map.tables[reference.table]
            if target.name not in keys:
                keys[target.name] = {_key(row, target.key[1:]) for row in rows[target.name]}
            for item, row in zip(items[table.name], rows[table.name], strict=True):
                key = _key(row, reference.columns[1:])
                if None in key or key in keys[target.name] or item.path in faulty:
                    continue
                yield _orphan(table, reference, item, key)


def _orphan(table: Table, reference: Reference, item: Item, key: Key) -> Problem:
    name = digested_as(table, table.column(reference.columns[-1]))
    shown = json.dumps(key, ensure_ascii=False)
    if len(shown) > LONGEST_SHOWN:
        shown = f"{shown[:LONGEST_SHOWN]}…"
    why = f"no row of `{reference.table}` has the key {shown}"
    return Problem("orphaned", _at(table, item, name), why)


def _at(table: Table, item: Item, key: str) -> Path:
    """Where a value of a row stands; one of the scenario's own items is not told apart."""
    return (*item.path, key) if table.source == "payload" else item.path
