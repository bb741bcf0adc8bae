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

    Case counts for nothing: `Lab-Lead` finds `lab-lead`. Ties go to the first candidate.
    """
    from difflib import get_close_matches

    if len(word) > _MOST_CHARACTERS:
        return None
    by_folded: dict[str, str] = {}
    for candidate in islice(candidates, _MOST_CANDIDATES):
        by_folded.setdefault(candidate.casefold(), candidate)
    folded = word.casefold()
    close = get_close_matches(folded, by_folded, n=1, cutoff=_ALIKE)
    if not close and len(folded) == 2:
        # One wrong letter of two is already half the word; `iq` and `di` still mean `id`.
        close = [each for each in by_folded if len(each) == 2 and _is_one_slip(folded, each)]
    return by_folded[close[0]] if close else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """The end of a sentence about a word that is not known; empty where nothing is like it."""
    meant = closest(word, candidates)
    return f"; did you mean `{meant}`?" if meant else ""


def _is_one_slip(word: str, meant: str) -> bool:
    """Whether two words of two letters differ in one of them, or in their order."""
    return word[0] == meant[0] or word[1] == meant[1] or word == meant[::-1]
