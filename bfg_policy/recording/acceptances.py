"""An acceptance or a withdrawal: the record, its text, and the file that it becomes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.instants import format_instant
from bfg_policy.recording.scalars import scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

FOLDER = "acceptances"


class Act(NamedTuple):
    """What one actor does about one gate.

    at: UTC in whole seconds. expires: from when on an acceptance no longer counts. withdrawn:
    whether it takes back the acceptance before it.
    """

    gate: str
    by: str
    at: datetime
    expires: datetime | None = None
    note: str | None = None
    withdrawn: bool = False


def record(act: Act) -> dict[str, object]:
    """The act as `Acceptance.v1`: plain data."""
    return {
        "gate": act.gate,
        "by": act.by,
        "at": format_instant(act.at),
        **({"expires": format_instant(act.expires)} if act.expires is not None else {}),
        **({"note": act.note} if act.note is not None else {}),
        **({"withdrawn": True} if act.withdrawn else {}),
    }


def record_text(act: Act) -> str:
    """The record as the text of its file."""
    return json_text(record(act))


def json_text(data: Mapping[str, object]) -> str:
    """Plain data as JSON in which everything can be seen, with its last line end."""
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    # What cannot be seen stands inside a string, where an escape says the same.
    return "".join(
        each if each == "\n" or each.isprintable() else json.dumps(each)[1:-1] for each in text
    )


def file_name(act: Act, role: str, is_taken: Callable[[str], bool]) -> str:
    """The path of the act's file below the scenario's folder, `/` between its parts.

    role: that of the actor, whose folder it goes into. is_taken: whether there is something of
    that path already, which is never replaced: the instant then tells the new file apart.
    """
    board, _, gate = act.gate.partition("/")
    stem = f"{FOLDER}/{role}/{board}.{gate}"
    instant = format_instant(act.at).translate({ord(each): None for each in "-:"})
    name, number = f"{stem}.json", 1
    while is_taken(name):
        name = f"{stem}.{instant}.json" if number == 1 else f"{stem}.{instant}-{number}.json"
        number += 1
    return name


def snippet(acts: Sequence[Act]) -> str:
    """What somebody would add by hand to a scenario that holds its acceptances itself."""
    lines = [f"{FOLDER}:"]
    for act in acts:
        fields = [
            f"{key}: {'true' if value is True else scalar(str(value))}"
            for key, value in record(act).items()
        ]
        lines.extend(f"  {'  ' if index else '- '}{field}" for index, field in enumerate(fields))
    return "\n".join(lines) + "\n"
