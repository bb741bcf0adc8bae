"""Why a rule is false, for people: its conditions, the values that they read, and where."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bfg_policy.readiness import Reading

_MOST = 4


def value_lines(readings: Sequence[Reading]) -> Iterator[str]:
    """The first values that were read: `` `rows` is 0, scenario.yaml:61:18 ``."""
    for reading in readings[:_MOST]:
        yield f"`{reading.path or _condition(reading)}` is {_value(reading)}"
    yield from _rest(readings)


def condition_lines(readings: Sequence[Reading]) -> Iterator[str]:
    """The same by condition: `` `rows > 0`: it is 0, scenario.yaml:61:18 ``."""
    for _, group in groupby(readings[:_MOST], key=lambda reading: reading.source):
        listed = list(group)
        if len(listed) == 1:
            yield f"`{_condition(listed[0])}`: it is {_value(listed[0])}"
        else:
            yield f"`{_condition(listed[0])}`"
            for reading in listed:
                yield f"  `{reading.path}` is {_value(reading)}"
    yield from _rest(readings)


def _condition(reading: Reading) -> str:
    return " ".join(reading.condition.split())


def _value(reading: Reading) -> str:
    value = "not there" if reading.value is None else reading.value
    return f"{value}, {reading.place}" if reading.place is not None else value


def _rest(readings: Sequence[Reading]) -> Iterator[str]:
    more = len(readings) - _MOST
    if more > 0:
        yield f"… and {more} more"
