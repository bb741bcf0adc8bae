"""Annotations: CI systems obey our commands, and nothing that a stranger wrote."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy.errors import Finding, Place
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters import COMMANDS, REPORTERS, Findings, Judged, format_result
from bfg_policy.reporters.ci import ci_safe
from tests.formats.results import telling, wrong
from tests.formats.runners import (
    Command,
    azure_commands,
    github_command,
    github_commands,
    gitlab_marks,
    lines_of,
)
from tests.rendering.hostile import strings
from tests.rendering.judgements import library

UNKNOWN = Finding(
    "BFG201",
    "unknown field `a,b: 100%`",
    Place("policies/x,y:z%41.yaml", 5, 3, 4),
    hint="look; [twice]",
    suggestion="ab",
)


# The rules themselves: what the runners do with lines that others have been caught by.
@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("::error file=a%3Ab,col=1::x%0A", Command("error", {"file": "a:b", "col": "1"}, "x\n")),
        ("::debug::%25%0D", Command("debug", {}, "%\r")),
        ("  \u3000::debug::x", Command("debug", {}, "x")),
        ("x ::debug::x", None),
        ("::frobnicate::x", None),
        ("::error x", None),
        ("x ##[add-mask]y", Command("add-mask", {}, "y")),
        ("x ##[set-output name=a%3Bb]y", Command("set-output", {"name": "a;b"}, "y")),
        ("x ##[frobnicate]y", None),
    ],
)  # fmt: skip
def test_what_githubs_runner_obeys(line: str, command: Command | None) -> None:
    assert github_command(line) == command


def test_what_azures_agent_obeys() -> None:
    (command,) = azure_commands("x ##vso[task.logissue type=error;code=a%3Bb;]m %3B%AZP25")
    assert command == Command("task.logissue", {"type": "error", "code": "a;b"}, "m ;%")
    assert azure_commands("##vso[task] x\n##vso [task.x]y") == []


def test_a_finding_is_one_annotation_at_its_token() -> None:
    found, summary = github_commands(format_result("github", Findings((UNKNOWN,))))
    assert found == Command(
        "error",
        {
            "title": "BFG201: an unknown field",
            "file": "policies/x,y:z%41.yaml",
            "line": "5",
            "col": "3",
            "endColumn": "7",
        },
        "unknown field `a,b: 100%`\ndid you mean `ab`?\nlook; [twice]",
    )
    assert summary == Command("notice", {"title": "bfg-policy: 1 error"}, "1 error")


@pytest.mark.parametrize("percents", [True, False])
def test_a_finding_is_one_issue_at_its_token(*, percents: bool) -> None:
    (found,) = azure_commands(format_result("azure", Findings((UNKNOWN,))), percents=percents)
    assert found == Command(
        "task.logissue",
        {
            "type": "error",
            "sourcepath": "policies/x,y:z%41.yaml",
            "linenumber": "5",
            "columnnumber": "3",
            "code": "BFG201",
        },
        "unknown field `a,b: 100%`. did you mean `ab`?. look; [twice]",
    )


def test_only_findings_and_gates_that_are_wrong_are_annotated() -> None:
    titles = [
        command.properties["title"].split(":")[0]
        for command in github_commands(format_result("github", Judged(*library(), ("pilot",))))
    ]
    assert titles == ["BFG504", "invalid-gate", "required-gate", "required-gate", "bfg-policy"]
    codes = [
        command.properties["code"]
        for command in azure_commands(format_result("azure", Judged(*library(), ("pilot",))))
    ]
    assert codes == ["BFG504", "invalid-gate", "required-gate", "required-gate"]


@pytest.mark.parametrize("form", sorted(COMMANDS))
def test_nothing_to_report_is_still_a_summary(form: str) -> None:
    lines = format_result(form, Findings(())).splitlines()
    assert len(lines) == 1
    assert lines[0].endswith("no findings")


def broken(text: str) -> str:
    """A text without what Azure's agent would read as another character."""
    return re.sub("%(?=3B|0D|0A|5D|AZP25|VSTS)", "%\\\\", text, flags=re.IGNORECASE)


