"""Where a value that a template was given stands in the scenario's files."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bfg_policy.errors import Place
    from bfg_policy.scenario import Scenario

_Path = tuple[str | int, ...]


def place_of_value(scenario: Scenario, value: object) -> Place | None:
    """The one place where the scenario has a text; None where it has none, or several."""
    if not isinstance(value, str):
        return None
    found = list(islice(_paths(scenario.document, value), 2))
    return scenario.place(found[0]) if len(found) == 1 else None


def _paths(document: Mapping[str, object], wanted: str) -> Iterator[_Path]:
    waiting: list[tuple[_Path, object]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(((*path, key), each) for key, each in value.items())
        elif isinstance(value, list):
            waiting.extend(((*path, index), each) for index, each in enumerate(value))
        elif value == wanted:
            yield path
