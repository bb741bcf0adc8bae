"""Equality, order, keys and membership, as CEL has them over Python's values."""

from __future__ import annotations

from bfg_policy.cel.errors import Failure
from bfg_policy.cel.values import (
    ABSENT,
    CHARACTERS_A_STEP,
    FALSE_KEY,
    TRUE_KEY,
    BoolKey,
    Duration,
    Meter,
    Optional,
    Timestamp,
    UInt,
    type_name,
)

_ORDERED: dict[type, str] = {
    int: "number",
    UInt: "number",
    float: "number",
    str: "string",
    bytes: "bytes",
    bool: "bool",
    Timestamp: "timestamp",
    Duration: "duration",
}


def equals(left: object, right: object, meter: Meter) -> bool:
    """CEL's `==`: numbers by value across types, anything else only with its own type.

    An int meets a double as a double, which is what the official cases expect.
    Raises `Failure`: `type` for foreign objects, `limit` over the budget.
    """
    if type(left) is str and type(right) is str:
        if len(left) != len(right):
            return False
        meter.charge(len(left) // CHARACTERS_A_STEP)
        return left == right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return _equal_numbers(left, right)
    if type(left) is not type(right):
        type_name(left)
        type_name(right)
        return False
    if isinstance(left, bytes) and isinstance(right, bytes):
        meter.charge(len(left) // CHARACTERS_A_STEP)
        return left == right
    if isinstance(left, list) and isinstance(right, list):
        return _equal_lists(left, right, meter)
    if isinstance(left, dict) and isinstance(right, dict):
        return _equal_maps(left, right, meter)
    if isinstance(left, Optional) and isinstance(right, Optional):
        return _equal_optionals(left, right, meter)
    type_name(left)
    return left == right


def _equal_numbers(left: float, right: float) -> bool:
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, float) or isinstance(right, float):
        return _double(left) == _double(right)
    return left == right


def _double(value: float) -> float:
    """The number as a double. What data holds beyond all doubles is compared as it is."""
    try:
        return float(value)
    except OverflowError:
        return value


def _equal_lists(left: list[object], right: list[object], meter: Meter) -> bool:
    if len(left) != len(right):
        return False
    meter.charge(1 + 2 * len(left))
    return all(equals(a, b, meter) for a, b in zip(left, right, strict=True))


def _equal_maps(left: dict[object, object], right: dict[object, object], meter: Meter) -> bool:
    if len(left) != len(right):
        return False
    meter.charge(1 + 2 * len(left))
    return all(key in right and equals(value, right[key], meter) for key, value in left.items())


def _equal_optionals(left: Optional, right: Optional, meter: Meter) -> bool:
    if left.filled and right.filled:
        return equals(left.value, right.value, meter)
    return left.filled == right.filled


def less(left: object, right: object) -> bool:
    """CEL's `<`. Raises `Failure` (`type`) where there is no order between the two."""
    low, high = _comparable(left, right)
    return low < high


def less_or_equal(left: object, right: object) -> bool:
    """CEL's `<=`. It is not the contrary of `>`: both are false where NaN takes part.

    Raises `Failure` (`type`) where there is no order between the two.
    """
    low, high = _comparable(left, right)
    return low <= high


def _comparable(left: object, right: object) -> tuple[float, float]:
    order = _ORDERED.get(type(left))
    if order is None or order is not _ORDERED.get(type(right)):
        raise Failure("type", f"{type_name(left)} and {type_name(right)} have no order")
    if isinstance(left, float) is not isinstance(right, float):
        return _double(left), _double(right)  # type: ignore[arg-type]  # both are numbers here
    return left, right  # type: ignore[return-value]  # or of any one type that Python orders


def as_key(value: object) -> object:
    """The key under which a map holds a value, for looking it up.

    A double that is no integer is a key that no map has. Raises `Failure` (`type`) for what
    can never be a key.
    """
    if isinstance(value, bool):
        return TRUE_KEY if value else FALSE_KEY
    if isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    raise Failure("type", f"{type_name(value)} cannot be the key of a map")


def as_new_key(value: object) -> object:
    """The same, for a key of a map that an expression makes: a double is none at all."""
    if isinstance(value, float):
        raise Failure("type", "double cannot be the key of a map")
    return as_key(value)


def from_key(key: object) -> object:
    """The value that a map's key stands for."""
    return key.value if isinstance(key, BoolKey) else key


def contains(container: object, value: object, meter: Meter) -> bool:
    """CEL's `in`: an element of a list, a key of a map.

    Raises `Failure`: `type` for any other container or key, `limit` over the budget.
    """
    if isinstance(container, dict):
        return as_key(value) in container
    if not isinstance(container, list):
        raise Failure("type", f"`in` needs a list or a map, not {type_name(container)}")
    if type(value) is str:
        # Python's `in` agrees as long as a text is looked for.
        meter.charge(len(container) * (1 + len(value) // CHARACTERS_A_STEP))
        return value in container
    meter.charge(len(container))
    return any(equals(value, item, meter) for item in container)


def element(container: object, position: object) -> object:
    """What a container holds at a key or position, or a mark that nothing does.

    Raises `Failure` (`type`) where it is no container or cannot have such keys.
    """
    if isinstance(container, dict):
        return container.get(as_key(position), ABSENT)
    if not isinstance(container, list):
        raise Failure("type", f"{type_name(container)} has no elements")
    if isinstance(position, float) and position.is_integer():
        position = int(position)
    if isinstance(position, bool) or not isinstance(position, int):
        raise Failure("type", f"{type_name(position)} cannot be the position in a list")
    return container[position] if 0 <= position < len(container) else ABSENT
