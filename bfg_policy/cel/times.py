"""Timestamps and durations: reading, writing, arithmetic and calendar, to the nanosecond.

Python's datetime ends at microseconds, so the proleptic Gregorian calendar is worked out here.
Sources: RFC 3339 for timestamps; sequences such as `1h30m0.5s` for durations.
"""

from __future__ import annotations

from bfg_policy.cel.errors import Failure
from bfg_policy.cel.values import INT_MAX, INT_MIN, Duration, Timestamp

SECOND = 1_000_000_000
DAY = 86_400

_FIRST = -62_135_596_800 * SECOND
_LAST = 253_402_300_800 * SECOND - 1
_UNITS = {
    "h": 3600 * SECOND,
    "m": 60 * SECOND,
    "s": SECOND,
    "ms": 1_000_000,
    "us": 1_000,
    "µs": 1_000,
    "ns": 1,
}
_DAYS_OF_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def timestamp(ns: int) -> Timestamp:
    """The instant. Raises `Failure` (`overflow`) outside of the years 1 to 9999."""
    if _FIRST <= ns <= _LAST:
        return Timestamp(ns)
    raise Failure("overflow", "a timestamp is between the years 1 and 9999")


def duration(ns: int) -> Duration:
    """The span. Raises `Failure` (`overflow`) where its nanoseconds need more than 64 bits."""
    if INT_MIN <= ns <= INT_MAX:
        return Duration(ns)
    raise Failure("overflow", "a duration is at most about 292 years")


