"""What tests of policies are made of: cases, what they expect, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bfg_policy.errors import Finding, Place
    from bfg_policy.readiness import Reason, Status
    from bfg_policy.scenario.merged import Merged
    from bfg_policy.source import Document

Path = tuple[str | int, ...]


class Spot(NamedTuple):
    """A path of a document; where it stands is told only when somebody asks."""

    document: Document
    path: Path

    def below(self, *steps: str | int) -> Spot:
        """A part of what is here."""
        return Spot(self.document, (*self.path, *steps))

    @property
    def place(self) -> Place:
        """Where the value stands."""
        return self.document.place(self.path)

    @property
    def key(self) -> Place:
        """Where the value's key stands."""
        return self.document.place(self.path, key=True)

    def within(self, start: int, end: int) -> Place:
        """Where the code points [start:end] of the text that stands here are."""
        return self.document.place_in(self.path, start, end)


class GateExpected(NamedTuple):
    """What a gate must be. reason: None where any will do."""

    status: Status
    reason: Reason | None
    spot: Spot

    def __str__(self) -> str:
        return self.status if self.reason is None else f"{self.status} ({self.reason})"


class Expected(NamedTuple):
    """What a case must give; whatever is None is not looked at.

    gates, owners, decisions: by id; of `owners` those of gates, and of boards by their bare id.
    also: by board and word. passes: whether `check` does, by what the pack requires.
    findings: the codes; None where no error may stand.
    """

    gates: Mapping[str, GateExpected]
    decisions: Mapping[str, tuple[str, Spot]]
    also: Mapping[tuple[str, str], tuple[str, Spot]]
    owners: Mapping[str, tuple[str, Spot]]
    verdict: tuple[str, Spot] | None
    passes: tuple[bool, Spot] | None
    ready: tuple[int, Spot] | None
    findings: tuple[frozenset[str], Spot] | None


class Case(NamedTuple):
    """One scenario that is judged, and what must come out.

    suite, test: names; label: of the row of a table, else None. merged: the whole document, with
    all changes made. spot: where the case is written.
    """

    suite: str
    test: str
    label: str | None
    at: datetime
    merged: Merged
    expected: Expected
    spot: Spot

    @property
    def name(self) -> str:
        """The test with its row, as people call it."""
        return self.test if self.label is None else f"{self.test} [{self.label}]"


class Explained(NamedTuple):
    """A weakened policy that no test can notice, by the word of a suite. spot: its name."""

    mutant: str
    because: str
    spot: Spot


class Suites(NamedTuple):
    """Everything that was read: cases in the order of the files, explanations, and warnings."""

    cases: tuple[Case, ...]
    explained: tuple[Explained, ...]
    warnings: tuple[Finding, ...]


class Judged(NamedTuple):
    """What of a judgement tests look at.

    gates: status, reason and why of each. is_ready: of every node of the graph. decisions: code
    and further words by board. findings: without those about the pack itself.
    """

    gates: Mapping[str, tuple[Status, Reason, str]]
    is_ready: Mapping[str, bool]
    decisions: Mapping[str, tuple[str, Mapping[str, str]]]
    findings: Sequence[Finding]


class Outcome(NamedTuple):
    """What came of one case: nothing is wrong, or there are failures (BFG532).

    covered: what it has shown of the pack, by the names that `coverage` gives; nothing if it
    failed.
    """

    suite: str
    name: str
    at: datetime
    place: Place
    failures: tuple[Finding, ...]
    covered: frozenset[str]

    @property
    def passed(self) -> bool:
        """Whether everything came out as it must."""
        return not self.failures
