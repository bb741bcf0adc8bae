"""What generated functions call: the operations of the closures without their places.

These raise `Failure`, or `Unusual` where only the closures can tell what the value is.
"""

from __future__ import annotations

from bfg_policy.cel.arithmetic import add, divide, modulo, multiply, negate, subtract
from bfg_policy.cel.comparing import contains, element, equals, from_key, less, less_or_equal
from bfg_policy.cel.functions.lists import sort_by
from bfg_policy.cel.functions.strings import SPACE
from bfg_policy.cel.loops import add_entries, add_entry
from bfg_policy.cel.values import (
    ABSENT,
    NOTHING,
    Meter,
    Optional,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Unusual(Exception):
    """The generated function gives up."""


#: What has a length in the sense of `size`.
SIZED = frozenset((str, bytes, list, dict))


def unusual() -> object:
    """Gives up."""
    raise Unusual


def unknown(name: str) -> object:
    """There is no function of this name, which is an error unless something absorbs it."""
    raise Unusual(name)


def optional(value: object) -> Optional:
    """The value, which has to be an optional."""
    if isinstance(value, Optional):
        return value
    raise Unusual


def filled(value: object) -> list[object]:
    """What an element written with `?` adds to a list."""
    found = optional(value)
    return [found.value] if found.filled else []


def item(container: object, key: object) -> object:
    """`container[key]`."""
    found = element(container, key)
    if found is ABSENT:
        raise Unusual
    return found


def optional_item(container: object, key: object) -> Optional:
    """`container[?key]`."""
    if isinstance(container, Optional):
        if not container.filled:
            return NOTHING
        container = container.value
    found = element(container, key)
    return NOTHING if found is ABSENT else Optional(found)


def optional_field(container: object, field: str) -> Optional:
    """`container.?field`."""
    if isinstance(container, Optional):
        if not container.filled:
            return NOTHING
        container = container.value
    if not isinstance(container, dict):
        raise Unusual
    return Optional(container[field]) if field in container else NOTHING


def has(container: object, field: str) -> bool:
    """`has(container.field)` of what is no map: of an optional, or an error."""
    if not isinstance(container, Optional):
        raise Unusual
    if not container.filled:
        return False
    if not isinstance(container.value, dict):
        raise Unusual
    return field in container.value


def new_map(entries: Sequence[tuple[object, object, bool]]) -> dict[object, object]:
    """A map of keys and values, of which some are optionals."""
    made: dict[object, object] = {}
    for key, value, may_lack in entries:
        if may_lack:
            found = optional(value)
            if found.filled:
                add_entry(made, key, found.value)
        else:
            add_entry(made, key, value)
    return made


def keys(container: object) -> list[object]:
    """What a macro with one name goes through in a map."""
    if isinstance(container, dict):
        return [from_key(key) for key in container]
    raise Unusual


def pairs(container: object) -> Iterable[tuple[object, object]]:
    """What a macro with two names goes through."""
    if isinstance(container, list):
        return enumerate(container)
    if isinstance(container, dict):
        return [(from_key(key), value) for key, value in container.items()]
    raise Unusual


def sorted_by(meter: Meter, keyed: Sequence[tuple[object, object]]) -> list[object]:
    """The second of each pair, in the order of the first."""
    return sort_by(meter, [value for _, value in keyed], [key for key, _ in keyed])


__all__ = [
    "SPACE",
    "add",
    "add_entries",
    "contains",
    "divide",
    "equals",
    "less",
    "less_or_equal",
    "modulo",
    "multiply",
    "negate",
    "subtract",
]
