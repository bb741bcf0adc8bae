"""Texts that a regular expression matches: enough of them to try a rule with."""

from __future__ import annotations

import re
import warnings
from itertools import islice, product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 4
_LONGEST = 400
_SIGNS = frozenset("^$[](){}*+?|\\.")
# What is tried for a class that is given by what it is not, and what of it a category has.
_USUAL = "aA0_-~ "
_OF_CATEGORY = {"CATEGORY_DIGIT": "0", "CATEGORY_WORD": "aA0_", "CATEGORY_SPACE": " "}


def matching(pattern: str) -> tuple[str, ...]:
    """Some texts that a pattern matches; none for what is no pattern, or for one too odd.

    A plain word is one, too, and matches itself: it is left out, for whoever asks has it already.
    """
    if not _SIGNS.intersection(pattern) or len(pattern) > _LONGEST:
        return ()
    from re import _parser  # type: ignore[attr-defined]  # the standard library's own, since 3.11

    try:
        with warnings.catch_warnings(action="ignore"):
            tree = _parser.parse(pattern)
        found = [text for text in islice(_texts(tree), _MOST) if len(text) <= _LONGEST]
    except (re.error, RecursionError, OverflowError, KeyError, ValueError):
        return ()
    return tuple(dict.fromkeys(found))


def _texts(tree: Any) -> Iterator[str]:
    parts = [list(islice(_of(str(kind), argument), _MOST)) for kind, argument in tree]
    return ("".join(chosen) for chosen in product(*parts))


def _of(kind: str, argument: Any) -> Iterator[str]:
    """Texts for one part of a pattern. Raises KeyError for what is beyond this."""
    if kind == "LITERAL":
        yield chr(argument)
    elif kind == "IN":
        yield _of_class(argument)
    elif kind in ("ANY", "NOT_LITERAL"):
        yield "b" if argument == ord("a") else "a"
    elif kind in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, part = argument
        for count in dict.fromkeys((max(least, min(1, int(most))), least)):
            yield from (_repeated(text, count) for text in islice(_texts(part), _MOST))
    elif kind == "SUBPATTERN":
        yield from _texts(argument[-1])
    elif kind == "BRANCH":
        for branch in argument[1]:
            yield from islice(_texts(branch), 1)
    elif kind == "AT":
        yield ""
    else:
        raise KeyError(kind)


def _repeated(text: str, count: int) -> str:
    if len(text) * count > _LONGEST:
        raise KeyError(count)
    return text * count


def _of_class(listed: Any) -> str:
    """One character of a class. Raises KeyError where none comes to mind."""
    kind, argument = listed[0]
    if str(kind) == "LITERAL":
        return chr(argument)
    if str(kind) == "RANGE":
        return chr(argument[0])
    if str(kind) == "CATEGORY":
        return _OF_CATEGORY[str(argument)][0]
    if str(kind) == "NEGATE":
        found = next((each for each in _USUAL if not _is_in(each, listed[1:])), None)
        if found is not None:
            return found
    raise KeyError(kind)


def _is_in(character: str, listed: Any) -> bool:
    for kind, argument in listed:
        if str(kind) == "LITERAL" and chr(argument) == character:
            return True
        if str(kind) == "RANGE" and argument[0] <= ord(character) <= argument[1]:
            return True
        if str(kind) == "CATEGORY" and character in _OF_CATEGORY.get(str(argument), _USUAL):
            return True
    return False
