"""The `github` format: workflow commands, of which GitHub's runner makes annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.annotations import pick_annotations
from bfg_policy.reporters.ci import ci_safe
from bfg_policy.reporters.cutting import shortened
from bfg_policy.reporters.rules import rule_of
from bfg_policy.reporters.views import view_of

if TYPE_CHECKING:
    from bfg_policy.errors import Severity
    from bfg_policy.reporters.cases import Notice
    from bfg_policy.reporters.results import Result, Style

# The runner keeps so many of each in a step, and drops the others unsaid; one notice is ours.
MOST: dict[Severity, int] = {"error": 10, "warning": 10, "note": 9}
# It cuts a message here, and an annotation's title has no more room.
LONGEST_MESSAGE = 4_096
LONGEST_TITLE = 255
_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def report(result: Result, _style: Style) -> str:
    """An annotation for each of the worst notices, and one with the summary."""
    view = view_of(result)
    shown, cut = pick_annotations(view, MOST)
    lines = [_annotation(notice) for notice in shown]
    summary = f"{view.summary}; {cut}" if cut else view.summary
    lines.append(_command("notice", {"title": f"bfg-policy: {view.title}"}, (summary,)))
    return "\n".join(lines) + "\n"


def _annotation(notice: Notice) -> str:
    place = notice.place
    properties = {"title": f"{notice.rule}: {rule_of(notice.rule).title}"}
    if place.path is not None:
        properties["file"] = place.path
        if place.line is not None:
            properties["line"] = str(place.line)
        if place.column is not None:
            properties["col"] = str(place.column)
            properties["endColumn"] = str(place.column + place.length)
    lines = (notice.message, *notice.details)
    return _command(_COMMANDS[notice.severity], properties, lines)


def _command(name: str, properties: dict[str, str], lines: tuple[str, ...]) -> str:
    """A workflow command. What strangers wrote can end neither it nor one of its properties."""
    told = ",".join(
        f"{key}={_property(shortened(text, LONGEST_TITLE) if key == 'title' else text)}"
        for key, text in properties.items()
    )
    message = shortened("\n".join(ci_safe(visible(line)) for line in lines), LONGEST_MESSAGE)
    return f"::{name} {told}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(ci_safe(visible(text))).replace(":", "%3A").replace(",", "%2C")
