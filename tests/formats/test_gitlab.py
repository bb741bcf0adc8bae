"""GitLab's Code Quality report: what it needs of each issue, and its size."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bfg_policy.errors import Finding, Place
from bfg_policy.reporters import Findings, Judged, format_result, gitlab
from tests.formats.results import telling, wrong
from tests.rendering.hostile import strings
from tests.rendering.judgements import library


def issues_of(text: str) -> list[dict[str, Any]]:
    """The issues, each of which has what GitLab asks for, under a fingerprint of its own."""
    issues: list[dict[str, Any]] = json.loads(text)
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["description"]
        assert set(issue["location"]) == {"path", "lines"}
        assert issue["location"]["path"]
        assert not issue["location"]["path"].startswith("./")
        assert issue["location"]["lines"]["begin"] >= 1
    marks = [issue["fingerprint"] for issue in issues]
    assert len(set(marks)) == len(marks)
    return issues


def test_issues_are_the_worst_first() -> None:
    issues = issues_of(format_result("gitlab", Judged(*library(), ("pilot",))))
    assert [(issue["check_name"], issue["severity"]) for issue in issues] == [
        ("BFG504", "critical"),
        ("invalid-gate", "critical"),
        ("required-gate", "critical"),
        ("required-gate", "critical"),
    ]
    assert issues[0]["location"] == {"path": "scenarios/opening.yaml", "lines": {"begin": 31}}


def test_nothing_to_report_is_an_empty_list() -> None:
    assert format_result("gitlab", Findings(())) == "[]\n"


def test_the_same_mistake_twice_is_two_issues() -> None:
    twice = Findings(tuple(Finding("BFG101", "m", Place("a", line, 1, 1, "x")) for line in (1, 2)))
    assert len(issues_of(format_result("gitlab", twice))) == 2


def test_what_stands_in_no_file_is_told_of_the_folder() -> None:
    (issue,) = issues_of(format_result("gitlab", Findings((Finding("BFG101", "m"),))))
    assert issue["location"] == {"path": ".", "lines": {"begin": 1}}


def test_a_full_report_tells_what_it_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitlab, "MOST_BYTES", 5_000)
    text = format_result("gitlab", wrong(100))
    assert len(text) < 5_500
    *shown, last = issues_of(text)
    assert last["description"].startswith(f"{100 - len(shown)} more")
    assert 0 < len(shown) < 100


def test_every_hostile_text_is_one_line_of_one_issue() -> None:
    harmless = len(issues_of(format_result("gitlab", telling("harmless"))))
    for text in strings():
        issues = issues_of(format_result("gitlab", telling(text)))
        assert len(issues) == harmless, ascii(text)
        assert all(len(issue["description"].splitlines()) == 1 for issue in issues)
