"""The word that somebody probably meant."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Beyond these a close match would cost more than it helps.
_MOST_CANDIDATES = 10_000
_MOST_CHARACTERS = 200
# How alike two words must be, from 0 to 1, as difflib measures it.
_ALIKE = 0.6


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is most like `word`, or None where none is like it.

    Case counts for nothing: `Accountant` finds `accountant`. Ties go to the first candidate.
    """
    from difflib import get_close_matches

    if len(word) > _MOST_CHARACTERS:
        return None
    by_folded: dict[str, str] = {}
    for candidate in islice(candidates, _MOST_CANDIDATES):
        by_folded.setdefault(candidate.casefold(), candidate)
    close = get_close_matches(word.casefold(), by_folded, n=1, cutoff=_ALIKE)
    return by_folded[close[0]] if close else None
