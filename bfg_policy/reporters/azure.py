"""The `azure` format: logging commands, of which Azure Pipelines makes issues of the build."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.annotations import pick_annotations
from bfg_policy.reporters.ci import ci_safe
from bfg_policy.reporters.cutting import shortened
from bfg_policy.reporters.views import view_of

if TYPE_CHECKING:
    from bfg_policy.errors import Severity
    from bfg_policy.reporters.cases import Notice
    from bfg_policy.reporters.results import Result, Style

# The agent keeps so many issues of each type; notes are none, they are lines of the log.
MOST: dict[Severity, int] = {"error": 10, "warning": 10, "note": 10}
LONGEST_MESSAGE = 4_096
# What the agent reads back as another character, wherever it stands. A percent sign has an escape
# of its own only where the agent is told so, so that these are broken instead.
_READ_BACK = re.compile(r"%(?=3B|0D|0A|5D|AZP25|VSTS)", re.IGNORECASE)


def report(result: Result, _style: Style) -> str:
    """An issue for each of the worst errors and warnings, then the notes and the summary."""
    view = view_of(result)
    shown, cut = pick_annotations(view, MOST)
    lines = [_issue(notice) for notice in shown]
    lines.append(_safe(f"{view.sentence}; {cut}" if cut else view.sentence))
    return "\n".join(lines) + "\n"


def _issue(notice: Notice) -> str:
    place = notice.place
    message = shortened(_safe(". ".join((notice.message, *notice.details))), LONGEST_MESSAGE)
    if notice.severity == "note":
        return f"note[{notice.rule}] {_safe(str(place))}: {message}"
    properties: dict[str, str] = {"type": notice.severity}
    if place.path is not None:
        properties["sourcepath"] = place.path
        if place.line is not None:
            properties["linenumber"] = str(place.line)
        if place.column is not None:
            properties["columnnumber"] = str(place.column)
    properties["code"] = notice.rule
    told = "".join(f"{key}={_property(text)};" for key, text in properties.items())
    return f"##vso[task.logissue {told}]{message}"


def _safe(text: str) -> str:
    return _READ_BACK.sub("%\\\\", ci_safe(visible(text)))


def _property(text: str) -> str:
    return _safe(text).replace(";", "%3B").replace("]", "%5D")
