"""Markdown that has to fit: whole lines, the first ones, and a word on the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy.reporters import Findings, format_result
from bfg_policy.reporters.cutting import cut_markdown
from tests.formats.results import reference, wrong
from tests.rendering.github import Shown

REPORT = format_result("markdown", reference())
LONG = format_result("markdown", wrong(300))


def test_what_fits_stays_as_it_is() -> None:
    assert cut_markdown(REPORT, len(REPORT.encode())) == REPORT


@given(st.integers(0, len(REPORT.encode()) + 10))
def test_any_room_is_kept_to(room: int) -> None:
    cut = cut_markdown(REPORT, room)
    assert len(cut.encode()) <= room
    if cut and cut != REPORT:
        *kept, _, note = cut.split("\n")[:-1]
        assert REPORT.startswith("\n".join(kept))
        assert note.startswith("*Cut here: ")


@pytest.mark.parametrize("share", range(10, 100, 10))
def test_what_is_kept_is_still_markdown(share: int) -> None:
    for text in (REPORT, LONG):
        cut = cut_markdown(text, len(text.encode()) * share // 100)
        shown = Shown(cut)
        assert shown.text.rstrip().split("\n")[-1].startswith("Cut here: ")
        assert "em" in shown.tags[-3:]  # outside of any fence


def test_the_note_tells_how_much_is_left_out() -> None:
    cut = cut_markdown(LONG, 2_000)
    kept = len(cut.splitlines()) - 2
    whole = len(LONG.splitlines())
    assert cut.endswith(f"\n*Cut here: {whole - kept} of {whole} lines have no room.*\n")


def test_without_room_for_a_word_there_is_none() -> None:
    assert cut_markdown(format_result("markdown", Findings(())), 3) == ""
