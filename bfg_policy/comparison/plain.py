"""Plain data made otherwise at a path: whatever a change does not touch is shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Steps = tuple[str | int, ...]


class _Gone:
    """Stands for a value that is not there."""

    def __repr__(self) -> str:
        return "not there"


GONE: Final = _Gone()


def value_at(data: Mapping[str, object], steps: Steps) -> object:
    """What stands at a place; GONE where nothing does."""
    here: object = data
    for step in steps:
        try:
            here = here[step]  # type: ignore[index]  # whatever has no such step raises
        except (KeyError, IndexError, TypeError):
            return GONE
    return here


def put(whole: dict[str, object], steps: Steps, value: object) -> None:
    """Let a value stand at a place, or nothing, where it is GONE; not where no way leads there.

    Every container on the way is copied, for others may share it.
    """
    here: dict[str, object] | list[object] = whole
    for step in steps[:-1]:
        try:
            below = here[step]  # type: ignore[index]  # a list has positions, a mapping names
        except (KeyError, IndexError, TypeError):
            return
        if not isinstance(below, Mapping | list):
            return
        copied = dict(below) if isinstance(below, Mapping) else list(below)
        here[step] = copied  # type: ignore[index]
        here = copied
    last = steps[-1]
    if value is not GONE:
        if isinstance(here, dict) or (isinstance(last, int) and last < len(here)):
            here[last] = value  # type: ignore[index]
    elif isinstance(here, dict):
        here.pop(str(last), None)
    elif isinstance(last, int) and last < len(here):
        del here[last]
