"""The values that expressions work on, how they compare, and what running them may cost.

JSON-like data is used as it is: None, bool, int, float, str, list, dict. Python has no class of
its own for the rest: `UInt`, `Timestamp`, `Duration`, `TypeValue`, `Optional`. In Python
`True == 1` and both are the same key of a dict; in CEL they are not, hence `equals` and
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
        return float(left) == float(right)
    return left == right


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
        return float(left), float(right)  # type: ignore[arg-type]  # both are numbers here
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
