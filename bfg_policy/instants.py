"""Instants and durations: RFC 3339 in, UTC in whole seconds out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
ONE_SECOND = timedelta(seconds=1)
# Longer than the calendar: a duration beyond it never ends, and must not overflow a timedelta.
_FOREVER = 10_000 * 366 * 86400


def parse_instant(text: str) -> datetime:
    """An RFC 3339 instant with an offset, as an aware datetime in UTC.

    Raises ValueError where there is no such instant (a 13th month, a leap second) or no offset.
    """
    instant = datetime.fromisoformat(text)
    if text[-3:-2] == ":" and text[-6:-5] in "+-" and text[-2:] > "59":
        raise ValueError("its offset has more than 59 minutes")
    if instant.tzinfo is None:
        raise ValueError("it has no offset from UTC")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("it is outside the years 1 to 9999") from None


def format_instant(instant: datetime) -> str:
    """UTC in whole seconds, such as `2026-11-20T09:00:00Z`; fractions are cut off."""
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def parse_duration(text: str) -> timedelta:
    """`[1-9][0-9]*(s|m|h|d|w)`, m for minutes. Raises ValueError where it is none."""
    number, unit = text[:-1], text[-1:]
    if unit not in _SECONDS or not (number.isascii() and number.isdigit()):
        raise ValueError("it is not a whole number and a unit")
    return timedelta(seconds=min(int(number) * _SECONDS[unit], _FOREVER))


def whole_seconds_up(instant: datetime) -> datetime:
    """The first whole second that is not before `instant`, held at the calendar's end."""
    cut = instant.replace(microsecond=0)
    return cut if cut == instant else plus(cut, ONE_SECOND)


def format_duration(duration: timedelta) -> str:
    """A duration in the largest unit to the day that fits it, such as `30d`."""
    seconds = int(duration.total_seconds())
    unit = next(each for each in "dhms" if seconds % _SECONDS[each] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"


def plus(instant: datetime, duration: timedelta) -> datetime:
    """`instant + duration`, held at the calendar's end rather than beyond it."""
    try:
        return instant + duration
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
