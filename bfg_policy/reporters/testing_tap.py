"""The `tap` format of a run of tests: a test point a test, and one for each other finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.reporters.results import Tested
from bfg_policy.reporters.sentences import details_of
from bfg_policy.reporters.tap import Point, block, tap_text
from bfg_policy.reporters.testing import testing_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.errors import Finding
    from bfg_policy.reporters.results import Result, Style
    from bfg_policy.testing.results import Run
    from bfg_policy.testing.types import Outcome


def report(result: Result, _style: Style) -> str:
    """The run as TAP, version 13; the counts as comments."""
    assert isinstance(result, Tested)
    return tap_text(list(_points(result.run)), testing_sentences(result.run))


def _points(run: Run) -> Iterator[Point]:
    for outcome in run.outcomes:
        title = f"{outcome.suite}: {outcome.name}"
        yield Point(is_ok=outcome.passed, title=title, block=_failures(outcome))
    for finding in (*run.gaps, *run.leaks, *run.warnings):
        title = f"{finding.severity} {finding.code} {finding.place}: {finding.message}"
        yield Point(is_ok=not finding.is_error, title=title, block=_details(finding))


def _failures(outcome: Outcome) -> tuple[str, ...]:
    """All failures of a test in one block: a test point may have no more."""
    if not outcome.failures:
        return ()
    first, *others = outcome.failures
    return _details(first, [f"{each.place}: {each.message}" for each in others])


def _details(finding: Finding, also: list[str] | None = None) -> tuple[str, ...]:
    told = {"help": "; ".join(details_of(finding)), "also": "; ".join(also or ())}
    more = {key: text for key, text in told.items() if text}
    return block(finding.message, finding.severity, finding.place, more)
