"""`'%s has %d rows'.format([name, n])`: the clauses of the string extension.

Source: the string extension of CEL, version 4.
"""

from __future__ import annotations

from bfg_policy.cel.comparing import from_key
from bfg_policy.cel.errors import Failure
from bfg_policy.cel.functions.conversions import bytes_text, double_text
from bfg_policy.cel.times import duration_text, timestamp_text
from bfg_policy.cel.values import (
    CHARACTERS_A_STEP,
    MADE_A_STEP,
    Duration,
    Meter,
    Timestamp,
    TypeValue,
    type_name,
)

#: More digits than any double has; it also bounds what one clause can write.
_MOST_DIGITS = 1_000
_INFINITIES = {"+Inf": "Infinity", "-Inf": "-Infinity"}


def format_text(meter: Meter, template: str, args: list[object]) -> str:
    """The template with each clause made text: `%s %d %f %e %b %o %x %X`, and `%%` for `%`.

    Raises `Failure`: `argument` for a bad clause or too few arguments, `type` for an argument
    that its clause does not take, `limit` over the budget.
    """
    meter.charge(len(template) // CHARACTERS_A_STEP)
    parts: list[str] = []
    position = used = 0
    while (percent := template.find("%", position)) >= 0:
        parts.append(template[position:percent])
        if template.startswith("%%", percent):
            parts.append("%")
            position = percent + 2
            continue
        letter, precision, position = _clause(template, percent + 1)
        if used >= len(args):
            raise Failure("argument", f"`format` has no argument {used + 1}")
        text = _write(letter, precision, args[used], meter)
        meter.charge(1 + len(text) // MADE_A_STEP)
        parts.append(text)
        used += 1
    parts.append(template[position:])
    return "".join(parts)


def _clause(template: str, position: int) -> tuple[str, int, int]:
    """Letter and precision of the clause that begins here, and where the template goes on."""
    precision = 6
    if template.startswith(".", position):
        end = position + 1
        while end < len(template) and template[end] in "0123456789":
            end += 1
        digits = template[position + 1 : end]
        if not digits or len(digits) > 4 or int(digits) > _MOST_DIGITS:
            raise Failure("argument", "`format` needs a precision of at most 1000 digits")
        precision, position = int(digits), end
    letter = template[position : position + 1]
    if not letter or letter not in "sdfebox" + "X":
        raise Failure("argument", f"`format` does not know the clause %{letter}")
    return letter, precision, position + 1


def _write(letter: str, precision: int, value: object, meter: Meter) -> str:
    if letter == "s":
        return _text(value, meter)
    if letter == "d":
        return _decimal(value)
    if letter in "fe":
        return _fixed(letter, precision, value)
    if letter in "xX":
        return _hexadecimal(letter, value)
    return _digits(letter, value)


def _text(value: object, meter: Meter) -> str:
    """Any value as text, maps in the order of their keys."""
    meter.charge(2)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, bytes):
        return bytes_text(value)
    if isinstance(value, Duration):
        return duration_text(value)
    if isinstance(value, Timestamp):
        return timestamp_text(value)
    if isinstance(value, TypeValue):
        return value.name
    if isinstance(value, list):
        return f"[{', '.join(_text(item, meter) for item in value)}]"
    if isinstance(value, dict):
        texts = [(_text(from_key(key), meter), _text(item, meter)) for key, item in value.items()]
        return f"{{{', '.join(f'{key}: {item}' for key, item in sorted(texts))}}}"
    raise _wrong("s", value)


def _double(value: float) -> str:
    text = double_text(value)
    return _INFINITIES.get(text, text)


def _decimal(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and not _is_finite(value):
        return _double(value)
    raise _wrong("d", value)


def _is_finite(value: float) -> bool:
    return value - value == 0


def _fixed(letter: str, precision: int, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(letter, value)
    number = float(value)
    if not _is_finite(number):
        return _double(number)
    return f"{number:.{precision}{letter}}"


def _hexadecimal(letter: str, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{int(value):{letter}}"
    if isinstance(value, str):
        value = value.encode(errors="replace")
    if isinstance(value, bytes):
        return value.hex().upper() if letter == "X" else value.hex()
    raise _wrong(letter, value)


def _digits(letter: str, value: object) -> str:
    """Binary or octal."""
    if isinstance(value, bool) and letter == "b":
        return "1" if value else "0"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{int(value):{letter}}"
    raise _wrong(letter, value)


def _wrong(letter: str, value: object) -> Failure:
    return Failure("type", f"%{letter} of `format` does not take {type_name(value)}")
