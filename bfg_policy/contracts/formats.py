"""Patterns and formats of contracts: matched in linear time, alike in both validators."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import re2

if TYPE_CHECKING:
    from collections.abc import Callable

# What the two regex engines read differently: blanks, word borders, POSIX classes.
_ENGINES_DIFFER = re.compile(r"(?:[^\\]|^)(?:\\\\)*\\[sSbB]|\[\[?:")
_MOST_CHARACTERS = 1_000
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """The pattern for google-re2; raises re2.error where it is none."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def matches(pattern: str, text: str) -> bool:
    """Whether a contract's pattern is found anywhere in a text."""
    return compiled(pattern).search(text) is not None


def why_no_pattern(pattern: str) -> str | None:
    """Why a pattern cannot be used in a contract, or None where it can."""
    if len(pattern) > _MOST_CHARACTERS:
        return f"it is longer than {_MOST_CHARACTERS:,} characters"
    if _ENGINES_DIFFER.search(pattern):
        return r"`\s`, `\b` and `[:…:]` do not mean the same everywhere"
    try:
        compiled(pattern)
    except re2.error:
        return "it is no regular expression that matches in linear time (RE2)"
    from jsonschema_rs import Draft202012Validator, RegexOptions

    try:
        Draft202012Validator({"pattern": pattern}, pattern_options=RegexOptions())
    except ValueError:
        return "the two engines that match it do not both know it"
    return None


def is_instant(value: object) -> bool:
    """`date-time`: RFC 3339 with an offset, of a day and an hour that there are."""
    return not isinstance(value, str) or (
        _INSTANT.fullmatch(value) is not None and _is_read(datetime.fromisoformat, value)
    )


def is_day(value: object) -> bool:
    """`date`: RFC 3339's full-date, of a day that there is."""
    return not isinstance(value, str) or (
        _DAY.fullmatch(value) is not None and _is_read(date.fromisoformat, value)
    )


def _is_read(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


CHECKS: dict[str, Callable[[object], bool]] = {"date": is_day, "date-time": is_instant}
