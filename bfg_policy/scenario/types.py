"""The scenario as it is judged: validated, merged, plain data, and the place of each part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.errors import Place

if TYPE_CHECKING:
    from datetime import datetime

# Where the value at a path of keys and indices of the merged document stands.
Locate = Callable[[Sequence[str | int]], Place]


class Actor(NamedTuple):
    """Somebody who acts. name and desk are None where the scenario does not tell."""

    id: str
    name: str | None
    desk: str | None
    role: str
    permissions: tuple[str, ...]

    @property
    def fields(self) -> dict[str, object]:
        """As plain data, with null for what the scenario does not tell."""
        return {**self._asdict(), "permissions": list(self.permissions)}

    @property
    def written(self) -> dict[str, object]:
        """As a scenario writes it: without what is not told."""
        return {name: value for name, value in self.fields.items() if value is not None}


class Record(NamedTuple):
    """One evidence record, as it was read; nothing about it is believed yet.

    data: the whole record; path: where it stands in the merged document.
    """

    name: str
    contract: str
    observed_at: datetime
    data: Mapping[str, object]
    path: tuple[str | int, ...]


class Acceptance(NamedTuple):
    """One sign-off, as it was read; whether it counts is decided elsewhere.

    withdrawn: whether it takes back the one before it, instead of accepting.
    """

    gate: str
    by: str
    at: datetime
    expires: datetime | None
    note: str | None
    path: tuple[str | int, ...]
    withdrawn: bool = False


class Waiver(NamedTuple):
    """One waiver, as it was read; whether it counts is decided elsewhere."""

    gate: str
    reason: str
    requested_by: str
    approved_by: str
    expires: datetime
    path: tuple[str | int, ...]


class Scenario(NamedTuple):
    """What is judged.

    document: what rules see as `scenario`: everything but evidence, acceptances and waivers,
    with `snapshot.verified`. records: by contract. payload_sha256: the digest of the snapshot's
    payload, None without one. place: where a path of the whole document
    (`["evidence", "probe", "sha256"]`) stands in its file.
    """

    id: str
    tenant: str
    target: str
    document: Mapping[str, object]
    actors: Mapping[str, Actor]
    records: Mapping[str, Record]
    acceptances: tuple[Acceptance, ...]
    waivers: tuple[Waiver, ...]
    payload_sha256: str | None
    place: Locate

    @property
    def variables(self) -> dict[str, object]:
        """What every rule sees of it: `scenario`, and each of its keys by its own name."""
        return {**self.document, "scenario": self.document}

    @property
    def snapshot_sha256(self) -> str | None:
        """The snapshot's digest: claimed, or that of the payload; None where there is neither."""
        snapshot = self.document.get("snapshot")
        claimed = snapshot.get("sha256") if isinstance(snapshot, dict) else None
        return claimed if isinstance(claimed, str) else self.payload_sha256
