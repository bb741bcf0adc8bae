"""What a number or a string in the text of a rule stands for."""

from __future__ import annotations

from bfg_policy.cel.errors import CelProblem, CelSyntaxError
from bfg_policy.cel.values import INT_MAX, UINT_MAX, UInt

_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "?": "?",
    '"': '"',
    "'": "'",
    "`": "`",
}
_DIGITS = {"x": 2, "X": 2, "u": 4, "U": 8}
_HEX = frozenset("0123456789abcdefABCDEF")
_OCTAL = frozenset("01234567")


def number(written: str, start: int) -> int | float:
    """An int, UInt or float; 2**63 passes, as it is an int behind a minus sign.

    Raises `CelSyntaxError` where the number does not fit in 64 bits.
    """
    unsigned = written[-1] in "uU"
    digits = written[:-1] if unsigned else written
    if digits.startswith("0x"):
        value = int(digits, 16)
    elif digits.isdigit():
        value = int(digits) if len(digits) < 40 else UINT_MAX + 1
    else:
        decimal = float(digits)
        if decimal == float("inf"):
            raise CelSyntaxError(too_large("double", start, start + len(written)))
        return decimal
    if value > (UINT_MAX if unsigned else INT_MAX + 1):
        kind = "uint" if unsigned else "int"
        raise CelSyntaxError(too_large(kind, start, start + len(written)))
    return UInt(value) if unsigned else value


def too_large(kind: str, start: int, end: int) -> CelProblem:
    """The problem of a number that its type cannot hold."""
    article = "an" if kind == "int" else "a"
    message = f"this number is too large for {article} {kind} (64 bits)"
    return CelProblem("syntax", message, start, end)


def quoted(written: str, start: int) -> str | bytes:
    """The str or bytes that a string literal stands for, prefix and quotes included in it.

    Raises `CelSyntaxError` at an escape that means nothing.
    """
    opening = written.index('"') if written.endswith('"') else written.index("'")
    prefix = written[:opening].lower()
    quotes = 3 if written.startswith(written[opening] * 3, opening) and len(written) > 5 else 1
    body = written[opening + quotes : -quotes]
    binary = "b" in prefix
    if "\\" not in body or "r" in prefix:
        return body.encode() if binary else body
    parts = _unescaped(body, start + opening + quotes, binary=binary)
    if binary:
        return b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return "".join(part for part in parts if isinstance(part, str))


def _unescaped(body: str, start: int, *, binary: bool) -> list[str | bytes]:
    parts: list[str | bytes] = []
    position = 0
    while (escape := body.find("\\", position)) >= 0:
        parts.append(body[position:escape])
        part, position = _escape(body, escape, start, binary=binary)
        parts.append(part)
    parts.append(body[position:])
    return parts


def _escape(body: str, at: int, start: int, *, binary: bool) -> tuple[str | bytes, int]:
    """One escape sequence: what it stands for and where the text goes on."""
    letter = body[at + 1]
    if letter in _SIMPLE:
        return _SIMPLE[letter], at + 2
    if letter in "0123":
        end = at + 4
        digits, base, allowed = body[at + 1 : end], 8, _OCTAL
    elif letter in _DIGITS and not (binary and letter in "uU"):
        end = at + 2 + _DIGITS[letter]
        digits, base, allowed = body[at + 2 : end], 16, _HEX
    else:
        raise CelSyntaxError(_bad_escape(body[at : at + 2], start + at))
    if len(body) < end or not allowed.issuperset(digits):
        raise CelSyntaxError(_bad_escape(body[at:end], start + at))
    code = int(digits, base)
    if binary:
        return bytes([code]), end
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise CelSyntaxError(_bad_escape(body[at:end], start + at))
    return chr(code), end


def _bad_escape(written: str, start: int) -> CelProblem:
    return CelProblem(
        "syntax",
        f"`{written}` is not an escape sequence",
        start,
        start + len(written),
        hint=r"Write a backslash as \\, or put r before the string: r'\d+'.",
    )