def days_before(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar, whose year is at least 1."""
    past = year - 1
    days = past * 365 + past // 4 - past // 100 + past // 400
    days += sum(_DAYS_OF_MONTHS[: month - 1]) + (month > 2 and is_leap(year))
    return days + day - 719_163


def is_leap(year: int) -> bool:
    """Whether the year has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(year: int, month: int) -> int:
    """The days of a month."""
    return _DAYS_OF_MONTHS[month - 1] + (month == 2 and is_leap(year))


def date_of(days: int) -> tuple[int, int, int, int]:
    """Year, month, day of the month and day of the year (all from 1), days after 1970-01-01."""
    year = (days + 719_162) * 400 // 146_097 + 1
    if days < days_before(year, 1, 1):
        year -= 1
    elif days >= days_before(year + 1, 1, 1):
        year += 1
    of_year = days - days_before(year, 1, 1)
    rest, month = of_year, 1
    while rest >= days_in(year, month):
        rest -= days_in(year, month)
        month += 1
    return year, month, rest + 1, of_year + 1


def parse_timestamp(text: str) -> Timestamp:
    """An RFC 3339 timestamp with at most nine digits of a second.

    Raises `Failure`: `argument` where the text is none, `overflow` where it is out of range.
    """
    fields = _timestamp_fields(text)
    if fields is None:
        raise Failure("argument", "not a timestamp (RFC 3339, such as 2026-01-31T09:00:00Z)")
    year, month, day, hour, minute, second, nanos, offset = fields
    if year < 1:
        raise Failure("overflow", "a timestamp is between the years 1 and 9999")
    seconds = days_before(year, month, day) * DAY + hour * 3600 + minute * 60 + second
    return timestamp((seconds - offset) * SECOND + nanos)


def _timestamp_fields(text: str) -> tuple[int, ...] | None:
    """Year to second, nanoseconds, offset in seconds; None where the form or a field is wrong."""
    if len(text) < 20 or (text[4], text[7], text[10], text[13], text[16]) != tuple("--T::"):
        return None
    pieces = (text[:4], text[5:7], text[8:10], text[11:13], text[14:16], text[17:19])
    clock_end = 19
    nanos = 0
    if text[19] == ".":
        clock_end = 20
        while clock_end < len(text) and text[clock_end] in "0123456789":
            clock_end += 1
        fraction = text[20:clock_end]
        if not 1 <= len(fraction) <= 9:
            return None
        nanos = int(fraction.ljust(9, "0"))
    offset = 0 if text[clock_end:] == "Z" else parse_offset(text[clock_end:], signed=True)
    if offset is None or not all(_is_number(piece) for piece in pieces):
        return None
    year, month, day, hour, minute, second = map(int, pieces)
    if not (1 <= month <= 12 and hour < 24 and minute < 60 and second < 60):
        return None
    if not 1 <= day <= days_in(year, month):
        return None
    return year, month, day, hour, minute, second, nanos, offset


def parse_offset(text: str, *, signed: bool) -> int | None:
    """The seconds of an offset such as `+02:00`; without `signed`, `02:00` is one too."""
    if text[:1] in ("+", "-"):
        sign = -1 if text[0] == "-" else 1
        text = text[1:]
    elif signed:
        return None
    else:
        sign = 1
    if len(text) != 5 or text[2] != ":" or not _is_number(text[:2] + text[3:]):
        return None
    hours, minutes = int(text[:2]), int(text[3:])
    return sign * (hours * 3600 + minutes * 60) if hours < 24 and minutes < 60 else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def parse_duration(text: str) -> Duration:
    """A duration such as `-1h30m`, `0.5s` or `0`; what is below a nanosecond is dropped.

    Raises `Failure`: `argument` where the text is none, `overflow` where it is too long.
    """
    negative = text.startswith("-")
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return Duration(0)
    total = 0
    span = None
    while rest:
        span, rest = _take_span(rest)
        total += span
    if span is None:
        raise _not_a_duration()
    return duration(-total if negative else total)


def _not_a_duration() -> Failure:
    return Failure("argument", "not a duration (such as 90s, 1h30m or 0.5s)")


def _take_span(text: str) -> tuple[int, str]:
    """The nanoseconds of the first number with its unit, and the text after them."""
    end = 0
    while end < len(text) and text[end] in "0123456789.":
        end += 1
    whole, _, fraction = text[:end].partition(".")
    if "." in fraction or not whole + fraction or len(whole) > 20 or len(fraction) > 20:
        raise _not_a_duration()
    for length in (2, 1):
        unit = _UNITS.get(text[end : end + length])
        if unit is not None:
            span = int(whole or "0") * unit + int(fraction or "0") * unit // 10 ** len(fraction)
            return span, text[end + length :]
    raise _not_a_duration()


def timestamp_text(value: Timestamp) -> str:
    """RFC 3339 in UTC, with as many digits of a second as it takes."""
    seconds, nanos = divmod(value.ns, SECOND)
    days, rest = divmod(seconds, DAY)
    year, month, day, _ = date_of(days)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{year:04}-{month:02}-{day:02}T{clock}{_fraction(nanos)}Z"


def duration_text(value: Duration) -> str:
    """Seconds, with as many digits after the point as it takes: `5400s`, `-0.5s`."""
    seconds, nanos = divmod(abs(value.ns), SECOND)
    return f"{'-' if value.ns < 0 else ''}{seconds}{_fraction(nanos)}s"


def _fraction(nanos: int) -> str:
    return f".{nanos:09}".rstrip("0") if nanos else ""


def utc_offset(value: Timestamp, zone: str) -> int:
    """Seconds to add for a time zone: a name such as `Europe/Warsaw`, or `+02:00`, `02:00`.

    Raises `Failure` (`argument`) for an unknown zone.
    """
    if zone in ("UTC", "Z"):
        return 0
    fixed = parse_offset(zone, signed=False)
    if fixed is not None:
        return fixed
    from datetime import UTC, datetime, timedelta
    from zoneinfo import ZoneInfo

    try:
        instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value.ns // SECOND)
        offset = instant.astimezone(ZoneInfo(zone)).utcoffset()
    except (OSError, ValueError, OverflowError, KeyError):
        offset = None
    if offset is None:
        raise Failure("argument", f"unknown time zone {zone[:40]!r}")
    return int(offset.total_seconds())
