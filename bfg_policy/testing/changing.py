"""Changes of a base scenario: made on a copy, with the digests that follow, and with places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from bfg_policy.digest import NotCanonical, record_digest, snapshot_digest
from bfg_policy.instants import format_instant
from bfg_policy.scenario.snapshot import count_rows
from bfg_policy.testing.paths import NoSuchPath, find
from bfg_policy.testing.placing import Varied

if TYPE_CHECKING:
    from datetime import datetime

    from bfg_policy.pack.terms import Terms
    from bfg_policy.scenario.merged import Merged
    from bfg_policy.testing.placing import Base
    from bfg_policy.testing.types import Path, Spot

OPERATIONS = ("set", "remove", "append", "accept", "waive", "tamper")
_ACCEPTANCES, _WAIVERS, _EVIDENCE, _SNAPSHOT = "acceptances", "waivers", "evidence", "snapshot"
_DIGEST, _OF_SNAPSHOT = "sha256", "snapshot_sha256"
# What the digest of a snapshot is made of, and so changes with.
_PAYLOAD = (("tenant",), (_SNAPSHOT, "schema"), (_SNAPSHOT, "tables"))


class Change(NamedTuple):
    """One change as it is written. operation: one of OPERATIONS; data: the whole mapping."""

    operation: str
    data: Mapping[str, object]
    spot: Spot


class Draft:
    """A copy of a scenario's document that changes are made on; the base itself never changes."""

    def __init__(self, base: Base, at: datetime) -> None:
        self._base = base
        self._at = at
        self._data: dict[str, object] = dict(base.merged.data)
        # The containers that were copied; kept, so that no other object gets the id of one.
        self._copied: dict[int, object] = {id(self._data): self._data}
        self._origins: dict[Path, tuple[Spot, Spot]] = {}
        self._touched: list[Path] = []
        self._fixed: set[Path] = set()
        self._tampered: list[Path] = []

    @property
    def data(self) -> Mapping[str, object]:
        """The document as it is now."""
        return self._data

    def make(self, change: Change) -> None:
        """Make one change. Raises NoSuchPath where its path leads nowhere."""
        _MAKERS[change.operation](self, change)

    def finished(self, terms: Terms) -> Merged:
        """The document with the claims that follow from what was changed.

        terms: whose groups the rows are counted by. What was tampered with, and a digest that a
        change has set, stay as they are.
        """
        if self._is_touched(*_PAYLOAD):
            self._claim(terms)
        records = self._data.get(_EVIDENCE)
        if isinstance(records, Mapping):
            for name in [name for name in records if self._is_touched((_EVIDENCE, name))]:
                self._seal(name)
        return Varied(self._base, self._data, self._origins)

    def _set(self, change: Change) -> None:
        for path in find(self._data, str(change.data[change.operation]), may_be_new=True):
            self._put(path, change.data["to"], change.spot.below("to"), change)
            if change.operation == "tamper":
                self._tampered.append(path)

    def _remove(self, change: Change) -> None:
        # From the end of a list, so that the others stay where they are.
        for path in reversed(find(self._data, str(change.data["remove"]))):
            del self._writable(path[:-1])[path[-1]]
            self._touched.append(path)

    def _append(self, change: Change) -> None:
        for path in find(self._data, str(change.data["append"]), may_be_new=True):
            self._add(path, change.data["value"], change.spot.below("value"), change)

    def _accept(self, change: Change) -> None:
        given = change.data
        item = {
            "gate": given["accept"],
            "by": given["by"],
            "at": given.get("at", format_instant(self._at)),
            **({"expires": given["expires"]} if "expires" in given else {}),
        }
        self._add((_ACCEPTANCES,), item, change.spot, change)

    def _waive(self, change: Change) -> None:
        given = change.data
        item = {
            "gate": given["waive"],
            "reason": "a test asks for it",
            "requested_by": given["requested_by"],
            "approved_by": given["approved_by"],
            "expires": given["expires"],
        }
        self._add((_WAIVERS,), item, change.spot, change)

    def _add(self, path: Path, item: object, spot: Spot, change: Change) -> None:
        parent = self._writable(path[:-1])
        if isinstance(parent, dict):
            parent.setdefault(path[-1], [])
        if not isinstance(parent[path[-1]], list):
            end = len(str(change.data[change.operation]))
            raise NoSuchPath(0, end, f"`{'.'.join(map(str, path))}` is no list", None)
        items = self._writable(path)
        self._put((*path, len(items)), item, spot, change)

    def _put(self, path: Path, value: object, spot: Spot, change: Change) -> None:
        parent = self._writable(path[:-1])
        if isinstance(parent, list) and path[-1] == len(parent):
            parent.append(value)
        else:
            parent[path[-1]] = value
        self._origins[path] = (spot, change.spot.below(change.operation))
        self._touched.append(path)
        self._fixed.add(path)

    def _writable(self, path: Path) -> Any:
        """The container at a path, which exists, copied with those above it when first changed."""
        here: Any = self._data
        for step in path:
            below = here[step]
            if id(below) not in self._copied:
                below = dict(below) if isinstance(below, dict) else list(below)
                here[step] = below
                self._copied[id(below)] = below
            here = below
        return here

    def _is_touched(self, *roots: Path) -> bool:
        """Whether a change was made at, above or below one of some paths."""
        return any(
            _meet(path, root)
            for path in self._touched
            if path not in self._tampered
            for root in roots
        )

    def _claim(self, terms: Terms) -> None:
        """Let the rows and the digest that the snapshot claims be those of its payload."""
        snapshot = self._data.get(_SNAPSHOT)
        tables = snapshot.get("tables") if isinstance(snapshot, Mapping) else None
        if not (
            isinstance(snapshot, Mapping) and isinstance(tables, Mapping) and _are_rows(tables)
        ):
            return  # its contract says what is wrong with it
        if (_SNAPSHOT,) in self._fixed:
            return  # whoever writes all of it writes its claims, too
        rows, before = snapshot.get("rows"), snapshot.get(_DIGEST)
        counted = count_rows(tables, terms.groups)
        for group in rows if isinstance(rows, Mapping) else ():
            self._follow((_SNAPSHOT, "rows", group), counted.get(group, 0))
        try:
            schema, tenant = str(snapshot.get("schema", "")), str(self._data.get("tenant"))
            digest = snapshot_digest(schema, tenant, tables)
        except NotCanonical:
            return  # it has none, and the judgement says so
        if before is None:
            return
        self._follow((_SNAPSHOT, _DIGEST), digest)
        records = self._data.get(_EVIDENCE)
        for name, record in records.items() if isinstance(records, Mapping) else ():
            if isinstance(record, Mapping) and record.get(_OF_SNAPSHOT) == before:
                self._follow((_EVIDENCE, name, _OF_SNAPSHOT), digest)

    def _seal(self, name: str) -> None:
        """Let the digest of an evidence record be its own."""
        records: Any = self._data[_EVIDENCE]
        record = records[name]
        if not isinstance(record, Mapping) or any(
            path[:2] == (_EVIDENCE, name) for path in self._tampered
        ):
            return
        whole = (_EVIDENCE, name)
        if whole in self._fixed and _DIGEST in record:
            return
        try:
            self._follow((*whole, _DIGEST), record_digest(record))
        except NotCanonical:
            return  # it has no digest, and the judgement says so

    def _follow(self, path: Path, value: object) -> None:
        """Put a value that follows from others, unless a change has put another there."""
        if path not in self._fixed:
            self._writable(path[:-1])[path[-1]] = value
            self._touched.append(path)


def _are_rows(tables: Mapping[str, object]) -> bool:
    """Whether every table is a list of rows."""
    return all(
        isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
        for rows in tables.values()
    )


def _meet(path: Path, root: Path) -> bool:
    common = min(len(path), len(root))
    return path[:common] == root[:common]


_MAKERS: Mapping[str, Callable[[Draft, Change], None]] = {
    "set": Draft._set,  # noqa: SLF001
    "tamper": Draft._set,  # noqa: SLF001
    "remove": Draft._remove,  # noqa: SLF001
    "append": Draft._append,  # noqa: SLF001
    "accept": Draft._accept,  # noqa: SLF001
    "waive": Draft._waive,  # noqa: SLF001
}
