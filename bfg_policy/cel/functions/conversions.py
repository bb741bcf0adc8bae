"""`int`, `string`, `type` and the other functions named after types, and `size`."""

from __future__ import annotations

from bfg_policy.cel.errors import Failure
from bfg_policy.cel.functions.registry import Overload
from bfg_policy.cel.times import (
    SECOND,
    duration_text,
    parse_duration,
    parse_timestamp,
    timestamp,
    timestamp_text,
)
from bfg_policy.cel.values import (
    TYPE_VALUES,
    TypeValue,
    UInt,
    fits_int,
    fits_uint,
    type_name,
)

_BOOLS = {
    **dict.fromkeys(("1", "t", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "false", "FALSE", "False"), False),
}


def identity(value: object) -> object:
    """The value itself."""
    return value


def text_to_bool(text: str) -> bool:
    """Raises `Failure` (`argument`) for anything but the usual spellings."""
    value = _BOOLS.get(text)
    if value is None:
        raise Failure("argument", "not a bool (true or false)")
    return value


def text_to_number(text: str) -> int:
    """An integer in decimal digits, with or without a sign; any size up to 40 digits."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 40:
        raise Failure("argument", "not an integer")
    return int(text)


def text_to_double(text: str) -> float:
    """A decimal number, NaN or an infinity. Raises `Failure` (`argument`) for other texts."""
    if text.isascii() and "_" not in text and text == text.strip():
        try:
            return float(text)
        except ValueError:
            pass
    raise Failure("argument", "not a number")


def double_to_int(value: float) -> int:
    """Towards zero. Raises `Failure` (`overflow`) outside of the open range of int."""
    if -(2.0**63) < value < 2.0**63:
        return int(value)
    raise Failure("overflow", "the result does not fit in an int (64 bits)")


def double_to_uint(value: float) -> UInt:
    """Towards zero. Raises `Failure` (`overflow`) outside of the range of uint."""
    if 0.0 <= value < 2.0**64:
        return UInt(value)
    raise Failure("overflow", "the result does not fit in a uint (64 bits)")


def double_text(value: float) -> str:
    """The shortest text that reads back as the same double: `1`, `0.25`, `1e+30`."""
    if value != value:  # noqa: PLR0124  (that is what NaN is)
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    mantissa, _, exponent = repr(value).partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.removeprefix("-").partition(".")
    fraction = fraction.rstrip("0")
    digits = (whole + fraction).lstrip("0")
    # The value is 0.DIGITS times ten to the power of `point`.
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if not digits:
        return f"{sign}0"
    if -4 < point <= 6:
        if point <= 0:
            return f"{sign}0.{'0' * -point}{digits}"
        padded = digits.ljust(point, "0")
        rest = padded[point:]
        return f"{sign}{padded[:point]}{'.' if rest else ''}{rest}"
    rest = digits[1:]
    return f"{sign}{digits[0]}{'.' if rest else ''}{rest}e{point - 1:+03}"


def bytes_text(value: bytes) -> str:
    """UTF-8 to text. Raises `Failure` (`argument`) where the bytes are not UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Failure("argument", "these bytes are not UTF-8") from None


def text_bytes(value: str) -> bytes:
    """Text to UTF-8. Raises `Failure` (`argument`) for half of a surrogate pair."""
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise Failure("argument", "this text is not Unicode") from None


def type_of(value: object) -> TypeValue:
    """The type of any value."""
    return TYPE_VALUES[type_name(value)]


def bool_text(value: object) -> str:
    """The text of a bool."""
    return "true" if value else "false"


FUNCTIONS: dict[str, tuple[Overload, ...]] = {
    "dyn": (Overload("(A) -> dyn", identity, free=True),),
    "type": (Overload("(A) -> type", type_of, free=True),),
    "size": (
        Overload("(string) -> int", len, free=True),
        Overload("(bytes) -> int", len, free=True),
        Overload("(list(A)) -> int", len, free=True),
        Overload("(map(A, B)) -> int", len, free=True),
        Overload("string.() -> int", len, free=True),
        Overload("bytes.() -> int", len, free=True),
        Overload("list(A).() -> int", len, free=True),
        Overload("map(A, B).() -> int", len, free=True),
    ),
    "bool": (
        Overload("(bool) -> bool", identity),
        Overload("(string) -> bool", text_to_bool),
    ),
    "int": (
        Overload("(int) -> int", identity),
        Overload("(uint) -> int", lambda value: fits_int(int(value))),
        Overload("(double) -> int", double_to_int),
        Overload("(string) -> int", lambda value: fits_int(text_to_number(value))),
        Overload("(timestamp) -> int", lambda value: value.ns // SECOND),
    ),
    "uint": (
        Overload("(uint) -> uint", identity),
        Overload("(int) -> uint", fits_uint),
        Overload("(double) -> uint", double_to_uint),
        Overload("(string) -> uint", lambda value: fits_uint(text_to_number(value))),
    ),
    "double": (
        Overload("(double) -> double", identity),
        Overload("(int) -> double", float),
        Overload("(uint) -> double", float),
        Overload("(string) -> double", text_to_double),
    ),
    "string": (
        Overload("(string) -> string", identity),
        Overload("(bool) -> string", bool_text),
        Overload("(int) -> string", str),
        Overload("(uint) -> string", lambda value: str(int(value))),
        Overload("(double) -> string", double_text),
        Overload("(bytes) -> string", bytes_text),
        Overload("(timestamp) -> string", timestamp_text),
        Overload("(duration) -> string", duration_text),
    ),
    "bytes": (
        Overload("(bytes) -> bytes", identity),
        Overload("(string) -> bytes", text_bytes),
    ),
    "timestamp": (
        Overload("(timestamp) -> timestamp", identity),
        Overload("(string) -> timestamp", parse_timestamp),
        Overload("(int) -> timestamp", lambda value: timestamp(value * SECOND)),
    ),
    "duration": (
        Overload("(duration) -> duration", identity),
        Overload("(string) -> duration", parse_duration),
    ),
}
