"""What a scenario offers to fill the tables of a map: its payload's rows, and items of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bfg_policy.database.types import Column, Table

Path = tuple[str | int, ...]
Summary = dict[str, dict[str, object]]


class Given(NamedTuple):
    """A scenario, as far as a map is concerned.

    payload: the contract that the snapshot's `schema` names; tables: the payload's rows by table;
    roles: of the pack, in its order; actors: `id`, `name`, `desk`, `role` and `permissions` of
    each, without what the scenario does not tell.
    """

    tenant: str
    payload: str
    tables: Mapping[str, Sequence[Mapping[str, object]]]
    roles: Sequence[str]
    actors: Sequence[Mapping[str, object]]

    @staticmethod
    def path(table: str) -> Path:
        """Where the rows of a table stand in the scenario's document."""
        return ("snapshot", "tables", table)


class Item(NamedTuple):
    """One row of a table as it is digested: by `digested_as`, without what is missing.

    path: where it stands in the scenario's document, as near as can be told.
    """

    path: Path
    values: Mapping[str, object]


def digested_as(table: Table, column: Column) -> str:
    """The key that a column has in its row's canonical JSON.

    That of the payload's row, so that both have one digest; elsewhere the column's own name.
    """
    return column.source if table.source == "payload" else column.name


def offered(
    table: Table, given: Given, sha256: str | None = None, summary: Summary | None = None
) -> list[Item]:
    """The rows of a table of the map. sha256, summary: of the snapshot; None where it has none."""
    if table.source == "payload":
        root = given.path(table.name)
        rows = given.tables.get(table.name, ())
        return [Item((*root, index), row) for index, row in enumerate(rows)]
    items: Iterable[Item] = ()
    match table.source:
        case "tenant":
            items = [Item(("tenant",), {"id": given.tenant})]
        case "roles":
            items = [Item((), {"role": role}) for role in given.roles]
        case "permissions":
            items = _permissions(given)
        case "actors":
            items = [Item(("actors", index), each) for index, each in enumerate(given.actors)]
        case "snapshot":
            items = _snapshot(given, sha256, summary)
    return [Item(path, _filled(table, given.tenant, values)) for path, values in items]


def _permissions(given: Given) -> list[Item]:
    """Each pair of a role and a permission once, in order, where an actor first has it."""
    found: dict[tuple[str, str], Path] = {}
    for index, actor in enumerate(given.actors):
        permissions = actor["permissions"]
        assert isinstance(permissions, list)
        for position, permission in enumerate(permissions):
            pair = (str(actor["role"]), str(permission))
            found.setdefault(pair, ("actors", index, "permissions", position))
    return [Item(found[pair], {"role": pair[0], "permission": pair[1]}) for pair in sorted(found)]


def _snapshot(given: Given, sha256: str | None, summary: Summary | None) -> list[Item]:
    if sha256 is None or summary is None:
        return []
    rows = sum(len(each) for each in given.tables.values())
    values = {"schema": given.payload, "sha256": sha256, "rows": rows, "tables": summary}
    return [Item(("snapshot",), values)]


def _filled(table: Table, tenant: str, values: Mapping[str, object]) -> dict[str, object]:
    """An item by the names of the columns; the first column is the tenant's."""
    own, *others = table.columns
    row: dict[str, object] = {own.name: tenant}
    row |= {each.name: values[each.source] for each in others if each.source in values}
    return row


def rows_of(table: Table, items: Iterable[Item]) -> list[Mapping[str, object]]:
    """The rows by the names of the columns; what the map does not have is left out."""
    names = [(column.name, digested_as(table, column)) for column in table.columns]
    if all(name == key for name, key in names):
        return [item.values for item in items]
    return [{name: item.values[key] for name, key in names if key in item.values} for item in items]
