"""What reporters are given: judgements, findings where nothing was judged; and how to look."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from bfg_policy.comparison.types import Comparison
    from bfg_policy.errors import Finding
    from bfg_policy.pack import Pack
    from bfg_policy.readiness import Readiness
    from bfg_policy.scenario import Scenario
    from bfg_policy.testing.results import Run


class Judged(NamedTuple):
    """A scenario was judged. required: the boards that had to be ready for exit 0."""

    pack: Pack
    scenario: Scenario
    readiness: Readiness
    required: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool:
        """Whether all that was required is ready, and no error finding stands."""
        return not (self.readiness.unmet(self.required) or self.readiness.has_errors)


class Findings(NamedTuple):
    """Nothing was judged, or only policies were looked at: all that there is are findings."""

    findings: tuple[Finding, ...]


class Entry(NamedTuple):
    """One scenario of several.

    path: as it was given. readiness: None where it could not be judged. findings: what is wrong
    with it, all the same. exit: the code that it alone would give.
    """

    path: str
    readiness: Readiness | None
    findings: tuple[Finding, ...]
    exit: int


class Several(NamedTuple):
    """Several scenarios, judged by one pack, in the order in which they were given.

    required: the boards that had to be ready in each. findings: what is wrong between them.
    exit: the code of them all.
    """

    entries: tuple[Entry, ...]
    required: tuple[str, ...]
    findings: tuple[Finding, ...]
    exit: int

    @property
    def names(self) -> tuple[str, ...]:
        """What each is called: by its id; by its path, too, where several have that id."""
        times = Counter(readiness.scenario for readiness in self.judged)
        return tuple(
            path
            if readiness is None
            else f"{readiness.scenario} ({path})"
            if times[readiness.scenario] > 1
            else readiness.scenario
            for path, readiness, *_ in self.entries
        )

    @property
    def judged(self) -> tuple[Readiness, ...]:
        """The results of those that could be judged."""
        return tuple(entry.readiness for entry in self.entries if entry.readiness is not None)


class Compared(NamedTuple):
    """Two judgements were compared."""

    comparison: Comparison


class Tested(NamedTuple):
    """The tests of a pack were run."""

    run: Run

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong: failures, gaps of coverage, survivors, warnings."""
        return self.run.findings


Result: TypeAlias = Judged | Findings | Several | Compared | Tested


class Style(NamedTuple):
    """How text may look. width: columns that it should keep to; never asked of a terminal here."""

    color: bool = False
    width: int = 100


PLAIN = Style()
