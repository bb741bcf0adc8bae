"""Functions over lists, and lists as sets.

Source: the list and set extensions of CEL.
"""

from __future__ import annotations

from bfg_policy.cel.comparing import contains, less
from bfg_policy.cel.errors import Failure
from bfg_policy.cel.functions.registry import Overload
from bfg_policy.cel.values import (
    NOTHING,
    Meter,
    Optional,
)

#: What it costs to make an int, which takes memory too.
_NUMBER = 4

#: The deepest nesting that `flatten` opens when it is not told.
_FLATTEN_ONCE = 1


def slice_list(items: list[object], start: int, end: int) -> list[object]:
    """The elements from one position up to another. Raises `Failure` (`index`)."""
    if 0 <= start <= end <= len(items):
        return items[start:end]
    raise Failure("index", f"no slice from {start} to {end} of {len(items)} elements")


def flatten(meter: Meter, items: list[object], depth: int = _FLATTEN_ONCE) -> list[object]:
    """The elements of the lists in a list, `depth` levels of them."""
    if depth < 0:
        raise Failure("argument", "`flatten` needs a depth of at least 0")
    found: list[object] = []
    meter.charge(len(items))
    for item in items:
        if depth and isinstance(item, list):
            found.extend(flatten(meter, item, depth - 1))
        else:
            found.append(item)
    return found


def distinct(meter: Meter, items: list[object]) -> list[object]:
    """The elements without those that equal an earlier one."""
    found: list[object] = []
    for item in items:
        if not contains(found, item, meter):
            found.append(item)
    return found


def number_range(meter: Meter, count: int) -> list[int]:
    """The ints from 0 up to `count`."""
    meter.charge(max(count, 0) * _NUMBER)
    return list(range(count))


class _Ordered:
    """An element under its key, as Python's sort wants to compare it."""

    __slots__ = ("key", "value")

    def __init__(self, key: object, value: object) -> None:
        self.key = key
        self.value = value

    def __lt__(self, other: _Ordered) -> bool:
        return less(self.key, other.key)


def sort_by(meter: Meter, items: list[object], keys: list[object]) -> list[object]:
    """The elements in the order of their keys, which are all of one type.

    Raises `Failure` (`type`) where the keys have no order.
    """
    meter.charge(len(items) * max(1, len(items).bit_length()))
    kinds = {type(key) for key in keys}
    if len(kinds) > 1:
        raise Failure("type", "elements of several types cannot be sorted")
    for key in keys[:1]:
        less(key, key)
    paired = (_Ordered(key, item) for key, item in zip(keys, items, strict=True))
    return [ordered.value for ordered in sorted(paired)]


def sort(meter: Meter, items: list[object]) -> list[object]:
    """The elements in their own order."""
    return sort_by(meter, items, items)


def first(items: list[object]) -> Optional:
    """The first element, if there is one."""
    return Optional(items[0]) if items else NOTHING


def last(items: list[object]) -> Optional:
    """The last element, if there is one."""
    return Optional(items[-1]) if items else NOTHING


def includes(meter: Meter, items: list[object], parts: list[object]) -> bool:
    """Whether every one of the parts equals an element."""
    return all(contains(items, part, meter) for part in parts)


def equivalent(meter: Meter, left: list[object], right: list[object]) -> bool:
    """Whether both lists have the same elements, in any order and number."""
    return includes(meter, left, right) and includes(meter, right, left)


def intersects(meter: Meter, left: list[object], right: list[object]) -> bool:
    """Whether any element stands in both lists."""
    return any(contains(right, item, meter) for item in left)


FUNCTIONS: dict[str, tuple[Overload, ...]] = {
    "slice": (Overload("list(A).(int, int) -> list(A)", slice_list),),
    "flatten": (
        Overload("list(A).() -> list(dyn)", flatten, metered=True),
        Overload("list(A).(int) -> list(dyn)", flatten, metered=True),
    ),
    "distinct": (Overload("list(A).() -> list(A)", distinct, metered=True),),
    "sort": (Overload("list(A).() -> list(A)", sort, metered=True),),
    "first": (Overload("list(A).() -> optional(A)", first, free=True),),
    "last": (Overload("list(A).() -> optional(A)", last, free=True),),
    "lists.range": (Overload("(int) -> list(int)", number_range, metered=True),),
    "sets.contains": (Overload("(list(A), list(A)) -> bool", includes, metered=True),),
    "sets.equivalent": (Overload("(list(A), list(A)) -> bool", equivalent, metered=True),),
    "sets.intersects": (Overload("(list(A), list(A)) -> bool", intersects, metered=True),),
}
