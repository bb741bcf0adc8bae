"""What a reviewer reads in a terminal: whole outputs, and carets under the very token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import normalize

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy.errors import Finding, Place, Related
from bfg_policy.rendering.visible import is_visible, visible
from bfg_policy.reporters import Findings, Judged, Style, format_result
from bfg_policy.reporters.ci import ci_safe
from bfg_policy.reporters.excerpts import finding_block, tally
from bfg_policy.reporters.explaining import explain_gate
from bfg_policy.reporters.painting import cut, width, wrapped
from tests.rendering.hostile import strings
from tests.rendering.judgements import FUTURE, library

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

UNKNOWN = Finding(
    "BFG201",
    "unknown field `evidnce`",
    Place("policies/dry-run.yaml", 5, 5, 7, "    evidnce:"),
    note="so gate `dry-run/export-snapshot` asks for no evidence",
    suggestion="evidence",
)
DRAFTED = """\
error[BFG201]: unknown field `evidnce`
 --> policies/dry-run.yaml:5:5
  |
5 |     evidnce:
  |     ^^^^^^^ did you mean `evidence`?
  = note: so gate `dry-run/export-snapshot` asks for no evidence
  = help: bfg-policy explain BFG201"""


def test_a_finding_looks_as_it_was_drafted() -> None:
    assert finding_block(UNKNOWN, Style()) == DRAFTED


TWICE = UNKNOWN._replace(
    message="`a` stands twice",
    place=Place("a.yaml", 120, 3, 1, "  a: 2"),
    related=(Related(Place("a.yaml", 9, 3, 1, "  a: 1"), "the first"),),
    note=None,
    suggestion=None,
    severity="warning",
)


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("related", TWICE),
        ("nowhere", Finding("BFG101", "nothing to judge", hint="name one", suggestion="x")),
        ("a file", Finding("BFG102", "not UTF-8", Place("a.yaml"))),
        (
            "a line without a column",
            Finding("BFG601", "fails", Place("t.j2", 3, None, 1, "{{ x }}")),
        ),
        ("a place without its line", Finding("BFG103", "open", Place("a.yaml", 3, 1))),
        ("tabs", Finding("BFG103", "a tab", Place("a.yaml", 3, 2, 3, "\t\tab: \x1b[31m"))),
        ("wide letters", Finding("BFG103", "wide", Place("a.yaml", 3, 4, 2, "日本 \u202e語x"))),
        ("a long note", UNKNOWN._replace(note="--- a\n+++ b\n-\x1b[31m")),
        (
            "far to the right",
            _far := Finding("BFG103", "far", Place("a.yaml", 3, 201, 5, "x" * 300)),
        ),
        ("a long token", _far._replace(place=Place("a.yaml", 3, 11, 280, "x" * 300))),
        ("past the end", Finding("BFG103", "end", Place("a.yaml", 3, 5, 1, "abcd"))),
    ],
)
def test_findings(snapshot: SnapshotAssertion, name: str, finding: Finding) -> None:
    assert finding_block(finding, Style(width=60)) == snapshot(name=name)


@given(
    st.text(max_size=200),
    st.integers(1, 210),
    st.integers(1, 210),
    st.integers(30, 120),
)
def test_the_caret_stands_under_the_token(
    line: str, column: int, length: int, columns: int
) -> None:
    place = Place("f.yaml", 7, column, length, line)
    lines = finding_block(Finding("BFG103", "m", place), Style(width=columns)).split("\n")
    assert all(is_visible(each) for each in lines)
    # The last line speaks of `explain`; before it stand the source and the carets.
    source, carets = lines[3].removeprefix("7 |")[1:], lines[4].removeprefix("  |")[1:]
    assert width(source) <= max(columns - 4, 20)
    token = line[column - 1 : column - 1 + length]
    first = visible(token[:1])
    if first and not is_combining(first):
        start = len(carets) - len(carets.lstrip(" "))
        assert source_at(source, start).startswith(first[:1])
    assert set(carets) <= {" ", "^"}
    assert "^" in carets


def is_combining(character: str) -> bool:
    return width("x" + character) == 1


def source_at(source: str, column: int) -> str:
    """What stands at a column of a line, as a terminal counts them."""
    for index in range(len(source)):
        if width(source[:index]) == column and not is_combining(source[index : index + 1]):
            return source[index:]
    return ""


@pytest.mark.parametrize(
    ("name", "judged"),
    [
        ("half way", Judged(*library())),
        ("half way, required", Judged(*library(), ("paperwork", "launch"))),
        ("ready, required", Judged(*library(is_ready=True), ("launch",))),
        ("no verdict, no findings", Judged(*library(verdict=None, findings=()))),
    ],
)
def test_judgements(snapshot: SnapshotAssertion, name: str, judged: Judged) -> None:
    assert format_result("text", judged) == snapshot(name=name)


def test_colour_changes_nothing_but_colour() -> None:
    judged = Judged(*library(), ("launch",))
    coloured = format_result("text", judged, Style(color=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == format_result("text", judged)


@pytest.mark.parametrize(
    "gate", ["launch/open", "pilot/search", "pilot/import", "paperwork/licence"]
)
def test_a_gate_is_explained(snapshot: SnapshotAssertion, gate: str) -> None:
    assert explain_gate(Judged(*library()), gate) == snapshot


@pytest.mark.parametrize(
    ("findings", "text"),
    [
        ((), "no findings"),
        ((UNKNOWN,), "1 error"),
        ((UNKNOWN, UNKNOWN, TWICE), "2 errors, 1 warning"),
    ],
)
def test_the_tally(findings: tuple[Finding, ...], text: str) -> None:
    assert tally(findings) == text
    assert format_result("text", Findings(findings)).splitlines()[-1] == text


@given(st.text(), st.integers(2, 40))
def test_a_cut_fits_and_splits_nothing(text: str, columns: int) -> None:
    shown = cut(text, columns)
    assert width(shown) <= columns or width(text[:1]) > columns - 1
    assert visible(text).startswith(shown.removesuffix("…"))
    assert "".join(wrapped(text, columns)).replace(" ", "") == visible(text).replace(" ", "")


def test_hostile_texts_stay_on_their_lines() -> None:
    """As every free text: the same lines as with harmless text, and no escape but ours."""
    harmless = _lines("harmless")
    for text in strings():
        if 0 < len(text) < 100:
            lines = _lines(text)
            assert len(lines) == len(harmless), ascii(text)
            assert all(is_visible(line) for line in lines)


def _lines(text: str) -> list[str]:
    pack, scenario, readiness = library(
        findings=(FUTURE._replace(message=text, hint=text, note=None),)
    )
    gates = {
        key: gate._replace(title={"en": text}, because=text, remedy={"en": text})
        for key, gate in readiness.gates.items()
    }
    actors = {key: actor._replace(name=text) for key, actor in scenario.actors.items()}
    readiness = readiness._replace(gates=gates, target=text)
    judged = Judged(pack, scenario._replace(actors=actors), readiness)
    return format_result("text", judged, Style(width=9999)).split("\n")


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("::error file=x::y", ":\\:error file=x:\\:y"),
        ("  ::set-output", "  :\\:set-output"),
        ("x ##[group]y", "x #\\#[group]y"),
        ("##VSO[task.x]", "#\\#VSO[task.x]"),
        (":::", ":\\:\\:"),
        ("a: b # c ## d 56 %", "a: b # c ## d 56 %"),
    ],
)
def test_ci_obeys_nothing(text: str, safe: str) -> None:
    assert ci_safe(text) == safe


def test_ci_obeys_no_hostile_text() -> None:
    command = re.compile(r"::|##\[|##vso", re.IGNORECASE)
    for text in strings():
        assert not command.search(ci_safe(visible(text))), ascii(text)


def test_a_terminal_shows_the_report_as_it_is() -> None:
    """With colour and hostile names, the emulator's screen is the text without colour."""
    findings = Findings(tuple(Finding("BFG101", text[:60]) for text in strings()[:150]))
    lines = format_result("text", findings, Style(color=True)).split("\n")
    plain = format_result("text", findings).split("\n")
    screen = pyte.Screen(400, len(lines) + 1)
    pyte.Stream(screen).feed("\r\n".join(lines))
    shown = [normalize("NFC", line.rstrip()) for line in screen.display]
    wide = {index for index, line in enumerate(plain) if not line.isascii()}
    assert [line for index, line in enumerate(shown[: len(plain)]) if index not in wide] == [
        line.rstrip() for index, line in enumerate(plain) if index not in wide
    ]
    assert screen.title == ""


def test_nobody_can_act_where_all_that_is_open_is_invalid_and_blocked() -> None:
    pack, scenario, readiness = library()
    judged = Judged(pack, scenario, readiness._replace(next_action=None))
    told = "nobody can act before what is invalid is put right"
    assert f"Next: {told}\n" in format_result("text", judged)
    assert f"**Next:** {told}.\n" in format_result("markdown", judged)
