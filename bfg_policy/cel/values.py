"""The values that expressions work on, how they compare, and what running them may cost.

JSON-like data is used as it is: None, bool, int, float, str, list, dict. Python has no class of
its own for the rest: `UInt`, `Timestamp`, `Duration`, `TypeValue`, `Optional`. In Python
`True == 1` and both are the same key of a dict; in CEL they are not, hence `comparing` and
`BoolKey`.
"""

from __future__ import annotations

from bfg_policy.cel.errors import Failure

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
UINT_MAX = 2**64 - 1


class UInt(int):
    """An unsigned integer. It equals the int of the same value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{int(self)}u"


class Timestamp:
    """An instant. ns: nanoseconds since 1970-01-01T00:00:00Z."""

    __slots__ = ("ns",)

    def __init__(self, ns: int) -> None:
        self.ns = ns

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and type(other) is type(self) and other.ns == self.ns

    def __lt__(self, other: Timestamp) -> bool:
        return self.ns < other.ns

    def __le__(self, other: Timestamp) -> bool:
        return self.ns <= other.ns

    def __hash__(self) -> int:
        return hash((self.__class__, self.ns))

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.ns})"


class Duration(Timestamp):
    """A span of time. ns: nanoseconds, negative for backwards."""

    __slots__ = ()


class TypeValue:
    """What `type(…)` gives, and what the name of a type stands for."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypeValue) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"TypeValue({self.name!r})"


class Optional:
    """A value or none. filled: whether there is one."""

    __slots__ = ("filled", "value")

    def __init__(self, value: object, *, filled: bool = True) -> None:
        self.value = value
        self.filled = filled

    def __repr__(self) -> str:
        return f"Optional({self.value!r})" if self.filled else "Optional()"


NOTHING = Optional(None, filled=False)

#: In place of an element that is not there.
ABSENT = object()


class BoolKey:
    """A bool as the key of a map, where Python would take it for 0 or 1."""

    __slots__ = ("value",)

    def __init__(self, *, value: bool) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"BoolKey({self.value})"


TRUE_KEY, FALSE_KEY = BoolKey(value=True), BoolKey(value=False)

TYPE_NAMES: dict[type, str] = {
    bool: "bool",
    int: "int",
    UInt: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    list: "list",
    dict: "map",
    type(None): "null_type",
    Timestamp: "google.protobuf.Timestamp",
    Duration: "google.protobuf.Duration",
    TypeValue: "type",
    Optional: "optional_type",
}
TYPE_VALUES = {name: TypeValue(name) for name in TYPE_NAMES.values()}


class Meter:
    """What an evaluation may still cost, in steps of about a microsecond.

    left: the rest of the budget. Only what grows with the data is charged; straight-line work
    is bounded by the length of the rule.
    """

    __slots__ = ("left",)

    def __init__(self, budget: int) -> None:
        self.left = budget

    def charge(self, steps: int) -> None:
        """Take steps off the budget. Raises `Failure` (`limit`) where it is used up."""
        self.left -= steps
        if self.left < 0:
            raise Failure("limit", "the rule costs more than its budget")


#: Characters (or bytes) that are read in one step, and that are made in one: what is made also
#: takes memory.
CHARACTERS_A_STEP = 64
MADE_A_STEP = 8


def type_name(value: object) -> str:
    """The CEL name of a value's type.

    Raises `Failure` (`type`) for a Python object that is none of CEL's values.
    """
    name = TYPE_NAMES.get(value.__class__)
    if name is None:
        raise Failure("type", f"a Python {value.__class__.__name__} is not a value of CEL")
    return name


def fits_int(value: int) -> int:
    """The value itself. Raises `Failure` (`overflow`) where it needs more than 64 bits."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise Failure("overflow", "the result does not fit in an int (64 bits)")


def fits_uint(value: int) -> UInt:
    """The value as a UInt. Raises `Failure` (`overflow`) where it is negative or too large."""
    if 0 <= value <= UINT_MAX:
        return UInt(value)
    raise Failure("overflow", "the result does not fit in a uint (64 bits)")
