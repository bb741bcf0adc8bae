"""What cannot be seen is shown, and what can be seen is left alone."""

from __future__ import annotations

from unicodedata import normalize

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy.rendering.visible import first_unseen, is_visible, visible

from .hostile import strings


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with 'quotes' and \\n", "plain, with 'quotes' and \\n"),
        ("é ß 日本 \u05d0 \u00a0 \u202f", "é ß 日本 \u05d0 \u00a0 \u202f"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x00\x07\x1b[31m\x7f", "\\x00\\x07\\x1b[31m\\x7f"),
        ("\x85\x9b", "\\x85\\x9b"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("user\u202e\u2066", "user\\u202e\\u2066"),
        ("\u200b\u200d\ufeff\u00ad\u2060", "\\u200b\\u200d\\ufeff\\xad\\u2060"),
        ("\u3164\u115f\u2800\ufe0f\u034f", "\\u3164\\u115f\\u2800\\ufe0f\\u034f"),
        ("\U000e0041\U000e0100", "\\U000e0041\\U000e0100"),
        ("\udc80", "\\udc80"),
    ],
)
def test_table(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_everything_shown_can_be_seen_and_is_shown_once(text: str) -> None:
    shown = visible(text)
    assert is_visible(shown)
    assert visible(shown) == shown
    assert (first_unseen(text) is None) == (shown == text)


def test_a_terminal_obeys_nothing() -> None:
    """It writes what it is given on its first line, in no colour, and does nothing else."""
    for text in strings():
        shown = "x" + visible(text)[:200]
        terminal = pyte.Screen(500, 2)
        pyte.Stream(terminal).feed(shown)
        assert terminal.cursor.y == 0
        assert terminal.title == ""
        assert {cell.fg for cell in terminal.buffer[0].values()} <= {"default"}
        written = "".join(terminal.buffer[0][column].data for column in range(500)).rstrip()
        # How an emulator joins other scripts' letters is its own affair.
        assert _ascii(written) == _ascii(shown.rstrip())


def _ascii(text: str) -> str:
    return "".join(filter(str.isascii, normalize("NFD", text)))
