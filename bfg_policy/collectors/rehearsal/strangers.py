"""Two made-up tenants with the ids of the scenario's own: what one of them must not see or touch.

Each has a row in every mapped table, copied from the payload where there is one. The second has
another row besides, which the first could refer to if nothing held it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.digest import snapshot_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bfg_policy.database import Column, ColumnType, SchemaMap, Table
    from bfg_policy.scenario import Scenario

# What a row holds where no row of the payload can be copied.
_PLAIN: Mapping[ColumnType, object] = {
    "text": "made-up",
    "integer": 1,
    "boolean": False,
    "timestamp": "2000-01-01T00:00:00.000000Z",
    "json": {},
}
_MORE = "~"

Row = dict[str, object]


class Strangers(NamedTuple):
    """The two tenants.

    rows: of each table, one that both have. only_second: one that only the second has; a table that
    the scenario's own rows fill has none, unless it holds the actors. Rows are values by column,
    without the tenant's.
    """

    first: Scenario
    second: Scenario
    rows: Mapping[str, Row]
    only_second: Mapping[str, Row]


def make_strangers(schema_map: SchemaMap, scenario: Scenario) -> Strangers:
    """Two tenants made after a scenario. Raises NotCanonical where a copied row has no digest."""
    maker = _Maker(schema_map, scenario)
    maker.fill()
    return Strangers(maker.tenant("a", 1), maker.tenant("b", 2), maker.rows, maker.only_second)


class _Maker:
    """Makes the rows, table by table, each after those that it refers to."""

    def __init__(self, schema_map: SchemaMap, scenario: Scenario) -> None:
        self.rows: dict[str, Row] = {}
        self.only_second: dict[str, Row] = {}
        self._map = schema_map
        self._scenario = scenario
        first = next(iter(scenario.actors.values()))
        another = first._replace(id=str(fresh(first.id, scenario.actors)))
        self._actors = ((first,), (first, another))
        permission = next(iter(first.permissions), _PLAIN["text"])
        self._offered: dict[str, Row] = {
            "tenant": {},
            "roles": {"role": first.role},
            "permissions": {"role": first.role, "permission": permission},
            "actors": first.fields,
            "snapshot": {"schema": schema_map.payload, "sha256": "0" * 64, "rows": 0, "tables": {}},
        }
        self._another = another.fields
        self._payloads: dict[str, tuple[Row, ...]] = {}  # by source, both rows of each table

    def fill(self) -> None:
        """Make the rows of every table of the map."""
        for table in self._map.tables.values():
            if table.source == "payload":
                self._fill_from_payload(table)
            else:
                self.rows[table.name] = _by_column(table, self._offered[table.source])
                if table.source == "actors":
                    self.only_second[table.name] = _by_column(table, self._another)

    def tenant(self, suffix: str, rows: int) -> Scenario:
        """The tenant that has so many of the rows of each table."""
        tenant = self._scenario.tenant + _MORE + suffix
        own = self._map.tenant.column
        tables = {
            name: [{**row, own: tenant} for row in made[:rows]]
            for name, made in self._payloads.items()
        }
        schema = self._map.payload
        digest = snapshot_digest(schema, tenant, tables)
        actors = self._actors[rows - 1]
        document = {
            **self._scenario.document,
            "tenant": tenant,
            "actors": [actor.written for actor in actors],
            "snapshot": {"schema": schema, "sha256": digest, "tables": tables, "verified": True},
        }
        return self._scenario._replace(
            tenant=tenant,
            document=document,
            actors={actor.id: actor for actor in actors},
            payload_sha256=digest,
        )

    def _fill_from_payload(self, table: Table) -> None:
        there = self._payload(table.name)
        first: Row = dict(there[0]) if there else {}
        for column in table.columns:
            if column.source not in first and not column.optional:
                first[column.source] = None if column.nullable else _PLAIN[column.type]
        for reference in table.references:
            names = self._map.tables[reference.table].key
            # A row that refers to its own table refers to itself.
            referred = self.rows.get(reference.table) or _by_column(table, first)
            for name, target in zip(reference.columns[1:], names[1:], strict=True):
                first[table.column(name).source] = referred[target]
        self.rows[table.name] = _by_column(table, first)
        second = self._second(table, first)
        if second is None:
            self._payloads[table.name] = (first,)
            return
        self._payloads[table.name] = (first, second)
        self.only_second[table.name] = _by_column(table, second)

    def _second(self, table: Table, first: Row) -> Row | None:
        """The same row with another id; None where its key is made of references alone."""
        column = own_key(table)
        if column is None:
            return None
        taken = {row.get(column.source) for row in self._payload(table.name)}
        return {**first, column.source: fresh(first[column.source], taken)}

    def _payload(self, table: str) -> list[Row]:
        snapshot = self._scenario.document.get("snapshot", {})
        assert isinstance(snapshot, dict)
        found = snapshot.get("tables", {}).get(table, [])
        assert isinstance(found, list)
        return found


def _by_column(table: Table, item: Row) -> Row:
    return {column.name: item.get(column.source) for column in table.columns[1:]}


def own_key(table: Table) -> Column | None:
    """The column that tells a table's rows apart and refers to nothing; None without one."""
    referring = {name for reference in table.references for name in reference.columns}
    for name in reversed(table.key[1:]):
        column = table.column(name)
        if name not in referring and column.type in ("text", "integer"):
            return column
    return None


def fresh(value: object, taken: Iterable[object]) -> object:
    """Another value of the same type, which nobody has."""
    used = {value, *taken}
    while value in used:
        value = value + 1 if isinstance(value, int) else f"{value}{_MORE}"
    return value
