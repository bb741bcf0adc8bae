"""What every machine format lays out: gates as cases, what is wrong as notices, and the counts.

All text in here is as it was written: each format escapes it in its own way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.errors import Finding, Place, Related, Severity
    from bfg_policy.readiness import GateResult

# What a test report says of a gate. It fails only where it was required; a gate that somebody
# has yet to see to is skipped, and one that cannot be judged is an error.
Outcome = Literal["passed", "skipped", "failed", "error"]

INVALID_GATE = "invalid-gate"
REQUIRED_GATE = "required-gate"
WAIVED_GATE = "waived-gate"

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


class Case(NamedTuple):
    """One gate, and what a test report says of it."""

    gate: GateResult
    outcome: Outcome


class Group(NamedTuple):
    """One scenario, or the policies alone: its gates, and what is wrong with it."""

    name: str
    cases: tuple[Case, ...] = ()
    findings: tuple[Finding, ...] = ()


class Notice(NamedTuple):
    """A finding, or a gate that is invalid, required and not ready, or waived.

    rule: the finding's code, or INVALID_GATE, REQUIRED_GATE, WAIVED_GATE. details: why it matters
    and what to do, sentence by sentence. excuse: of a waived gate, why it is.
    """

    rule: str
    severity: Severity
    message: str
    place: Place
    details: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    scenario: str | None = None
    gate: GateResult | None = None
    excuse: str | None = None


class View(NamedTuple):
    """One result, as all machine formats show it.

    id: a stable name of what was looked at. title: the outcome in a few words; summary: the
    counts in a sentence. counts: `scenarios`, `judged`, `gates`, gates by status, findings by
    severity. notices: the worst first.
    """

    id: str
    title: str
    summary: str
    counts: Mapping[str, int]
    groups: tuple[Group, ...]
    notices: tuple[Notice, ...]

    @property
    def is_several(self) -> bool:
        """Whether there are several scenarios, so that a gate is not named by its id alone."""
        return self.counts["scenarios"] > 1

    @property
    def sentence(self) -> str:
        """The outcome and the counts in one line."""
        return self.summary if self.title == self.summary else f"{self.title}: {self.summary}"
