"""Bytes to text with a table of lines: every offset of a file has a place."""

from __future__ import annotations

import re
from bisect import bisect_right

from bfg_policy.errors import Finding, Place, SourceError

_LINE_END = re.compile("\r\n|\r|\n")
_BYTE_ORDER_MARK = "\ufeff"

# Longest first: the mark of UTF-16-LE is the beginning of the one of UTF-32-LE.
_OTHER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
# A file of ours begins with ASCII, so zero bytes among the first four give the width away.
_OTHER_WIDTHS = {"x000": "UTF-32", "000x": "UTF-32", "x0x0": "UTF-16", "0x0x": "UTF-16"}


class Text:
    """A file's text and where its lines begin.

    path: as it is shown to people. text: without the byte order mark. Offsets count code
    points from 0; lines end at LF, CRLF and CR, and at nothing else.
    """

    __slots__ = ("_excerpts", "_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._starts: list[int] | None = None
        self._excerpts: dict[int, str] = {}

    def place(self, start: int, end: int | None = None) -> Place:
        """The place of text[start:end]; its length ends with its first line.

        One line's excerpt is one string, however many places are on it.
        """
        line = bisect_right(self._line_starts(), start)
        first = self._line_starts()[line - 1]
        excerpt = self._excerpts.get(line)
        if excerpt is None:
            last = self._line_starts()[line] if line < len(self._line_starts()) else None
            excerpt = self._excerpts[line] = self.text[first:last].rstrip("\r\n")
        length = min(start + 1 if end is None else end, first + len(excerpt)) - start
        return Place(self.path, line, start - first + 1, max(1, length), excerpt)

    def line_start(self, offset: int) -> int:
        """The offset at which the line of `offset` begins."""
        return self._line_starts()[bisect_right(self._line_starts(), offset) - 1]

    def column(self, offset: int) -> int:
        """How many code points stand on the line of `offset` before it."""
        return offset - self.line_start(offset)

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        return self._starts


def decode(data: bytes, path: str) -> Text:
    """The text of a file's bytes, which must be UTF-8; raises SourceError (BFG102)."""
    other = _other_encoding(data)
    if other is not None:
        raise SourceError(
            Finding(
                "BFG102",
                f"the file is {other}, not UTF-8",
                Place(path, 1, 1),
                hint="save it as UTF-8",
            )
        )
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise SourceError(_not_utf8(data, path, error.start)) from None
    return Text(path, text.removeprefix(_BYTE_ORDER_MARK))


def _other_encoding(data: bytes) -> str | None:
    for mark, name in _OTHER_MARKS:
        if data.startswith(mark):
            return name
    return _OTHER_WIDTHS.get("".join("x" if byte else "0" for byte in data[:4]))


def _not_utf8(data: bytes, path: str, offset: int) -> Finding:
    before = data[:offset].decode().removeprefix(_BYTE_ORDER_MARK)
    readable = data.decode(errors="replace").removeprefix(_BYTE_ORDER_MARK)
    return Finding(
        "BFG102",
        f"the byte 0x{data[offset]:02X} is not UTF-8",
        Text(path, readable).place(len(before)),
        hint="save the file as UTF-8",
    )
