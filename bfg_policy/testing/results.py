"""What came of a whole run of tests, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.errors import in_order
from bfg_policy.testing import coverage, mutation

if TYPE_CHECKING:
    from bfg_policy.errors import Finding, Severity
    from bfg_policy.readiness import PackId
    from bfg_policy.testing.coverage import Coverage
    from bfg_policy.testing.mutation import Mutation
    from bfg_policy.testing.types import Outcome


class Run(NamedTuple):
    """The tests of a pack were run.

    coverage, mutation: None where nobody asked. minimum: the percentage that coverage must reach,
    None where it need not. warnings: about files. wants_mutation: whether it was asked for; it is
    tried only where all tests pass.
    """

    pack: PackId
    outcomes: tuple[Outcome, ...]
    coverage: Coverage | None
    minimum: int | None
    mutation: Mutation | None
    warnings: tuple[Finding, ...]
    wants_mutation: bool = False

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The cases that did not come out as they must, in their order."""
        return tuple(outcome for outcome in self.outcomes if not outcome.passed)

    @property
    def is_covered(self) -> bool:
        """Whether coverage reaches what was asked for."""
        minimum = self.minimum
        return self.coverage is None or minimum is None or self.coverage.percent >= minimum

    @property
    def passed(self) -> bool:
        """Whether nothing failed, coverage is enough, and no survivor is unexplained."""
        return not any(finding.is_error for finding in self.findings)

    @property
    def gaps(self) -> tuple[Finding, ...]:
        """What coverage lacks: errors where it is less than was asked for, else warnings."""
        if self.coverage is None:
            return ()
        severity: Severity = "warning" if self.is_covered else "error"
        found = [each._replace(severity=severity) for each in coverage.findings(self.coverage)]
        return in_order(found)

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """Survivors that nobody explains, and explanations of what does not survive."""
        return () if self.mutation is None else in_order(mutation.findings(self.mutation))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong: failures in the order of the cases, then gaps, leaks and warnings."""
        failures = [finding for outcome in self.outcomes for finding in outcome.failures]
        return (*failures, *self.gaps, *self.leaks, *self.warnings)
