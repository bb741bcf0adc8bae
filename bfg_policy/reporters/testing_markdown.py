"""The `markdown` format of a run of tests: the counts, and a table of what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.packets.context import finding_data
from bfg_policy.rendering.engine import engine_templates
from bfg_policy.rendering.limits import Limits
from bfg_policy.rendering.renderer import ENGINE, Renderer
from bfg_policy.reporters.results import Tested
from bfg_policy.reporters.testing import by_suite, testing_sentences, testing_title

if TYPE_CHECKING:
    from bfg_policy.reporters.results import Result, Style

Data = dict[str, object]


def report(result: Result, _style: Style) -> str:
    """The run as GitHub's Markdown."""
    assert isinstance(result, Tested)
    run = result.run
    _, *sentences = testing_sentences(run)
    failures: list[Data] = [
        {"test": f"{outcome.suite}: {outcome.name}", **finding_data(failure)}
        for outcome in run.failed
        for failure in outcome.failures
    ]
    others = [finding_data(finding) for finding in (*run.gaps, *run.leaks, *run.warnings)]
    context: Data = {
        "title": testing_title(run),
        "sentences": sentences,
        "suites": [
            {
                "name": name,
                "passed": sum(outcome.passed for outcome in outcomes),
                "total": len(outcomes),
            }
            for name, outcomes in by_suite(run).items()
        ],
        "failures": failures,
        "findings": others,
    }
    limits = Limits.of_gates(len(run.outcomes) + len(failures) + len(others))
    return Renderer({}, engine_templates(), limits).render(f"{ENGINE}tests.md", context)
