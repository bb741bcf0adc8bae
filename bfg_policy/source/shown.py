"""Text of an input as a message may hold it: short, on one line, with nothing invisible."""

from __future__ import annotations

_LONGEST = 80


def cut(text: str, longest: int = _LONGEST) -> str:
    """At most `longest` code points of a text; what cannot be printed is written as an escape."""
    line = text if len(text) <= longest else f"{text[: longest - 1]}…"
    if line.isprintable():
        return line
    return "".join(sign if sign.isprintable() else _escape(sign) for sign in line)


def _escape(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
