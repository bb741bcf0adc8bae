"""A run of tests in every format: the same counts, read by real readers, and inert."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml  # type: ignore[import-untyped, unused-ignore]
from syrupy.assertion import SnapshotAssertion
from tap.parser import Parser  # type: ignore[import-untyped, unused-ignore]

from bfg_policy import reporters
from bfg_policy.errors import Finding, Place, Related
from bfg_policy.readiness import PackId
from bfg_policy.reporters import REPORTERS, Style, format_result
from bfg_policy.reporters.ci import ci_safe
from bfg_policy.testing.coverage import Coverage, Goal
from bfg_policy.testing.results import Run
from bfg_policy.testing.types import Outcome
from tests.formats.runners import azure_commands, github_commands, gitlab_marks
from tests.rendering.github import Shown
from tests.rendering.hostile import strings
from tests.reporters.test_json import validator
from tests.testing import shop
from tests.testing.test_running import BROKEN

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def wholly_tested(folder: Path, form: str, *options: str) -> str:
    """A run in which tests fail, and another in which weak policies are not noticed."""
    return shop.tested(folder, "--format", form, *options).stdout


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    return shop.write(tmp_path, BROKEN)


@pytest.fixture
def thin(tmp_path: Path) -> Path:
    """Tests that pass and leave much unseen."""
    explained = [
        {"mutant": "waivers: clerk may approve them", "because": "so it is"},
        {"mutant": "waivers: nobody may", "because": "what was this?"},
    ]
    expect = {"verdict": "OPEN", "gates": {"opening/open": "ready"}}
    return shop.write(tmp_path, shop.suite({"test": "a", "expect": expect}, survivors=explained))


@pytest.mark.parametrize("form", ["json", "junit", "tap", "markdown", "github"])
def test_failures(form: str, broken: Path, snapshot: SnapshotAssertion) -> None:
    assert wholly_tested(broken, form) == snapshot


@pytest.mark.parametrize("form", ["text", "json", "junit", "tap", "markdown"])
def test_gaps_and_survivors(form: str, thin: Path, snapshot: SnapshotAssertion) -> None:
    assert wholly_tested(thin, form, "--min-coverage", "50", "--mutate") == snapshot


def test_coverage_may_just_reach_what_it_must(thin: Path) -> None:
    percent = json.loads(wholly_tested(thin, "json", "--coverage"))["coverage"]["percent"]
    assert 0 < percent < 99
    asked = [str(percent + more) for more in (-1, 0, 1)]
    ran = [shop.tested(thin, "--min-coverage", each) for each in asked]
    assert [each.code for each in ran] == [0, 0, 1]
    assert ["error[" in each.stdout for each in ran] == [False, False, True]


@pytest.mark.parametrize("options", [[], ["--coverage"], ["--min-coverage", "99", "--mutate"]])
@pytest.mark.parametrize("which", ["broken", "thin"])
def test_it_is_what_its_contract_says(
    which: str, options: list[str], request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(which)
    document = json.loads(wholly_tested(folder, "json", *options))
    contract = validator("test_results.v1")
    contract.validate(document)
    schema: Any = contract.schema
    assert set(document) == set(schema["properties"])
    if document["mutation"] is not None:
        tried = document["mutation"]
        told = [tried["noticed"], len(tried["explained"]), len(tried["survivors"])]
        assert sum(told) == tried["total"]


@pytest.mark.parametrize("which", ["broken", "thin"])
def test_all_formats_count_alike(which: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(which)
    options = ["--min-coverage", "99", *(["--mutate"] if which == "thin" else [])]
    text = {form: wholly_tested(folder, form, *options) for form in REPORTERS}
    found = json.loads(text["json"])
    failures = [each for test in found["tests"] for each in test["failures"]]
    errors = [each for each in [*failures, *found["findings"]] if each["severity"] == "error"]
    failed = found["failed"] + sum(each["severity"] == "error" for each in found["findings"])
    assert text["text"].count("error[BFG") == len(errors)
    assert text["text"].count("FAILED ") == found["failed"]
    junit = JUnitXml.fromstring(text["junit"].encode())
    cases = [case for suite in junit for case in suite]
    assert sum(not case.is_passed for case in cases) == failed
    points = [line for line in Parser().parse_text(text["tap"]) if line.category == "test"]
    assert sum(not point.ok for point in points) == failed
    assert len(points) == len(cases) == found["total"] + len(found["findings"])
    (sarif,) = json.loads(text["sarif"])["runs"]
    assert sum(each["level"] == "error" for each in sarif["results"]) == len(errors)
    assert len(json.loads(text["gitlab"])) == len(failures) + len(found["findings"])
    for form in ("github", "azure", "markdown", "text", "tap"):
        told = f"{found['failed']} failed" if found["failed"] else "all passed"
        assert told in text[form], form


def hostile(text: str) -> reporters.Tested:
    """A run in which every text that comes from files is this one."""
    place = Place(text, 1, 1, 1, text)
    finding = Finding(
        "BFG532",
        text,
        place,
        note=text,
        hint=text,
        suggestion=text,
        related=(Related(place, text),),
    )
    outcomes = (
        Outcome("suite", text, AT, place, (finding, finding), frozenset()),
        Outcome("suite", text, AT, place, (), frozenset()),
    )
    covered = Coverage(3, (Goal("x", text, text, text, place),))
    pack = PackId(text, text, "0" * 64)
    return reporters.Tested(
        Run(pack, outcomes, covered, 90, None, (finding._replace(severity="warning"),))
    )


@pytest.mark.parametrize("form", ["text", "json", "junit", "tap", "markdown"])
def test_nothing_breaks_out(form: str) -> None:
    # Each takes a template's environment of its own in Markdown, so a part must do there.
    for text in strings()[:: 10 if form == "markdown" else 1]:
        written = format_result(form, hostile(text))
        assert "\x1b" not in written
        in_ci = ci_safe(written)  # as it is printed there
        assert github_commands(in_ci) == azure_commands(in_ci) == [], text
        assert gitlab_marks(in_ci) == [], text
        if form == "json":
            assert json.loads(written)["tests"][0]["test"] == text
        elif form == "junit":
            cases = [case for suite in JUnitXml.fromstring(written.encode()) for case in suite]
            assert [len(case.result) for case in cases] == [2, 0, 1, 0]
        elif form == "tap":
            lines = list(Parser().parse_text(written))
            points = [line for line in lines if line.category == "test"]
            assert [(point.ok, point.todo, point.skip) for point in points] == [
                (False, False, False),
                (True, False, False),
                (False, False, False),
                (True, False, False),
            ], text
            assert {line.category for line in lines} <= {"version", "plan", "test", "diagnostic"}
        elif form == "markdown":
            assert Shown(written).blocks == Shown(format_result(form, hostile("a"))).blocks, text


def test_colour_is_all_that_a_terminal_adds() -> None:
    plain = format_result("text", hostile("a"))
    painted = format_result("text", hostile("a"), Style(color=True))
    assert painted != plain == re.sub(r"\x1b\[[0-9;]*m", "", painted)
