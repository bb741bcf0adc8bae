"""What is rehearsed: the snapshot, the packets that carry it, and what should come of it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.digest import canonical
from bfg_policy.instants import format_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bfg_policy.database import SchemaMap
    from bfg_policy.pack import Pack
    from bfg_policy.scenario import Scenario

_ID_DIGITS = 16


class Payload(NamedTuple):
    """A snapshot's payload, as it was read. schema: the contract that it obeys."""

    schema: str
    tables: Mapping[str, Sequence[Mapping[str, object]]]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(map(len, self.tables.values()))


class Plan(NamedTuple):
    """One rehearsal.

    schema_map: with the names that are used on this database. scenario: with the payload that is
    rehearsed in its snapshot. claim: the digest that the scenario claims, None where it claims
    none; rows: what it claims to have, by the pack's groups. read_again: reads the payload anew
    from where it lies; raises BfgPolicyError. packets: gives the packet set of a scenario, whole
    texts by file name; raises RenderError. storage: what is kept to fall back to, empty where the
    scenario names none, None where the pack does not ask. commits: whether the packets are run for
    good and taken back, not in one transaction that is undone. needs_tls: whether nobody logs in
    over a bare connection; pins: digests of certificates or of public keys, one of which must be
    the server's before anybody logs in, none where any may be.
    """

    pack: Pack
    schema_map: SchemaMap
    scenario: Scenario
    claim: str | None
    rows: Mapping[str, int]
    read_again: Callable[[], Payload]
    packets: Callable[[Scenario], Mapping[str, str]]
    storage: str | None
    at: datetime
    commits: bool
    needs_tls: bool
    pins: frozenset[str] = frozenset()

    @property
    def replay_id(self) -> str:
        """The id of this replay: the same for the same snapshot, target and instant."""
        whole = {
            "snapshot": self.scenario.snapshot_sha256,
            "target": self.scenario.target,
            "at": format_instant(self.at),
        }
        return f"replay-{sha256(canonical(whole)).hexdigest()[:_ID_DIGITS]}"

    @property
    def payload(self) -> Payload:
        """The payload that is rehearsed."""
        snapshot = self.scenario.document["snapshot"]
        assert isinstance(snapshot, dict)
        return Payload(snapshot["schema"], snapshot["tables"])
