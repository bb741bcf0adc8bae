"""Paths, types and values as people read them in a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.source.shown import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MOST_LISTED = 12
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "null": "empty",
}


def type_name(value: object) -> str:
    """A value's type by its name in JSON Schema."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def type_in_words(name: str) -> str:
    """A type of JSON Schema in words, such as "a list"."""
    return _TYPES.get(name, f"`{name}`")


def field(path: Sequence[str | int]) -> str:
    """A value by the nearest key that leads to it: `needs[2]`."""
    indexes = ""
    for step in reversed(path):
        if isinstance(step, str):
            return f"`{cut(step)}{indexes}`"
        indexes = f"[{step}]{indexes}"
    return f"item {indexes}" if indexes else "the document"


def shown(value: object) -> str:
    """A scalar as it is written, without its quotes; cut, and on one line."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return cut(str(value))


def actual(value: object, raw: str | None = None) -> str:
    """What a value is: its type, and its text where it is a scalar; raw: as it is written."""
    name = type_name(value)
    if name in {"object", "array", "null"}:
        return type_in_words(name)
    return f"the {name} `{shown(value) if raw is None else cut(raw)}`"


def either(words: Iterable[str]) -> str:
    """Words joined by "or", each of them once."""
    listed = list(dict.fromkeys(words))
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def listing(values: Sequence[object]) -> str:
    """Allowed values, the first dozen of them."""
    words = [f"`{shown(value)}`" for value in values[:_MOST_LISTED]]
    rest = len(values) - len(words)
    return ", ".join(words) + (f" and {rest} more" if rest > 0 else "")
