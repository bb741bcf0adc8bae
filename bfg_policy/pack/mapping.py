"""The pack's schema map, linked, and held against what else the pack says of snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.database.linking import link_map
from bfg_policy.database.tables import unknown_table
from bfg_policy.unknown import unknown_contract

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from bfg_policy.database import SchemaMap
    from bfg_policy.errors import Finding
    from bfg_policy.pack.written import WrittenMap, WrittenPack


def linked_map(
    pack: WrittenPack, contracts: Collection[str]
) -> tuple[SchemaMap | None, tuple[Finding, ...]]:
    """The pack's map, None where it names none; and everything that is wrong with it.

    contracts: the names of those at hand.
    """
    if pack.schema_map is None:
        return None, ()
    linked, findings = link_map(pack.schema_map.model, pack.schema_map.document)
    return linked, (*findings, *_check_around(pack, pack.schema_map, contracts))


def _check_around(
    pack: WrittenPack, written: WrittenMap, contracts: Collection[str]
) -> Iterator[Finding]:
    if written.model.payload not in contracts:
        yield unknown_contract(
            written.model.payload, contracts, written.document.place(("payload",))
        )
    mapped = [name for name, table in written.model.tables.items() if table.source is None]
    for group, tables in pack.model.snapshot.groups.items():
        for index, table in enumerate(tables):
            if table not in mapped:
                place = pack.place("snapshot", "groups", group, index)
                yield unknown_table(table, mapped, place)
