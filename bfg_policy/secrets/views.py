"""A text as it reads once its escapes are undone, and where each part of it stands in the file."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_Span: TypeAlias = tuple[int, int]

# The escapes that a view has undone, first to last.
Undone: TypeAlias = "tuple[re.Pattern[str], ...]"

_SIGNS = {"n": "\n", "r": "\r", "t": "\t", "0": " ", "N": "\n", "_": " ", "L": "\n", "P": "\n"}


def views(text: str) -> Iterator[tuple[str, Undone]]:
    """The text as it stands; without escapes, where it has some; and with encoded URLs decoded."""
    yield text, ()
    undone: Undone = ()
    if "\\" in text:
        undone = (escapes(),)
        text = escapes().sub(_plain, text)
        yield text, undone
    if "%2F%2F" in text or "%2f%2f" in text:
        yield percents().sub(_plain, text), (*undone, percents())


def places(text: str, undone: Undone, spans: Sequence[_Span]) -> list[_Span]:
    """Where parts [start:end] of a view of `text` stand in the text itself."""
    texts = [text]
    for pattern in undone[:-1]:
        texts.append(pattern.sub(_plain, texts[-1]))
    for pattern, before in zip(reversed(undone), reversed(texts[: len(undone)]), strict=True):
        spans = _back(pattern, before, spans)
    return list(spans)


@cache
def escapes() -> re.Pattern[str]:
    """An escape of JSON or of YAML's double quotes; an escaped line end joins two lines."""
    hexadecimal = "u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}"
    return re.compile(rf"\\(?:{hexadecimal}|(?:\r\n|\r|\n)[ \t]*|.)")


@cache
def percents() -> re.Pattern[str]:
    """An escape of a URL that stands for a printable sign of ASCII."""
    return re.compile("%[2-7][0-9a-fA-F]")


def _plain(found: re.Match[str]) -> str:
    """What an escape stands for: no sign or one."""
    escape = found.group()
    sign = escape[1]
    if escape[0] == "%" or (len(escape) > 2 and sign in "uxU"):
        code = int(escape[1 if escape[0] == "%" else 2 :], 16)
        # Halves of a pair are no characters, and no part of any credential.
        return chr(code) if code < 0xD800 or 0xE000 <= code < 0x110000 else "\ufffd"
    return "" if sign in "\r\n" else _SIGNS.get(sign, sign)


def _back(pattern: re.Pattern[str], text: str, spans: Sequence[_Span]) -> list[_Span]:
    """Spans of the text without escapes -> spans of `text` itself, in one pass over it."""
    waiting = sorted({offset for span in spans for offset in span}, reverse=True)
    at: dict[int, int] = {}
    grown = 0  # how far the text is ahead of its view
    for found in pattern.finditer(text):
        size = len(_plain(found))
        while waiting and waiting[-1] < found.start() - grown + size:
            offset = waiting.pop()
            at[offset] = offset + grown
        if not waiting:
            break
        grown += found.end() - found.start() - size
    at.update((offset, offset + grown) for offset in waiting)
    return [(at[start], at[end]) for start, end in spans]