def test_what_is_told_reads_back() -> None:
    for text in (*strings(), "a%0Ab%25c%3Ad", "a]b;c=d%5De", "%AZP25"):
        if len(text) > 1_000:
            continue
        found = Finding("BFG101", text, Place(text or None, 3, 4))
        told = ci_safe(visible(text))
        annotation, _ = github_commands(format_result("github", Findings((found,))))
        assert annotation.data == told[:4096]
        assert annotation.properties.get("file", "") == told
        for percents in (True, False):
            (issue,) = azure_commands(format_result("azure", Findings((found,))), percents=percents)
            assert issue.data == broken(told)
            assert issue.properties.get("sourcepath", "") == broken(told)


# Limits.


@pytest.mark.parametrize("form", sorted(COMMANDS))
def test_of_many_findings_the_worst_are_shown_and_the_rest_is_said(form: str) -> None:
    errors = wrong(12).findings
    warnings = tuple(each._replace(severity="warning") for each in wrong(11).findings)
    notes = tuple(each._replace(severity="note") for each in wrong(9).findings)
    log = format_result(form, Findings((*notes, *warnings, *errors)))
    commands = github_commands(log) if form == "github" else azure_commands(log)
    kinds = [each.properties["type"] if form == "azure" else each.name for each in commands]
    expected = [*["error"] * 10, *["warning"] * 10]
    assert kinds == (expected if form == "azure" else [*expected, *["notice"] * 10])
    assert log.splitlines()[-1].endswith("; not shown here: 2 errors, 1 warning more")


def test_a_long_message_is_cut_where_the_runner_would_cut_it() -> None:
    finding = UNKNOWN._replace(message="%" * 5_000, hint=None, suggestion=None)
    found, _ = github_commands(format_result("github", Findings((finding,))))
    assert found.data == "%" * 4_095 + "…"
    (issue,) = azure_commands(format_result("azure", Findings((finding,))))
    assert issue.data == "%" * 4_095 + "…"


# Hostile text.


def expected_names(form: str) -> list[str]:
    """What is obeyed where nothing is hostile."""
    log = format_result(form, telling("harmless"))
    commands = github_commands(log) if form == "github" else azure_commands(log)
    return [command.name for command in commands]


GITHUB, AZURE = expected_names("github"), expected_names("azure")


def assert_obeyed(text: str) -> None:
    """Of a result that tells a text everywhere, nothing but our own annotations is obeyed."""
    result = telling(text)
    log = format_result("github", result)
    commands = github_commands(log)
    assert [command.name for command in commands] == GITHUB, ascii(text)
    # The runner prints what it was told, line by line: none of that may be a command, either.
    for command in commands:
        for told in (command.data, *command.properties.values()):
            assert github_commands(told) == azure_commands(told) == [], ascii(text)
            assert "##[" not in told
        assert set(command.properties) <= {"title", "file", "line", "col", "endColumn"}
    azure = format_result("azure", result)
    obeyed = azure_commands(azure)
    assert [command.name for command in obeyed] == AZURE, ascii(text)
    for command in obeyed:
        for told in (command.data, *command.properties.values()):
            assert len(lines_of(told)) == 1, ascii(text)
            assert "##" not in told or "##[" not in told.lower()
        assert set(command.properties) <= {
            *("type", "sourcepath", "linenumber", "columnnumber", "code")
        }
    assert gitlab_marks(log) == gitlab_marks(azure) == []


def test_nothing_hostile_is_obeyed() -> None:
    for text in strings():
        assert_obeyed(text)


@given(st.text(st.sampled_from("#[]:;=,%253BADO0\n\r \t\x1bvsotask.xg*errordebug|"), max_size=30))
def test_nothing_that_looks_like_a_command_is_obeyed(text: str) -> None:
    assert_obeyed(text)


@pytest.mark.parametrize("form", [name for name in REPORTERS if name not in COMMANDS])
def test_no_other_format_is_obeyed_in_a_log(form: str) -> None:
    for text in strings()[::3]:
        log = ci_safe(format_result(form, telling(text)))
        assert github_commands(log) == azure_commands(log) == [], ascii(text)
        assert gitlab_marks(log) == [], ascii(text)
