"""The operators `+ - * / %` and the sign: no mixing of types, no silent overflow."""

from __future__ import annotations

from bfg_policy.cel.errors import Failure
from bfg_policy.cel.times import duration, timestamp
from bfg_policy.cel.values import (
    MADE_A_STEP,
    Duration,
    Meter,
    Timestamp,
    UInt,
    fits_int,
    fits_uint,
    type_name,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def add(left: object, right: object, meter: Meter) -> object:
    """Sum of two numbers of one type or of times; two strings, bytes or lists joined.

    Raises `Failure`: `type`, `overflow`, `limit` (long results cost as much as their length).
    """
    if type(left) is int and type(right) is int:
        return fits_int(left + right)
    if type(left) is str and type(right) is str:
        meter.charge((len(left) + len(right)) // MADE_A_STEP)
        return left + right
    if type(left) is list and type(right) is list:
        meter.charge(len(left) + len(right))
        return left + right
    if type(left) is float and type(right) is float:
        return left + right
    if type(left) is UInt and type(right) is UInt:
        return fits_uint(int(left) + int(right))
    if type(left) is bytes and type(right) is bytes:
        meter.charge((len(left) + len(right)) // MADE_A_STEP)
        return left + right
    return _add_times(left, right)


def _add_times(left: object, right: object) -> object:
    if type(left) is Duration and type(right) is Duration:
        return duration(left.ns + right.ns)
    if type(left) is Timestamp and type(right) is Duration:
        return timestamp(left.ns + right.ns)
    if type(left) is Duration and type(right) is Timestamp:
        return timestamp(left.ns + right.ns)
    raise _no_overload("+", left, right)


def subtract(left: object, right: object, meter: Meter) -> object:  # noqa: ARG001
    """Difference of two numbers of one type or of times. Raises `Failure`: `type`, `overflow`."""
    if type(left) is int and type(right) is int:
        return fits_int(left - right)
    if type(left) is float and type(right) is float:
        return left - right
    if type(left) is UInt and type(right) is UInt:
        return fits_uint(int(left) - int(right))
    if isinstance(left, Timestamp) and type(right) is Duration:
        difference = left.ns - right.ns
        return timestamp(difference) if type(left) is Timestamp else duration(difference)
    if type(left) is Timestamp and type(right) is Timestamp:
        return duration(left.ns - right.ns)
    raise _no_overload("-", left, right)


def multiply(left: object, right: object, meter: Meter) -> object:  # noqa: ARG001
    """Product of two numbers of one type. Raises `Failure`: `type`, `overflow`."""
    if type(left) is int and type(right) is int:
        return fits_int(left * right)
    if type(left) is float and type(right) is float:
        return left * right
    if type(left) is UInt and type(right) is UInt:
        return fits_uint(int(left) * int(right))
    raise _no_overload("*", left, right)


def divide(left: object, right: object, meter: Meter) -> object:  # noqa: ARG001
    """Quotient of two numbers of one type; of integers towards zero.

    Raises `Failure`: `type`, `overflow`, `division`; a double divides by zero as IEEE 754 says.
    """
    if type(left) is float and type(right) is float:
        return _divide_doubles(left, right)
    if type(left) is type(right) and isinstance(left, int) and isinstance(right, int):
        if type(left) is int:
            return fits_int(_quotient(left, right))
        if type(left) is UInt:
            return fits_uint(_quotient(left, right))
    raise _no_overload("/", left, right)


def modulo(left: object, right: object, meter: Meter) -> object:  # noqa: ARG001
    """Rest of a division of integers; it has the sign of the dividend.

    Raises `Failure`: `type`, `overflow`, `division`.
    """
    if type(left) is type(right) and isinstance(left, int) and isinstance(right, int):
        if type(left) is int:
            # As in the other engines: the quotient of the smallest int and -1 does not fit.
            return left - right * fits_int(_quotient(left, right))
        if type(left) is UInt:
            return UInt(int(left) - int(right) * _quotient(left, right))
    raise _no_overload("%", left, right)


def _quotient(left: int, right: int) -> int:
    if right == 0:
        raise Failure("division", "division by zero")
    quotient = abs(int(left)) // abs(int(right))
    return quotient if (left < 0) is (right < 0) else -quotient


def _divide_doubles(left: float, right: float) -> float:
    if right:
        return left / right
    if not left or left != left:  # noqa: PLR0124  (that is what NaN is)
        return float("nan")
    negative = (left < 0) is not str(right).startswith("-")
    return float("-inf") if negative else float("inf")


def negate(operand: object) -> object:
    """The number with the other sign. Raises `Failure`: `type`, `overflow`."""
    if type(operand) is int:
        return fits_int(-operand)
    if type(operand) is float:
        return -operand
    raise Failure("type", f"`-` does not take {type_name(operand)}")


def _no_overload(operator: str, left: object, right: object) -> Failure:
    message = f"`{operator}` does not take {type_name(left)} and {type_name(right)}"
    return Failure("type", message)


OPERATIONS: dict[str, Callable[[object, object, Meter], object]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": modulo,
}
