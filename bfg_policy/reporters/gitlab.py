"""The `gitlab` format: a Code Quality report, as merge requests of GitLab show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.cases import WAIVED_GATE
from bfg_policy.reporters.cutting import shortened
from bfg_policy.reporters.fingerprints import fingerprints
from bfg_policy.reporters.json import Data, inert_json
from bfg_policy.reporters.views import view_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bfg_policy.errors import Severity
    from bfg_policy.reporters.cases import Notice
    from bfg_policy.reporters.results import Result, Style

# What GitLab takes in and shows of a report is limited by the size of the file.
MOST_BYTES = 10 * 1024 * 1024
_LONGEST_TEXT = 1_000
_SEVERITIES: dict[Severity, str] = {"error": "critical", "warning": "minor", "note": "info"}
_CUT = "cut"


def report(result: Result, _style: Style) -> str:
    """The result as a JSON list of issues, the worst first; of what was cut, the last one tells."""
    notices = [each for each in view_of(result).notices if each.rule != WAIVED_GATE]
    marks = fingerprints(notices)
    issues: list[str] = []
    room = MOST_BYTES
    for notice, mark in zip(notices, marks, strict=True):
        issue = inert_json(_issue(notice, mark), indent=2)
        room -= len(issue) + 2
        if room < 0:
            issues.append(inert_json(_rest(len(notices) - len(issues)), indent=2))
            break
        issues.append(issue)
    return _list(issues)


def _list(items: Iterable[str]) -> str:
    inner = ",\n".join(items)
    return f"[\n{inner}\n]\n" if inner else "[]\n"


def _issue(notice: Notice, mark: str) -> Data:
    # A path is required: what stands in no file is told of the folder.
    path = visible(notice.place.path or ".")
    return {
        "description": _text(". ".join((notice.message, *notice.details))),
        "check_name": notice.rule,
        "fingerprint": mark,
        "severity": _SEVERITIES[notice.severity],
        "location": {"path": path, "lines": {"begin": notice.place.line or 1}},
    }


def _rest(count: int) -> Data:
    return {
        "description": f"{count} more, the least bad of them, are left out: the report is full",
        "check_name": _CUT,
        "fingerprint": _CUT,
        "severity": "info",
        "location": {"path": ".", "lines": {"begin": 1}},
    }


def _text(text: str) -> str:
    return shortened(visible(text), _LONGEST_TEXT)
