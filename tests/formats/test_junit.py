"""JUnit, as junitparser reads it: what passes, what is skipped, what fails."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from junitparser import JUnitXml, TestCase

from bfg_policy.errors import Finding, Place
from bfg_policy.reporters import Findings, Judged, format_result
from tests.formats.results import entry, reference, several, telling
from tests.rendering.hostile import strings
from tests.rendering.judgements import FUTURE, library


def cases_of(text: str) -> dict[str, TestCase]:
    """All cases, by class and name."""
    return {
        f"{case.classname}/{case.name}": case
        for suite in JUnitXml.fromstring(text.encode())
        for case in suite
    }


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text.encode("utf-8"))  # noqa: S314 - we wrote it


def outcome(case: TestCase) -> str:
    if not case.result:
        return "passed"
    (result,) = case.result
    return f"{type(result).__name__}: {result.message}"


def test_a_gate_fails_only_where_it_was_required() -> None:
    cases = cases_of(format_result("junit", Judged(*library(), ("pilot",))))
    assert {name: outcome(case) for name, case in cases.items()} == {
        "paperwork/licence": "passed",
        "paperwork/privacy": "passed",
        "pilot/import": "Failure: next: no evidence of `ImportRun.v1` is recorded",
        "pilot/search": "Failure: blocked: waits for `pilot/import`",
        "launch/backup": "Error: invalid: evidence `backup` is from the future",
        "launch/open": "Skipped: blocked: waits for board `pilot`, `launch/backup`;"
        " root cause `pilot/import`",
        f"bfg-policy.findings/BFG504 scenarios/opening.yaml: {FUTURE.message}": "Error: "
        + FUTURE.message,
    }
    assert cases["paperwork/privacy"].system_out == (
        "waived: the form is late (approved by ada until 2026-12-01T00:00:00Z)"
    )


def test_the_counts_of_the_suites_are_right() -> None:
    (suite,) = xml = JUnitXml.fromstring(
        format_result("junit", Judged(*library(), ("pilot",))).encode()
    )
    assert (suite.name, suite.tests, suite.failures, suite.errors, suite.skipped) == (
        *("opening", 7, 2, 2, 1),
    )
    assert (xml.tests, xml.failures, xml.errors, xml.skipped) == (7, 2, 2, 1)


def test_a_demo_of_which_nothing_is_required_fails_nothing() -> None:
    (suite,) = JUnitXml.fromstring(format_result("junit", reference()).encode())
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (85, 0, 0, 68)


def test_a_warning_passes_and_is_told() -> None:
    warning = Finding("BFG506", "too old", Place("a.yaml", 3), severity="warning", hint="run it")
    (case,) = cases_of(format_result("junit", Findings((warning,)))).values()
    assert case.is_passed
    assert case.system_out == "warning: too old\nrun it"


def test_a_case_tells_where_it_stands() -> None:
    root = parsed(format_result("junit", reference()))
    case = next(root.iter("testcase"))
    assert case.get("file") == "policies/provider-contracts.yaml"
    assert int(case.get("line", "0")) > 1


def test_each_of_several_scenarios_has_a_suite() -> None:
    result = several(entry("scenarios/production-go"), entry("README.md"))
    suites = list(JUnitXml.fromstring(format_result("junit", result).encode()))
    assert [(suite.name, suite.tests, suite.errors) for suite in suites] == [
        ("production-go", 85, 0),
        ("README.md", 1, 1),
    ]


def test_nothing_to_report_is_an_empty_report() -> None:
    text = format_result("junit", Findings(()))
    (suite,) = JUnitXml.fromstring(text.encode())
    assert (suite.tests, text.count("no findings")) == (0, 1)


@given(st.text())
def test_any_text_is_xml(text: str) -> None:
    assert_read(text)


def test_every_hostile_text_stays_in_its_case() -> None:
    for text in strings():
        assert_read(text)


def assert_read(text: str) -> None:
    root = parsed(format_result("junit", telling(text)))
    tags = [element.tag for element in root.iter()]
    assert tags.count("testcase") == 9
    assert set(tags) <= {
        *("testsuites", "testsuite", "testcase", "properties", "property"),
        *("failure", "error", "skipped", "system-out"),
    }
