"""Regular expressions made looser, one step at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_REPEATS = "+?"
_ANY, _ANY_NUMBER = ".", "*"


def loosened(pattern: str) -> Iterator[str]:
    """Patterns that match more: without an anchor, with any character, or any number of them."""
    pieces = list(_pieces(pattern))
    for index, piece in enumerate(pieces):
        looser = _looser(piece)
        if looser is not None and looser != piece:
            yield "".join([*pieces[:index], looser, *pieces[index + 1 :]])


def _looser(piece: str) -> str | None:
    """What is looser than a piece of a pattern; None where nothing is tried."""
    if piece in ("^", "$"):
        return ""
    if piece.startswith("["):
        return _ANY
    if piece in _REPEATS or piece.startswith("{"):
        return _ANY_NUMBER
    return None


def _pieces(pattern: str) -> Iterator[str]:
    """A pattern in pieces: a class, a count, an escape, or a character."""
    index = 0
    while index < len(pattern):
        end = _end(pattern, index)
        yield pattern[index:end]
        index = end


def _end(pattern: str, start: int) -> int:
    if pattern[start] == "\\":
        return min(start + 2, len(pattern))
    if pattern[start] == "{":
        closing = pattern.find("}", start)
        return closing + 1 if closing > 0 else start + 1
    if pattern[start] != "[":
        return start + 1
    index = start + 1
    index += pattern[index : index + 1] == "^"
    index += pattern[index : index + 1] == "]"  # the first one is a character of the class
    while index < len(pattern) and pattern[index] != "]":
        index += 2 if pattern[index] == "\\" else 1
    return min(index + 1, len(pattern))
