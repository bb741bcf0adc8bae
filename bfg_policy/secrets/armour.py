"""Private keys in text form, over as many lines as they take: PEM, OpenSSH, PGP, PuTTY."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import re2

if TYPE_CHECKING:
    from collections.abc import Iterator

KIND = "a private key"
LITERALS = ("PRIVATE KEY", "PuTTY-User-Key-File-")

_BEGIN = r"-{4,5} ?BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)? ?-{4,5}|PuTTY-User-Key-File-[0-9]+:"
_END = r"-{4,5} ?END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)? ?-{4,5}|Private-(?:MAC|Hash): *[0-9a-f]+"
# What may stand between the lines of a key: their ends, written out too, quotes, comment signs.
_GAP = r"(?:\s|\\+[nrt]|[\"'+,#>|*])*"
# The header's line ends, a key follows, or one of the headers that a key may have; or a mask.
_KEY = (
    r"^(?:[ \t]*\\?[\"']?[ \t]*(?:$|[\r\n,}\]]|\\+[nr])| (?:ssh|ecdsa)-"
    rf"|{_GAP}(?:[A-Za-z0-9+/=]{{16,}}|[A-Z][A-Za-z-]+:))"
)
_MASK = r"^(?:\s|\\+[nrt])*(?:[\[<({$…•]|\*\*\*|\.\.\.|(?i:redacted|x{5}))"
_LINES = rf"^(?:{_GAP}(?:[A-Za-z0-9+/=]{{16,}}|[A-Z][A-Za-z-]+: \S+))*"
_LONGEST = 64 * 1024


@cache
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)


def private_keys(text: str) -> Iterator[tuple[int, int, int]]:
    """The private keys in a text: where the header of each starts and ends, and the key ends.

    A header counts where it ends its line or value, or a key follows; one that a sentence speaks
    of, or above a mask, is no key.
    """
    ends = [found.end() for found in _compiled(_END).finditer(text)]
    begins = [found.span() for found in _compiled(_BEGIN).finditer(text)]
    nearest = 0
    for index, (start, header) in enumerate(begins):
        limit = begins[index + 1][0] if index + 1 < len(begins) else len(text)
        limit = min(limit, header + _LONGEST)
        while nearest < len(ends) and ends[nearest] < header:
            nearest += 1
        closed = nearest < len(ends) and ends[nearest] <= limit
        # A slice, for the engine counts the characters before a position again each time.
        follows = text[header : min(limit, header + 4096)]
        if _compiled(_KEY).search(follows) and not _compiled(_MASK).search(follows):
            yield start, header, ends[nearest] if closed else header + _lines(text[header:limit])


def _lines(text: str) -> int:
    """How much of a text that is cut off belongs to a key still."""
    found = _compiled(_LINES).search(text)
    return int(found.end()) if found else 0
