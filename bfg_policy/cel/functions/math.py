"""The math extension: least and greatest, rounding, bits."""

from __future__ import annotations

from math import isfinite, isinf, isnan, modf, sqrt

from bfg_policy.cel.comparing import less
from bfg_policy.cel.errors import Failure
from bfg_policy.cel.functions.registry import Overload
from bfg_policy.cel.values import (
    UINT_MAX,
    Meter,
    UInt,
    fits_int,
    type_name,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def _numbers(name: str, meter: Meter, args: tuple[object, ...]) -> list[float]:
    """The arguments, or the elements of the only one where it is a list."""
    values = args[0] if len(args) == 1 and isinstance(args[0], list) else args
    meter.charge(len(values))
    if not values:
        raise Failure("argument", f"`math.{name}` needs at least one number")
    numbers: list[float] = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Failure("type", f"`math.{name}` does not take {type_name(value)}")
        numbers.append(value)
    return numbers


def greatest(meter: Meter, *args: object) -> object:
    """The first of the greatest numbers."""
    numbers = _numbers("greatest", meter, args)
    found = numbers[0]
    for number in numbers[1:]:
        if less(found, number):
            found = number
    return found


def least(meter: Meter, *args: object) -> object:
    """The first of the least numbers."""
    numbers = _numbers("least", meter, args)
    found = numbers[0]
    for number in numbers[1:]:
        if less(number, found):
            found = number
    return found


def truncate(value: float) -> float:
    """Towards zero, the sign of zero kept."""
    return modf(value)[1]


def floor(value: float) -> float:
    """Down to an integer."""
    whole = truncate(value)
    return whole - 1 if whole > value else whole


def ceil(value: float) -> float:
    """Up to an integer."""
    return -floor(-value)


def round_half_away(value: float) -> float:
    """To the nearest integer, halves away from zero."""
    whole = truncate(value)
    away = 1.0 if value > 0 else -1.0
    return whole + away if isfinite(value) and abs(value - whole) >= 0.5 else whole


def absolute(value: int) -> int:
    """Without its sign. Raises `Failure` (`overflow`) for the smallest int."""
    return fits_int(abs(value))


def sign_of(value: float) -> float:
    """-1, 0 or 1 of the same type; NaN of NaN."""
    if isnan(value):
        return value
    sign = (value > 0) - (value < 0)
    if isinstance(value, float):
        return float(sign)
    return UInt(sign) if isinstance(value, UInt) else sign


def square_root(value: float) -> float:
    """As IEEE 754 says: NaN of what is negative."""
    return sqrt(value) if value >= 0 else float("nan")


def _wrap(value: int) -> int:
    """The int that 64 bits stand for."""
    bits = value & UINT_MAX
    return bits - (1 << 64) if bits >> 63 else bits


def shift_left(value: int, count: int) -> int:
    """Bits pushed out are lost. Raises `Failure` (`argument`) for a negative count."""
    kind = UInt if isinstance(value, UInt) else _wrap
    return kind((int(value) << _count(count)) & UINT_MAX if count < 64 else 0)


def shift_right(value: int, count: int) -> int:
    """Zeros come in from the left, also of a negative int."""
    kind = UInt if isinstance(value, UInt) else _wrap
    return kind((int(value) & UINT_MAX) >> _count(count) if count < 64 else 0)


def _count(count: int) -> int:
    if count < 0:
        raise Failure("argument", "a shift needs a count of at least 0")
    return count


def _for_integers(run: Callable[[int, int], int]) -> tuple[Overload, ...]:
    return (
        Overload("(int, int) -> int", run),
        Overload("(uint, uint) -> uint", lambda a, b: UInt(run(int(a), int(b)))),
    )


def _for_doubles(run: Callable[[float], object], result: str) -> tuple[Overload, ...]:
    return (Overload(f"(double) -> {result}", run),)


FUNCTIONS: dict[str, tuple[Overload, ...]] = {
    "math.greatest": (Overload("(dyn...) -> dyn", greatest, metered=True),),
    "math.least": (Overload("(dyn...) -> dyn", least, metered=True),),
    "math.ceil": _for_doubles(ceil, "double"),
    "math.floor": _for_doubles(floor, "double"),
    "math.round": _for_doubles(round_half_away, "double"),
    "math.trunc": _for_doubles(truncate, "double"),
    "math.isNaN": _for_doubles(isnan, "bool"),
    "math.isInf": _for_doubles(isinf, "bool"),
    "math.isFinite": _for_doubles(isfinite, "bool"),
    "math.abs": (
        Overload("(int) -> int", absolute),
        Overload("(uint) -> uint", lambda value: value),
        Overload("(double) -> double", abs),
    ),
    "math.sign": (
        Overload("(int) -> int", sign_of),
        Overload("(uint) -> uint", sign_of),
        Overload("(double) -> double", sign_of),
    ),
    "math.sqrt": (
        Overload("(int) -> double", square_root),
        Overload("(uint) -> double", square_root),
        Overload("(double) -> double", square_root),
    ),
    "math.bitAnd": _for_integers(lambda a, b: a & b),
    "math.bitOr": _for_integers(lambda a, b: a | b),
    "math.bitXor": _for_integers(lambda a, b: a ^ b),
    "math.bitNot": (
        Overload("(int) -> int", lambda value: ~value),
        Overload("(uint) -> uint", lambda value: UInt(UINT_MAX ^ value)),
    ),
    "math.bitShiftLeft": (
        Overload("(int, int) -> int", shift_left),
        Overload("(uint, int) -> uint", shift_left),
    ),
    "math.bitShiftRight": (
        Overload("(int, int) -> int", shift_right),
        Overload("(uint, int) -> uint", shift_right),
    ),
}
