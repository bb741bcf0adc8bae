"""Text that strangers wrote, made safe to look at: what cannot be seen is shown escaped.

Terminals obey control characters, and readers are misled by characters that reorder what
stands beside them (bidi) or take no room at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Blanks that are not printable to Python, yet take room and do no harm; French needs some.
_BLANKS = frozenset("\u00a0\u1680\u202f\u205f\u3000") | {
    chr(code) for code in range(0x2000, 0x200B)
}

# Printable to Python, and yet nothing is seen: fillers, joiners, selectors of a glyph's form.
_UNSEEN = frozenset(
    {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
    | {chr(code) for code in range(0x180B, 0x1810)}
    | {chr(code) for code in range(0xFE00, 0xFE10)}
    | {chr(code) for code in range(0xE0100, 0xE01F0)}
)

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


# A table for `str.translate` keeps what it made for the characters below: texts of most languages.
_MOST_KEPT = 0x10000


class Replaced(dict[int, str]):
    """A table for `str.translate`, each entry of which is made when its character first comes."""

    def __init__(self, replace: Callable[[str], str]) -> None:
        super().__init__()
        self._replace = replace

    def __missing__(self, code: int) -> str:
        made = self._replace(chr(code))
        if code < _MOST_KEPT:
            self[code] = made
        return made


def is_visible(text: str) -> bool:
    """Whether every character of `text` can be seen, or is an ordinary blank."""
    if text.isprintable():
        return text.isascii() or _UNSEEN.isdisjoint(text)
    return visible(text) == text


def visible(text: str) -> str:
    r"""`text` on one line, its unseen characters as `\n`, `\x1b`, `\u202e` or `\U000e0001`.

    Escaped are all controls (C0, C1, line ends too), bidi and zero-width characters, surrogates,
    private and unassigned code points. A backslash that was there already stays as it is.
    """
    if text.isprintable() and text.isascii():
        return text
    return text.translate(_SHOWN)


def escaped(character: str) -> str:
    r"""The escape that stands for a character, such as `\u202e`."""
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def first_unseen(text: str) -> str | None:
    """The first character of `text` that cannot be seen, or None."""
    if is_visible(text):
        return None
    return next(character for character in text if not _is_seen(character))


def _is_seen(character: str) -> bool:
    if character in _UNSEEN:
        return False
    return character.isprintable() or character in _BLANKS


_SHOWN = Replaced(lambda each: each if _is_seen(each) else escaped(each))
