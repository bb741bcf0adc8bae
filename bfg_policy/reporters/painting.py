"""Colour, widths and columns of plain text. All text of strangers goes through `visible` first."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bfg_policy.rendering.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bfg_policy.errors import Severity
    from bfg_policy.readiness import Status
    from bfg_policy.reporters.results import Style

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34"}
_OF_STATUS: dict[Status, str] = {
    "ready": "green",
    "waived": "yellow",
    "next": "yellow",
    "blocked": "dim",
    "invalid": "red",
}
_OF_SEVERITY: dict[Severity, str] = {"error": "red", "warning": "yellow", "note": "blue"}
ELLIPSIS = "…"
_LABEL = 9


class Painter:
    """Colours text, where the style asks for colour."""

    def __init__(self, style: Style) -> None:
        self._color = style.color

    def paint(self, text: str, *names: str) -> str:
        """`text` in colours by name; as it is where there is no colour, or no text."""
        if not (self._color and text):
            return text
        codes = ";".join(_CODES[name] for name in names)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def bold(self, text: str) -> str:
        """`text` as a heading or label."""
        return self.paint(text, "bold")

    def dim(self, text: str) -> str:
        """`text` that matters less."""
        return self.paint(text, "dim")

    def status(self, status: Status, text: str | None = None) -> str:
        """A status (or a text about it) in the status's colour."""
        return self.paint(status if text is None else text, _OF_STATUS[status])

    def severity(self, severity: Severity, text: str) -> str:
        """`text` in the colour of a finding's severity."""
        return self.paint(text, "bold", _OF_SEVERITY[severity])


def units(text: str) -> list[tuple[str, int]]:
    """What a terminal shows for `text`, piece by piece, each with its columns.

    A piece is a character with its combining marks, or the escape of an unseen one: text may be
    cut between pieces and nowhere else.
    """
    if text.isascii() and text.isprintable():
        return [(each, 1) for each in text]
    pieces: list[tuple[str, int]] = []
    for each in text:
        unit, is_mark = _unit(each)
        if is_mark and pieces:
            pieces[-1] = (pieces[-1][0] + each, pieces[-1][1])
        else:
            pieces.append(unit)
    return pieces


@lru_cache(maxsize=4096)
def _unit(character: str) -> tuple[tuple[str, int], bool]:
    """What is shown for one character, with its columns; whether it is a seen combining mark."""
    from unicodedata import category, east_asian_width

    shown = visible(character)
    if len(shown) > 1:
        return (shown, len(shown)), False
    columns = 2 if east_asian_width(character) in "WF" else 1
    return (character, columns), category(character).startswith("M")


def width(text: str) -> int:
    """The columns that `visible(text)` takes."""
    return sum(columns for _, columns in units(text))


def cut(text: str, columns: int) -> str:
    """`visible(text)` in at most so many columns, with an ellipsis where something is cut off."""
    pieces = units(text)
    if sum(each for _, each in pieces) <= columns:
        return "".join(shown for shown, _ in pieces)
    kept: list[str] = []
    room = columns - 1
    for shown, each in pieces:
        room -= each
        if room < 0:
            break
        kept.append(shown)
    return "".join(kept) + ELLIPSIS


def wrapped(text: str, columns: int) -> list[str]:
    """`visible(text)` in lines of so many columns, broken at blanks; longer words stay whole."""
    lines: list[str] = []
    room = 0
    for word in visible(text).split(" "):
        needed = width(word)
        if lines and needed < room:
            lines[-1] += " " + word
            room -= needed + 1
        else:
            lines.append(word)
            room = columns - needed
    return lines


def labelled(label: str, text: str, columns: int) -> list[str]:
    """A label of ours, and `visible(text)` beside it in lines of so many columns in all."""
    first, *rest = wrapped(text, columns - _LABEL - 3)
    return [f"  {label:<{_LABEL}} {first}", *(f"{'':{_LABEL + 3}}{line}" for line in rest)]


def padded(text: str, columns: int) -> str:
    """`text` (of strangers, too) filled up with blanks to so many columns, or as long as it is."""
    return visible(text) + " " * (columns - width(text))


def widest(texts: Iterable[str], most: int) -> int:
    """The columns of the widest text, at most so many."""
    return min(max(map(width, texts), default=0), most)


def sentence(parts: Sequence[str], more: int = 0) -> str:
    """Parts with commas between them, and how many more there are."""
    return ", ".join(parts) + (f" and {more} more" if more else "")


def counted(count: int, noun: str) -> str:
    """A count with its noun, such as `1 gate` and `32 gates`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")
