"""What is written reads back as it was meant, whatever texts there are and however a file looks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bfg_policy.errors import BfgPolicyError
from bfg_policy.recording.acceptances import Act, file_name, record, record_text
from bfg_policy.recording.acceptances import snippet as act_snippet
from bfg_policy.recording.scalars import scalar
from bfg_policy.recording.waivers import Waive, snippet, waiver, with_waiver
from bfg_policy.secrets import redact
from bfg_policy.source import parse_document
from tests.rendering.hostile import strings

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
WRITTEN = [text for text in strings() if redact(text) == text and text.isprintable() and text]


def act(**more: Any) -> Act:
    return Act("a/b", "ann", AT, **more)


def waive(reason: str = "r", gate: str = "a/b") -> Waive:
    return Waive(gate, reason, "tim", "ann", AT)


@given(st.text())
def test_a_record_reads_back_and_shows_all_that_is_in_it(note: str) -> None:
    made = act(note=note)
    text = record_text(made)
    assert json.loads(text) == record(made)
    assert all(each == "\n" or each.isprintable() for each in text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_scalar_reads_back(text: str) -> None:
    for written in (f"key: {scalar(text)}\n", f"key: [{scalar(text)}, x]\n"):
        loaded = yaml.safe_load(written)["key"]
        assert (loaded if isinstance(loaded, str) else loaded[0]) == text
        assert written.count("\n") == 1


@pytest.mark.parametrize("text", ["yes", "No", "NULL", "y", "1", "1.5", "~", "", " a", "a ", "-"])
def test_a_scalar_is_a_text_to_every_reader(text: str) -> None:
    assert scalar(text) == f"'{text}'"


@pytest.mark.parametrize("text", ["user_md_anna", "a/b", "It is due.", "a-b (c)", "e1"])
def test_a_plain_scalar_stays_plain(text: str) -> None:
    assert scalar(text) == text


TAKEN = "acceptances/chief/a.b.json"


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], TAKEN),
        ([TAKEN], "acceptances/chief/a.b.20261123T120000Z.json"),
        (
            [TAKEN, "acceptances/chief/a.b.20261123T120000Z.json"],
            "acceptances/chief/a.b.20261123T120000Z-2.json",
        ),
    ],
)
def test_a_name_that_is_taken_is_left_alone(taken: list[str], expected: str) -> None:
    assert file_name(act(), "chief", taken.__contains__) == expected


def test_snippets_are_what_would_be_written() -> None:
    acts = [act(note="It's: #1", expires=AT), act(withdrawn=True)]
    assert yaml.safe_load(act_snippet(acts)) == {"acceptances": [record(each) for each in acts]}
    assert yaml.safe_load(snippet(waive("a: b"))) == {"waivers": [waiver(waive("a: b"))]}


ITEM = "{gate: x/y, reason: r, requested_by: a, approved_by: b, expires: '2026'}"
BLOCK = "- gate: x/y\n{0}  reason: |\n{0}    one\n{0}    two\n"
# Scenarios in every style that is read; what stands in them beside the waivers counts for nothing.
STYLES = [
    "a: 1\n",
    "a: 1",
    "a: 1\r\nb:\r\n  - c\r\n# the end\r\n",
    "\n\n# a comment\na: 1 # one\n\n# the end",
    "---\na: 1\n...\n",
    "%YAML 1.2\n---\na: 1\n",
    "a: |+\n  x\n\n\n",
    "a:\n  b: >-\n    x\n    y",
    "a: {}\nb:\n  c: []\n",
    "a: 'x\n\n  y'\nb:\n",
    "{a: 1}",
    "{a: 1,}\n",
    '{"a": 1, "waivers": []}\n',
    "{waivers: [\n], a: 1}\n",
    "a: 1\nwaivers: [] # none yet\nb: 2\n",
    "a: 1\nwaivers:   []",
    "waivers:\n  []\na: 1\n",
    '"waivers": []\n',
    f"waivers: [{ITEM}]\na: 1\n",
    f"waivers: [\n  {ITEM}, # one\n]\na: 1\n",
    f"waivers: [{ITEM}, {ITEM}]",
    f"waivers:\n- {ITEM}\na: 1\n",
    f"waivers:\n    - {ITEM} # one\n# two\na: 1\n",
    "waivers:\n" + BLOCK.format("") + "a: 1\n",
    "a: 1\nwaivers:\n  " + BLOCK.format("  ") + "# the end\n",
    "waivers:\r\n  - gate: x/y\r\n    reason: z # why\r\n    # inside\r\n  # after\r\na: 1\r\n",
    "waivers:\n  -\n    gate: x/y\n    reason: 'it''s'\n\n\na: 1\n",
    "  a: 1\n  b: 2\n",
]


def check(text: str, made: Waive) -> str | None:
    """The edited text; None where the reader refuses what is in the waiver itself."""
    document = parse_document(text.encode(), "scenario.yaml")
    edited = with_waiver(document, made)
    listed: Any = document.data.get("waivers", [])
    try:
        again = parse_document(edited.encode(), "scenario.yaml")
    except BfgPolicyError:
        return None
    assert again.data == {**document.data, "waivers": [*listed, waiver(made)]}
    return edited


@pytest.mark.parametrize("text", STYLES)
def test_an_edit_adds_one_waiver_and_nothing_else(text: str) -> None:
    edited = check(text, waive("It's due: #1"))
    assert edited is not None
    # What stood there stands there still, in its order, but for an empty list's brackets.
    rest = iter(edited)
    assert all(each in rest for each in text.replace("[]", "") if not each.isspace())
    if "\r\n" in text:
        assert edited.count("\n") == edited.count("\r\n")
    third = check(edited, waive("again", gate="c/d"))
    assert third is not None


@pytest.mark.parametrize("text", STYLES)
def test_comments_and_lines_stay(text: str) -> None:
    edited = check(text, waive())
    assert edited is not None
    lines = edited.splitlines()
    for line in text.splitlines():
        if "waivers" not in line and "]" not in line and "}" not in line:
            assert line in lines


@pytest.mark.parametrize("text", WRITTEN)
def test_every_hostile_reason_reads_back(text: str) -> None:
    for style in ("a: 1\n", f"waivers: [{ITEM}]\n"):
        assert check(style, waive(text)) is not None


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(STYLES), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_reason_reads_back_or_is_refused(text: str, reason: str) -> None:
    edited = check(text, waive(reason))
    if edited is None:
        # Only what no file may hold: never a sound text.
        with pytest.raises(BfgPolicyError):
            parse_document(json.dumps({"x": reason}).encode(), "x.json", json=True)
