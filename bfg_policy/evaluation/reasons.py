"""Why a rule is false: the conditions that made it so, the values that they read, and where."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from bfg_policy import cel
from bfg_policy.cel.values import Optional
from bfg_policy.readiness import Reading
from bfg_policy.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bfg_policy.errors import Place
    from bfg_policy.pack import Rule
    from bfg_policy.scenario import Record, Scenario

_MOST_CONDITIONS = 3
_MOST_CHARACTERS = 80
_EVIDENCE = "evidence"
_SCENARIO = "scenario"


def readings(
    rule: Rule, bound: Mapping[str, object], scenario: Scenario, record: Record | None
) -> tuple[Reading, ...]:
    """What made a false rule false, in the order of the rule.

    bound: what the rule saw; record: the evidence among it, None where there is none.
    """
    try:
        reasons = cel.explain(rule.program, bound)
    except cel.CelEvaluationError:
        return ()  # explaining costs more than judging, and may be over the budget
    return tuple(
        Reading(
            condition=reason.text,
            source=rule.place(reason.start, reason.end),
            path=reason.path,
            value=shown_value(reason.value) if reason.present else None,
            place=place_of(reason.keys, scenario, record),
        )
        for reason in reasons
    )


def in_words(rule: Rule, found: Sequence[Reading]) -> str:
    """The readings as one sentence, without their places."""
    told = list(_conditions(found))
    if not told:
        return f"its rule is false: `{one_line(rule.text)}`"
    more = len(told) - _MOST_CONDITIONS
    return "; ".join(told[:_MOST_CONDITIONS]) + (f"; and {more} more" if more > 0 else "")


def _conditions(found: Sequence[Reading]) -> Iterator[str]:
    for _, group in groupby(found, key=lambda reading: (reading.source, reading.condition)):
        listed = list(group)
        condition = one_line(listed[0].condition)
        if len(listed) == 1:
            yield f"`{condition}`: it is {_value(listed[0])}"
        else:
            each = ", ".join(f"`{one.path}` is {_value(one)}" for one in listed)
            yield f"`{condition}`: {each}"


def _value(reading: Reading) -> str:
    return "not there" if reading.value is None else reading.value


def shown_value(value: object) -> str | None:
    """A value as a rule would write it, cut and without credentials; containers by their size.

    None for an optional without a value: nothing is there.
    """
    if value is None:
        return "null"
    if isinstance(value, Optional):
        return shown_value(value.value) if value.filled else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{one_line(redact(value), _MOST_CHARACTERS)}'"
    if isinstance(value, (list, dict)):
        kind = "list" if isinstance(value, list) else "map"
        return f"a {kind} of {len(value)}"
    return str(value)


def place_of(
    keys: Sequence[str | int | bool | float] | None, scenario: Scenario, record: Record | None
) -> Place | None:
    """Where a value that a rule read stands in the scenario's files."""
    if keys is None or not all(isinstance(key, (str, int)) for key in keys):
        return None
    path = [key for key in keys if isinstance(key, (str, int))]
    if path[0] == _EVIDENCE:
        return scenario.place((*record.path, *path[1:])) if record is not None else None
    return scenario.place(path[1:] if path[0] == _SCENARIO else path)


def one_line(text: str, most: int = 160) -> str:
    """A text on one line, cut to `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
