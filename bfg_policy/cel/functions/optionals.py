"""Functions over optional values.

`or` and `orValue` do not look at their argument where there is a value already, so the
evaluators run these two themselves; what stands here gives their types.
"""

from __future__ import annotations

from bfg_policy.cel.errors import Failure
from bfg_policy.cel.functions.registry import Overload
from bfg_policy.cel.values import NOTHING, Duration, Optional, Timestamp

#: Methods of an optional whose argument is not evaluated where the optional has a value.
LAZY = frozenset(("or", "orValue"))


def of_non_zero(value: object) -> Optional:
    """None for what is null, empty, false or zero."""
    if isinstance(value, Duration):
        zero = value.ns == 0
    elif isinstance(value, Timestamp):
        zero = False
    else:
        zero = not value
    return NOTHING if zero else Optional(value)


def value_of(optional: Optional) -> object:
    """Raises `Failure` (`missing`) where there is none."""
    if optional.filled:
        return optional.value
    raise Failure("missing", "the optional has no value")


def unwrap(items: list[object]) -> list[object]:
    """The values of those elements that have one. Raises `Failure` (`type`)."""
    found: list[object] = []
    for item in items:
        if not isinstance(item, Optional):
            raise Failure("type", "`unwrap` needs a list of optionals")
        if item.filled:
            found.append(item.value)
    return found


def either(optional: Optional, other: Optional) -> Optional:
    """The first of two optionals that has a value."""
    return optional if optional.filled else other


def or_value(optional: Optional, other: object) -> object:
    """The value, or another one where there is none."""
    return optional.value if optional.filled else other


FUNCTIONS: dict[str, tuple[Overload, ...]] = {
    "optional.of": (Overload("(A) -> optional(A)", Optional, free=True),),
    "optional.none": (Overload("() -> optional(dyn)", lambda: NOTHING),),
    "optional.ofNonZeroValue": (Overload("(A) -> optional(A)", of_non_zero, free=True),),
    "optional.unwrap": (Overload("(list(optional(A))) -> list(A)", unwrap),),
    "unwrapOpt": (Overload("list(optional(A)).() -> list(A)", unwrap),),
    "hasValue": (Overload("optional(A).() -> bool", lambda optional: optional.filled),),
    "value": (Overload("optional(A).() -> A", value_of),),
    "or": (Overload("optional(A).(optional(A)) -> optional(A)", either),),
    "orValue": (Overload("optional(A).(A) -> A", or_value),),
}
