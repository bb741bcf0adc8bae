"""The `text` format of a run of tests: what failed and why, then the counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.excerpts import finding_block, tally
from bfg_policy.reporters.painting import Painter
from bfg_policy.reporters.results import PLAIN, Tested
from bfg_policy.reporters.testing import testing_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.errors import Finding
    from bfg_policy.reporters.results import Result, Style
    from bfg_policy.testing.results import Run


def report(result: Result, style: Style = PLAIN) -> str:
    """The run for a terminal of `style.width` columns."""
    assert isinstance(result, Tested)
    return "\n\n".join("\n".join(block) for block in _blocks(result.run, style)) + "\n"


def _blocks(run: Run, style: Style) -> Iterator[list[str]]:
    painter = Painter(style)
    for outcome in run.failed:
        name = visible(f"{outcome.suite}: {outcome.name}")
        where = painter.dim(f"  {visible(str(outcome.place))}")
        yield [painter.paint("FAILED", "bold", "red") + f" {painter.bold(name)}{where}"]
        for failure in outcome.failures:
            yield [finding_block(failure, style)]
    if run.gaps:
        yield [_line(gap, painter) for gap in run.gaps]
    for finding in (*run.leaks, *run.warnings):
        yield [finding_block(finding, style)]
    yield list(testing_sentences(run))
    yield [_outcome(run, painter)]


def _line(gap: Finding, painter: Painter) -> str:
    """One line, for there may be many, and their places say it all."""
    severity = painter.severity(gap.severity, f"{gap.severity}[{gap.code}]")
    return f"{severity}: {visible(str(gap.place))}: {visible(gap.message)}"


def _outcome(run: Run, painter: Painter) -> str:
    """The last line: what the exit code means."""
    errors = [finding for finding in run.findings if finding.is_error]
    if errors:
        return painter.paint(f"exit 1: {tally(errors)} above", "red")
    return painter.paint("exit 0: the policies say what the tests expect", "green")
