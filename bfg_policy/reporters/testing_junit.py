"""The `junit` format of a run of tests: a suite a suite, and one each for coverage and mutation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.junit import located_case, xml_text
from bfg_policy.reporters.results import Tested
from bfg_policy.reporters.sentences import details_of
from bfg_policy.reporters.testing import by_suite, testing_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from junitparser import Failure, TestCase, TestSuite

    from bfg_policy.errors import Finding
    from bfg_policy.reporters.results import Result, Style
    from bfg_policy.testing.results import Run
    from bfg_policy.testing.types import Outcome

# No suite can be called so: its name has no dot.
_COVERAGE = "bfg-policy.coverage"
_MUTATION = "bfg-policy.mutation"
_WARNINGS = "bfg-policy.files"


def report(result: Result, _style: Style) -> str:
    """The run as JUnit XML, in UTF-8."""
    from junitparser import JUnitXml, TestSuite

    assert isinstance(result, Tested)
    run = result.run
    whole = JUnitXml("bfg-policy")
    for name, outcomes in by_suite(run).items():
        suite = TestSuite(visible(name))
        suite.add_testcases([_test(outcome) for outcome in outcomes])
        whole.add_testsuite(suite)
    for suite in _others(run):
        whole.add_testsuite(suite)
    return xml_text(whole)


def _test(outcome: Outcome) -> TestCase:
    made = located_case(outcome.name, outcome.suite, outcome.place)
    made.result = [_failure(failure) for failure in outcome.failures]
    return made


def _failure(finding: Finding) -> Failure:
    from junitparser import Failure

    failure = Failure(visible(finding.message), finding.code)
    where = str(finding.place)
    failure.text = "\n".join(visible(text) for text in (where, *details_of(finding)))
    return failure


def _others(run: Run) -> list[TestSuite]:
    """What was asked for besides the tests, each with a case for every finding."""
    asked = [
        (_COVERAGE, run.coverage is not None, run.gaps),
        (_MUTATION, run.mutation is not None, run.leaks),
        (_WARNINGS, bool(run.warnings), run.warnings),
    ]
    sentences = list(testing_sentences(run))
    return [_suite(name, findings, sentences) for name, is_asked, findings in asked if is_asked]


def _suite(name: str, findings: Sequence[Finding], sentences: Sequence[str]) -> TestSuite:
    from junitparser import TestSuite

    suite = TestSuite(name)
    suite.add_property("summary", visible("; ".join(sentences)))
    for finding in findings:
        # Without its place: reports know a case by its name, and lines move.
        made = located_case(f"{finding.code} {finding.message}", name, finding.place)
        if finding.is_error:
            made.result = _failure(finding)
        else:
            made.system_out = visible(f"{finding.severity}: {finding.message}")
        suite.add_testcase(made)
    return suite
