"""An observation as a text that a reviewer can read: one line a check, under its section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.painting import Painter, padded, widest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bfg_policy.collectors.course import Course, Line
    from bfg_policy.collectors.records import Status
    from bfg_policy.reporters import Style

_COLORS = {"pass": "green", "fail": "red", "error": "red", "not_run": "dim", "note": "dim"}
_WIDEST = 44


def transcript_text(heading: str, course: Course, style: Style) -> str:
    """The whole course: a heading, each section with its status, each check with what was found.

    heading: one line of text, of strangers too.
    """
    return "\n".join(_lines(heading, course, Painter(style))) + "\n"


def _lines(heading: str, course: Course, painter: Painter) -> Iterator[str]:
    yield painter.bold(visible(heading))
    sections = course.sections()
    width = widest([each.name for each in sections], _WIDEST)
    for each in sections:
        yield ""
        yield f"{padded(each.name, width)}  {_status(each.status, painter)}"
        yield from _checks([line for line in course.lines if line.section == each.name], painter)


def _checks(lines: Sequence[Line], painter: Painter) -> Iterator[str]:
    width = widest([line.what for line in lines], _WIDEST)
    for line in lines:
        outcome = painter.paint(f"{line.outcome:<5}", _COLORS[line.outcome])
        if line.found:
            yield f"  {outcome}  {padded(line.what, width)}  {visible(line.found)}"
        else:
            yield f"  {outcome}  {visible(line.what)}"


def _status(status: Status, painter: Painter) -> str:
    return painter.paint(status.replace("_", " "), _COLORS[status])
