"""What annotations in a CI system show of a result: the worst, within its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.reporters.cases import SEVERITIES, WAIVED_GATE
from bfg_policy.reporters.painting import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.errors import Severity
    from bfg_policy.reporters.cases import Notice, View

_PLURALS: dict[Severity, tuple[str, str]] = {
    "error": ("error", "errors"),
    "warning": ("warning", "warnings"),
    "note": ("note", "notes"),
}


class Annotations(NamedTuple):
    """The notices that are shown, the worst first; and what is said of the others, if any are."""

    shown: tuple[Notice, ...]
    cut: str | None


def pick_annotations(view: View, most: Mapping[Severity, int]) -> Annotations:
    """The notices of a view, at most so many of each severity. A waiver is nobody's business."""
    room = dict(most)
    shown = []
    left: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
    for notice in view.notices:
        if notice.rule == WAIVED_GATE:
            continue
        if room[notice.severity]:
            room[notice.severity] -= 1
            shown.append(notice)
        else:
            left[notice.severity] += 1
    told = [f"{count} {_PLURALS[each][count != 1]}" for each, count in left.items() if count]
    return Annotations(tuple(shown), f"not shown here: {sentence(told)} more" if told else None)
