"""Where each code point of a string's value stands in its token: through quotes and folding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

# One code point of a value, and the source text [start:end] that it comes from.
_Piece: TypeAlias = tuple[str, int, int]

_BREAK = re.compile("\r\n|\r|\n")
# Where none of these stands, a token that reads as its value spells it sign by sign.
_FOLDS = re.compile(r"[\r\n\\]")
_BLOCK_HEADER = re.compile(r"[|>]([-+]?)([1-9]?)([-+]?)[^\r\n]*(?:\r\n|\r|\n|$)")
_HEX_ESCAPES = {"x": 2, "u": 4, "U": 8}
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f",
    "r": "\r", "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0",
    "L": "\u2028", "P": "\u2029",
}  # fmt: skip


def offsets_of(text: str, start: int, end: int, value: str) -> list[tuple[int, int]]:
    """The source span of each code point of `value`, whose token is text[start:end].

    Empty where the token does not spell the value, which a caller takes as "do not know".
    """
    style = text[start : start + 1]
    quotes = 1 if style in {'"', "'"} else 0
    if text[start + quotes : end - quotes] == value and not _FOLDS.search(value):
        return [(at, at + 1) for at in range(start + quotes, end - quotes)]
    if style in {"|", ">"}:
        pieces = list(_block(text, start, end, value))
    elif style == '"':
        pieces = list(_double(text, start + 1, end - 1))
    elif style == "'":
        pieces = list(_single(text, start + 1, end - 1))
    else:
        pieces = [(text[i], i, i + 1) for i in range(start, end)]
    if style not in {"|", ">"} and _BREAK.search(text, start, end):
        pieces = list(_folded(pieces))
    if "".join(piece[0] for piece in pieces) != value:
        return []
    return [piece[1:] for piece in pieces if piece[0]]


def _single(text: str, start: int, end: int) -> Iterator[_Piece]:
    at = start
    while at < end:
        width = 2 if text[at] == "'" else 1
        yield text[at], at, at + width
        at += width


def _double(text: str, start: int, end: int) -> Iterator[_Piece]:
    """The pieces of a double-quoted text; a value of two escapes (a surrogate pair) is one."""
    at = start
    while at < end:
        if text[at] != "\\":
            yield text[at], at, at + 1
            at += 1
            continue
        broken = _BREAK.match(text, at + 1)
        if broken:
            # An escaped line end joins the lines: it and the next line's indentation are nothing.
            at = broken.end()
            while at < end and text[at] in " \t":
                at += 1
            yield "", at, at
            continue
        piece = _escape(text, at)
        yield piece
        at = piece[2]


def _escape(text: str, at: int) -> _Piece:
    letter = text[at + 1]
    digits = _HEX_ESCAPES.get(letter)
    if digits is None:
        return _ESCAPES.get(letter, letter), at, at + 2
    after = at + 2 + digits
    code = int(text[at + 2 : after], 16)
    if 0xD800 <= code < 0xDC00 and text[after : after + 2] == "\\u":
        low = int(text[after + 2 : after + 6], 16)
        return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), at, after + 6
    return chr(code), at, after


def _is_written(piece: _Piece, sign: str) -> bool:
    """Whether the piece is that very character in the source, and not an escape for it."""
    return piece[0] == sign and piece[2] - piece[1] == 1


def _folded(pieces: list[_Piece]) -> Iterator[_Piece]:
    """Flow folding: a line end with the blanks around it is a space, n+1 of them are n."""
    at = 0
    while at < len(pieces):
        run = at
        breaks: list[_Piece] = []
        while run < len(pieces) and any(_is_written(pieces[run], sign) for sign in " \t\r\n"):
            piece = pieces[run]
            if piece[0] == "\n" and breaks and breaks[-1][0] == "\r" and breaks[-1][2] == piece[1]:
                breaks[-1] = ("\n", breaks[-1][1], piece[2])
            elif piece[0] in "\r\n":
                breaks.append(piece)
            run += 1
        if not breaks:
            yield from pieces[at : max(run, at + 1)]
            at = max(run, at + 1)
            continue
        if len(breaks) == 1:
            yield " ", breaks[0][1], breaks[0][2]
        for piece in breaks[1:]:
            yield "\n", piece[1], piece[2]
        at = run


def _block(text: str, start: int, end: int, value: str) -> Iterator[_Piece]:
    """A literal or folded block scalar, by section 8.1 of YAML 1.2."""
    header = _BLOCK_HEADER.match(text, start)
    if header is None:
        return
    lines = list(_lines(text, header.end(), end))
    indent = _block_indent(text, lines, value)
    keep = "+" in header.group(1) + header.group(3)
    strip = "-" in header.group(1) + header.group(3)
    contents = [(min(first + indent, last), last, after) for first, last, after in lines]
    while contents and contents[-1][0] == contents[-1][1] and not keep:
        contents.pop()
    pieces = list(_literal(text, contents))
    if strip and pieces and pieces[-1][0] == "\n":
        pieces.pop()
    yield from pieces if text[start] == "|" else _fold_block(pieces)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The lines of text[start:end]: start, end without the line end, end with it."""
    at = start
    while at < end:
        found = _BREAK.search(text, at, end)
        last, after = (found.start(), found.end()) if found else (end, end)
        yield at, last, after
        at = after


def _block_indent(text: str, lines: list[tuple[int, int, int]], value: str) -> int:
    """How many columns of each line are indentation: what the first line's content leaves."""
    for first, last, _ in lines:
        content = text[first:last].lstrip(" ")
        if content:
            own = value.lstrip("\n")
            return last - first - len(content) - (len(own) - len(own.lstrip(" ")))
    return max((last - first for first, last, _ in lines), default=0)


def _literal(text: str, contents: list[tuple[int, int, int]]) -> Iterator[_Piece]:
    for first, last, after in contents:
        for at in range(first, last):
            yield text[at], at, at + 1
        if after > last:
            yield "\n", last, after


def _fold_block(pieces: list[_Piece]) -> Iterator[_Piece]:
    """Joins neighbouring lines with a space; lines that begin with a blank stay as they are."""
    at = 0
    while at < len(pieces):
        if pieces[at][0] != "\n":
            yield pieces[at]
            at += 1
            continue
        run = at
        while run < len(pieces) and pieces[run][0] == "\n":
            run += 1
        opening = at == 0 or _line_is_blank_led(pieces, at)
        if opening or run == len(pieces) or pieces[run][0] in " \t":
            yield from pieces[at:run]
        elif run - at == 1:
            yield " ", pieces[at][1], pieces[at][2]
        else:
            yield from pieces[at + 1 : run]
        at = run


def _line_is_blank_led(pieces: list[_Piece], at: int) -> bool:
    """Whether the line that ends at `at` begins with a space or a tab."""
    first = at
    while first > 0 and pieces[first - 1][0] != "\n":
        first -= 1
    return pieces[first][0] in " \t"
