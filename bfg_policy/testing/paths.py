"""Paths into a scenario, as tests write them: `items.id=one.state`, `items.*.state`, `items.0`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.testing.types import Path

_EACH = "*"


class NoSuchPath(ValueError):
    """A path that leads nowhere.

    start, end: the code points of the step that fails; why: in words; suggestion: the whole path
    that was probably meant.
    """

    def __init__(self, start: int, end: int, why: str, suggestion: str | None) -> None:
        super().__init__(why)
        self.start = start
        self.end = end
        self.why = why
        self.suggestion = suggestion


def find(data: object, written: str, *, may_be_new: bool = False) -> tuple[Path, ...]:
    """Every path that is meant: more than one where a step stands for several items.

    may_be_new: whether the last step may be a key that is not there yet. Raises NoSuchPath where
    a step leads nowhere.
    """
    found: list[tuple[Path, object]] = [((), data)]
    start = 0
    steps = written.split(".")
    for index, step in enumerate(steps):
        is_new = may_be_new and index == len(steps) - 1
        reached = [
            ((*path, key), _at(value, key))
            for path, value in found
            for key in _keys(value, step, is_new=is_new)
        ]
        if not reached:
            suggestion = _meant(found[0][1], step)
            whole = (
                ".".join([*steps[:index], suggestion, *steps[index + 1 :]]) if suggestion else None
            )
            why = _why(found[0][1], step)
            if may_be_new and not suggestion and isinstance(found[0][1], Mapping):
                why += ", and only the last step of a path may be new"
            raise NoSuchPath(start, start + len(step), why, whole)
        found = reached
        start += len(step) + 1
    return tuple(path for path, _ in found)


def _keys(value: object, step: str, *, is_new: bool) -> Iterator[str | int]:
    """The keys or positions of a value that a step means."""
    if isinstance(value, Mapping):
        if step == _EACH:
            yield from value
        elif step in value or is_new:
            yield step
    elif isinstance(value, list):
        key, equals, wanted = step.partition("=")
        for index, item in enumerate(value):
            told = item.get(key) if key and isinstance(item, Mapping) else item
            if step in (_EACH, str(index)) or (equals and str(told) == wanted):
                yield index


def _at(value: object, key: str | int) -> object:
    if isinstance(value, Mapping):
        return value.get(key)
    assert isinstance(value, list)
    assert isinstance(key, int)
    return value[key]


def _why(value: object, step: str) -> str:
    if isinstance(value, Mapping):
        return f"there is no `{step}`"
    if isinstance(value, list):
        return f"no item of the list is meant by `{step}`"
    return f"nothing lies below a single value, so there is no `{step}`"


def _meant(value: object, step: str) -> str | None:
    if isinstance(value, Mapping):
        return closest(step, [str(key) for key in value])
    key, equals, wanted = step.partition("=")
    if not (isinstance(value, list) and equals):
        return None
    values = [str(item[key] if key else item) for item in value if not key or _has(item, key)]
    meant = closest(wanted, values)
    return f"{key}={meant}" if meant is not None and meant != wanted else None


def _has(item: object, key: str) -> bool:
    return isinstance(item, Mapping) and key in item
