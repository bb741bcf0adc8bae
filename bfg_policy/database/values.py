"""What a column holds, by its type: the values that fit, and why another one does not."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from bfg_policy.digest import NotCanonical, canonical, scalar_fault

if TYPE_CHECKING:
    from bfg_policy.database.types import ColumnType

# UTC with six digits, and no second way to write the same instant. Leap seconds are no instants.
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
)


def value_fault(type_: ColumnType, value: object) -> str | None:
    """Why a value does not fit a column of this type, or None.

    Whatever fits comes back from the database as it was. None is for the caller to judge.
    """
    match type_:
        case "text":
            return scalar_fault(value) if isinstance(value, str) else "it is not text"
        case "integer":
            if isinstance(value, bool) or not isinstance(value, int):
                return "it is not a whole number"
            return scalar_fault(value)
        case "boolean":
            return None if isinstance(value, bool) else "it is neither true nor false"
        case "timestamp":
            return _timestamp_fault(value)
        case "json":
            return _json_fault(value)


def _timestamp_fault(value: object) -> str | None:
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return "it is not an instant in UTC with six digits, such as 2026-11-01T08:00:00.000000Z"
    try:
        date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return "there is no such day"
    return None


def _json_fault(value: object) -> str | None:
    try:
        canonical(value)
    except NotCanonical as fault:
        return fault.why
    return None
