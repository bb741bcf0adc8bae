"""The immutable result of a judgement, and what is derived from it. No rule is evaluated here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from bfg_policy.errors import Finding, Place

Status = Literal["ready", "waived", "next", "blocked", "invalid"]
STATUSES: tuple[Status, ...] = ("ready", "waived", "next", "blocked", "invalid")
READY: frozenset[Status] = frozenset({"ready", "waived"})
ACTIONABLE: frozenset[Status] = frozenset({"next", "invalid"})

# Why a gate is what it is; each gate has exactly one.
Reason = Literal[
    "proved",  # ready: its own proof holds, and all its needs are ready
    "needs-ready",  # ready: it only aggregates its needs
    "waived",
    "needs",  # blocked
    "rule-false",
    "proof-missing",  # a fact or a section of the evidence that the rule reads is not there
    "evidence-missing",
    "evidence-expired",
    "evidence-not-live",
    "acceptance-missing",
    "acceptance-expired",
    "acceptance-withdrawn",
    "rule-error",
    "evidence-invalid",
    "acceptance-invalid",
]

Texts = Mapping[str, str]  # by language code


class PackId(NamedTuple):
    """Which pack judged: its id, its version (None where it names none), its files' SHA-256."""

    id: str
    version: str | None
    sha256: str


class Reading(NamedTuple):
    """A condition of a rule that is not what the rule needs, and one value that it read.

    condition, source: the condition and where it stands in the policy. path, value, place: where
    in the data the value stands, what it is in words, and where it is written; path is None
    where the condition reads no data, value where nothing is there, place where no file tells.
    """

    condition: str
    source: Place
    path: str | None
    value: str | None
    place: Place | None


class Approval(NamedTuple):
    """What an acceptance or a waiver tells about a gate to people: who, when, until when, why."""

    by: str
    at: datetime | None
    expires: datetime | None
    text: str | None


class GateResult(NamedTuple):
    """What one gate is, and why.

    needs: the gates and boards (`board/*`) that it waits for; root_causes: of a blocked gate,
    the `next` and `invalid` gates reached through its needs, in the pack's order; unblocks: how
    many gates that are not ready wait for it, directly or not; readings: why its rule is false.
    """

    id: str
    board: str
    key: str
    title: Texts
    owner: str
    status: Status
    reason: Reason
    because: str
    needs: tuple[str, ...]
    root_causes: tuple[str, ...]
    unblocks: int
    remedy: Texts
    labels: Mapping[str, str]
    acceptance: Approval | None
    waiver: Approval | None
    source: Place
    readings: tuple[Reading, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether it counts as ready: a waived gate does, too."""
        return self.status in READY


class BoardResult(NamedTuple):
    """How far a board is, and what it decides. decision: None where it has no ladder."""

    id: str
    contract: str | None
    title: Texts
    owner: str
    gates: tuple[str, ...]
    ready: int
    total: int
    decision: str | None
    also: Mapping[str, str]

    @property
    def is_ready(self) -> bool:
        """Whether all its gates are."""
        return self.ready == self.total


class Score(NamedTuple):
    """How many of a score's boards are ready, and how many have at least begun."""

    ready: int
    started: int
    total: int

    @property
    def started_percent(self) -> int:
        """`started` of `total` in percent, half rounded up; whole, 0 to 100."""
        return (200 * self.started + self.total) // (2 * self.total)


class OwnerResult(NamedTuple):
    """What one role can do and what it waits for; gate ids, those that hold back most first."""

    role: str
    actors: tuple[str, ...]
    next: tuple[str, ...]
    invalid: tuple[str, ...]
    blocked: tuple[str, ...]


class Observation(NamedTuple):
    """An evidence record that nothing speaks against, for packets and reports to quote.

    sections: the record without the sections whose status is not `pass`; expired: whether it is
    too old for a gate that asks for it.
    """

    name: str
    contract: str
    collector: str
    observed_at: datetime
    live: bool
    expired: bool
    sections: Mapping[str, object]


class Change(NamedTuple):
    """The first instant at which time alone changes a status, of which gate, and what happens."""

    at: datetime
    gate: str
    why: str


class Readiness(NamedTuple):
    """The whole result. Gates and boards stand in the pack's order."""

    scenario: str
    target: str
    at: datetime
    pack: PackId
    verdict: str | None
    gates: Mapping[str, GateResult]
    boards: Mapping[str, BoardResult]
    scores: Mapping[str, Score]
    owners: Mapping[str, OwnerResult]
    observations: Mapping[str, Observation]  # by contract
    next_action: str | None  # a gate's id
    next_change: Change | None
    findings: tuple[Finding, ...]

    @property
    def total(self) -> int:
        """How many gates there are."""
        return len(self.gates)

    @property
    def ready(self) -> int:
        """How many gates are ready or waived."""
        return sum(gate.is_ready for gate in self.gates.values())

    @property
    def counts(self) -> dict[Status, int]:
        """How many gates there are of each status, in the order of STATUSES."""
        counts: dict[Status, int] = dict.fromkeys(STATUSES, 0)
        for gate in self.gates.values():
            counts[gate.status] += 1
        return counts

    @property
    def has_errors(self) -> bool:
        """Whether an error finding stands."""
        return any(finding.is_error for finding in self.findings)

    def unmet(self, required: Iterable[str]) -> tuple[str, ...]:
        """Of the boards that are required, those that are not ready, in the given order."""
        return tuple(board for board in required if not self.boards[board].is_ready)
