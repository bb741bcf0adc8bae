"""What a plain YAML scalar is: the YAML 1.2 core types, and where YAML 1.1 would disagree."""

from __future__ import annotations

import re
from typing import NamedTuple

MIN_INT, MAX_INT = -(2**63), 2**63 - 1
_INT_DIGITS = 22  # in base 8; no integer with more of them, in any base, fits into 64 bits
_COMPARED = 40  # code points; what is longer is no slip between two versions of YAML

# What any other first character begins is a string in both versions.
SPECIAL_FIRST = frozenset("-+.0123456789~nNtTfFyYoO")

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

_OLD_WORDS: dict[str, str] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), "the boolean true"),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), "the boolean false"),
}
_OLD_BASE_60 = re.compile(
    r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
)
# The form, its base, and how many characters of prefix stand before the digits.
_OLD_INTEGERS = (
    (re.compile(r"[-+]?0b[01_]+"), 2, 2),
    (re.compile(r"[-+]?0x[0-9a-fA-F_]+"), 16, 2),
    (re.compile(r"[-+]?0[0-7_]+"), 8, 0),
    (re.compile(r"[-+]?(?:0|[1-9][0-9_]*)"), 10, 0),
)
_OLD_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?")


class Plain(NamedTuple):
    """A plain scalar, read.

    value: by YAML 1.2. fault: why it cannot be taken (a number out of range), else None.
    old, new: what it is in YAML 1.1 and in 1.2, in words, where these differ.
    """

    value: object
    fault: str | None = None
    old: str | None = None
    new: str | None = None


def read_plain(raw: str) -> Plain:
    """The meaning of a plain scalar by YAML 1.2's core schema (yaml.org/spec/1.2.2, 10.3.2)."""
    if raw in _CONSTANTS:
        return Plain(_CONSTANTS[raw])
    if raw in _OLD_WORDS:
        return Plain(raw, old=_OLD_WORDS[raw], new="a string")
    if not any(character.isdigit() for character in raw) or not raw.isascii():
        fault = "it is not a finite number" if _NOT_FINITE.fullmatch(raw) else None
        return Plain(raw, fault)
    plain = _number(raw)
    return plain if plain.fault else _against_old(raw, plain.value)


def _number(raw: str) -> Plain:
    if _INT.fullmatch(raw):
        return _integer(raw, 10, raw.lstrip("-+").lstrip("0"))
    if _BASED.fullmatch(raw):
        return _integer(raw, 8 if raw[1] == "o" else 16, raw[2:].lstrip("0"))
    if _FLOAT.fullmatch(raw):
        return read_float(raw)
    return Plain(raw)


def _integer(raw: str, base: int, digits: str) -> Plain:
    if len(digits) <= _INT_DIGITS:
        value = -int(digits or "0", base) if raw[0] == "-" else int(digits or "0", base)
        if MIN_INT <= value <= MAX_INT:
            return Plain(value)
    return Plain(raw, "it is outside the 64-bit integer range")


def read_int(raw: str) -> Plain:
    """A decimal integer; its fault says that it is outside 64 bits."""
    return _integer(raw, 10, raw.lstrip("-+").lstrip("0"))


def read_float(raw: str) -> Plain:
    """A decimal float; its fault says that it is too large to be one."""
    value = float(raw)
    if value in {float("inf"), float("-inf")}:
        return Plain(raw, "it is too large for a 64-bit floating-point number")
    return Plain(value)


def _against_old(raw: str, value: object) -> Plain:
    """The same with what YAML 1.1 (yaml.org/type) makes of it, where that is something else."""
    if len(raw) > _COMPARED:
        return Plain(value)
    old = _old_number(raw)
    same = value if isinstance(value, (int, float)) else None
    if old == same and type(old) is type(same):
        return Plain(value)
    return Plain(value, old=_in_words(old), new=_in_words(same))


def _old_number(raw: str) -> int | float | None:
    """The number that YAML 1.1 reads here, or None where it reads a string."""
    digits = raw.replace("_", "")
    bare = digits.lstrip("-+")
    sign = -1 if raw[0] == "-" else 1
    for form, base, skipped in _OLD_INTEGERS:
        if form.fullmatch(raw):
            return sign * int(bare[skipped:] or "0", base)
    if _OLD_BASE_60.fullmatch(raw):
        return sign * _base_60(bare)
    return float(digits) if _OLD_FLOAT.fullmatch(raw) else None


def _base_60(bare: str) -> int | float:
    *whole, last = bare.split(":")
    total = 0
    for part in whole:
        total = total * 60 + int(part)
    return total * 60 + (float(last) if "." in last else int(last))


def _in_words(number: float | None) -> str:
    if number is None:
        return "a string"
    return f"the {'integer' if isinstance(number, int) else 'number'} {number}"
