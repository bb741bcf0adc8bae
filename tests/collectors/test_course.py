"""The order of an observation: what follows a failure is not run, and nothing passes unseen."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from bfg_policy.collectors.course import Checks, Course
from bfg_policy.collectors.faults import Unobservable
from bfg_policy.collectors.records import (
    Section,
    Target,
    all_passed,
    build_record,
    record_text,
    worse_sections,
)
from bfg_policy.collectors.transcript import transcript_text
from bfg_policy.digest import record_digest
from bfg_policy.instants import parse_instant
from bfg_policy.reporters import Style
from bfg_policy.source import parse_document

Look = Callable[[Checks], None]


def passes(checks: Checks) -> None:
    checks.facts["seen"] = 1
    checks.passed("a", "b")


def fails(checks: Checks) -> None:
    checks.failed("a", "b")
    checks.passed("c", "after it")


def requires(checks: Checks) -> None:
    checks.require("a", holds=False, found="b")
    pytest.fail("nothing more is looked at")


def cannot(checks: Checks) -> None:
    raise Unobservable("a", "b")


def breaks(checks: Checks) -> None:
    raise psycopg.OperationalError("connection to zqx failed")


def looks_at_nothing(checks: Checks) -> None:
    checks.note("a", "b")


COURSES: list[tuple[list[tuple[str, Look]], list[str]]] = [
    ([("x", passes), ("y", passes)], ["pass", "pass"]),
    ([("x", fails), ("y", passes)], ["fail", "not_run"]),
    ([("x", requires), ("y", passes)], ["fail", "not_run"]),
    ([("x", cannot), ("y", passes)], ["error", "not_run"]),
    ([("x", breaks), ("y", passes)], ["error", "not_run"]),
    ([("x", passes), ("y", fails), ("x", passes)], ["not_run", "fail"]),
    ([("x", passes), ("y", passes), ("x", fails)], ["fail", "pass"]),
    ([("x", looks_at_nothing), ("y", passes)], ["not_run", "pass"]),
    ([], ["not_run", "not_run"]),
]


@pytest.mark.parametrize(("looks", "statuses"), COURSES)
def test_how_sections_end(looks: list[tuple[str, Look]], statuses: list[str]) -> None:
    told: list[str] = []
    course = Course(("x", "y"), told.append)
    for section, look in looks:
        course.observe(section, look)
    assert [each.status for each in course.sections()] == statuses
    assert all_passed(course.sections()) is (statuses == ["pass", "pass"])
    assert "zqx" not in str(course.lines)


def test_a_transcript_is_by_section_and_shows_strangers_escaped() -> None:
    course = Course(("x", "y"), lambda _: None)
    course.observe("x", lambda checks: checks.passed("it \x1b[2Jholds", "\u202ereversed"))
    course.observe("y", lambda checks: checks.failed("it holds", "no\nerror: not so"))
    text = transcript_text("probe of `\x07`", course, Style(color=False))
    assert text == (
        "probe of `\\x07`\n"
        "\n"
        "x  pass\n"
        "  pass   it \\x1b[2Jholds  \\u202ereversed\n"
        "\n"
        "y  fail\n"
        "  fail   it holds  no\\nerror: not so\n"
    )


def test_a_record_holds_its_own_digest() -> None:
    sections = (Section("x", "pass", {"seen": 1}), Section("y", "not_run", {}))
    at = parse_instant("2026-11-23T10:00:00+01:00")
    record = build_record("Some.v1", Target("adapter", "live"), at, sections, "ab" * 32)
    assert list(record) == [
        *("contract", "observed_at", "collector", "target", "x", "y"),
        *("snapshot_sha256", "sha256"),
    ]
    assert record["observed_at"] == "2026-11-23T09:00:00Z"
    assert record["x"] == {"status": "pass", "seen": 1}
    read = parse_document(record_text(record).encode(), "record.json").data
    assert read == record
    assert record_digest(record) == record["sha256"]


@pytest.mark.parametrize(
    ("before", "worse"),
    [
        ({"x": {"status": "pass"}, "y": {"status": "pass"}}, ("y",)),
        ({"x": {"status": "pass"}, "y": {"status": "fail"}}, ()),
        ({"y": "pass"}, ()),
        ({"y": {}}, ()),
        (None, ()),
        ([1], ()),
    ],
)
def test_what_had_passed_before_is_told(before: object, worse: tuple[str, ...]) -> None:
    sections = (Section("x", "pass", {}), Section("y", "fail", {}))
    assert worse_sections(before, sections) == worse
