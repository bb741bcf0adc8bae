"""Findings as a compiler shows them: what, where, a caret under the very token, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.painting import ELLIPSIS, Painter, counted, units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bfg_policy.errors import Finding, Place
    from bfg_policy.reporters.results import Style

# Where a line has to be cut, so much of its width is left to what stands before the token.
_BEFORE = 3
_NARROWEST = 20
# More characters never stand in one column; those that take none are few.
_CHARACTERS_A_COLUMN = 8


def finding_block(finding: Finding, style: Style) -> str:
    """One finding, without a line end after it."""
    return "\n".join(_lines(finding, style))


def tally(findings: Sequence[Finding]) -> str:
    """How many findings of each severity there are, such as `1 error, 2 warnings`."""
    counts = [
        counted(number, severity)
        for severity in ("error", "warning", "note")
        if (number := sum(finding.severity == severity for finding in findings))
    ]
    return ", ".join(counts) or "no findings"


def _lines(finding: Finding, style: Style) -> Iterator[str]:
    painter = Painter(style)
    title = painter.severity(finding.severity, f"{finding.severity}[{finding.code}]")
    yield title + painter.bold(f": {visible(finding.message)}")
    meant = f"did you mean `{finding.suggestion}`?" if finding.suggestion else None
    places = [finding.place, *(related.place for related in finding.related)]
    gutter = " " * max((len(str(place.line)) for place in places if place.line), default=1)
    yield from _excerpt(finding.place, gutter, style, mark="^", label=meant)
    for related in finding.related:
        yield from _excerpt(related.place, gutter, style, mark="-", label=related.message)
    first, *rest = (finding.note or "").split("\n")  # a note may hold a difference of two texts
    if first:
        yield f"{gutter} = {painter.bold('note')}: {visible(first)}"
        yield from (f"{gutter}   {visible(line)}".rstrip() for line in rest)
    unsaid = None if _has_caret(finding.place) else meant
    for text in (unsaid, finding.hint, f"bfg-policy explain {finding.code}"):
        if text:
            yield f"{gutter} = {painter.bold('help')}: {visible(text)}"


def _has_caret(place: Place) -> bool:
    return None not in (place.line, place.column, place.excerpt)


def _excerpt(
    place: Place, gutter: str, style: Style, *, mark: str, label: str | None
) -> Iterator[str]:
    """The place, and its line with marks under the token and a label beside them."""
    painter = Painter(style)
    where = visible(str(place))
    if where:
        yield f"{gutter}{painter.paint('-->', 'blue')} {where}"
    if place.line is None or place.excerpt is None:
        return
    bar = painter.paint(f"{gutter} |", "blue")
    number = painter.paint(f"{place.line:>{len(gutter)}} |", "blue")
    room = max(style.width - len(gutter) - 3, _NARROWEST)
    shown, start, columns = _window(place, room)
    yield bar
    yield f"{number} {shown}".rstrip()
    if place.column is not None:
        marks = painter.bold(mark * columns)
        yield f"{bar} {' ' * start}{marks} {visible(label or '')}".rstrip()


def _window(place: Place, room: int) -> tuple[str, int, int]:
    """The part of a place's line that fits into so many columns and shows the token.

    Gives the text, and of the token in it the column from 0 and how many columns it takes.
    """
    text, column = place.excerpt or "", (place.column or 1) - 1
    end = column + place.length
    # A line may be a whole document; what is far from the token is cut away unseen.
    parts = _around(text, column, end, room + 1)
    if not all(each.isascii() and each.isprintable() for each in parts):
        parts = _around(text, column, end, room * _CHARACTERS_A_COLUMN)
    before, token, after = map(units, parts)
    taken = _columns(token)
    if _columns(before) + taken + _columns(after) > room:
        most = max(room // _BEFORE, room - taken - _columns(after))
        before = _fitting(before[::-1], most)[::-1]
    start = _columns(before)
    rest = _fitting([*token, *after], room - start)
    return _text([*before, *rest]), start, max(min(taken, room - start), 1)


def _around(text: str, column: int, end: int, near: int) -> tuple[str, str, str]:
    """So many characters before a token, at most so many of it, and so many after it."""
    token = text[column : min(end, column + near)]
    return text[max(column - near, 0) : column], token, text[end : end + near]


def _fitting(pieces: list[tuple[str, int]], room: int) -> list[tuple[str, int]]:
    """The first pieces that fit into so many columns, and an ellipsis where that is not all."""
    if _columns(pieces) <= room:
        return pieces
    kept: list[tuple[str, int]] = []
    room -= 1
    for piece in pieces:
        room -= piece[1]
        if room < 0:
            break
        kept.append(piece)
    return [*kept, (ELLIPSIS, 1)]


def _columns(pieces: Iterable[tuple[str, int]]) -> int:
    return sum(columns for _, columns in pieces)


def _text(pieces: Iterable[tuple[str, int]]) -> str:
    return "".join(shown for shown, _ in pieces)
