"""What a timestamp or a duration says of itself: its year, its hours."""

from __future__ import annotations

from bfg_policy.cel.functions.registry import Overload
from bfg_policy.cel.times import DAY, SECOND, date_of, utc_offset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bfg_policy.cel.values import Duration, Timestamp


def _clock(value: Timestamp, zone: str) -> tuple[int, int]:
    """Days since 1970-01-01 and nanoseconds of the day, in a time zone."""
    return divmod(value.ns + utc_offset(value, zone) * SECOND, DAY * SECOND)


def _date(value: Timestamp, zone: str) -> tuple[int, int, int, int]:
    return date_of(_clock(value, zone)[0])


def _of_timestamp(read: Callable[[Timestamp, str], int]) -> tuple[Overload, ...]:
    return (
        Overload("timestamp.() -> int", lambda value: read(value, "UTC")),
        Overload("timestamp.(string) -> int", read),
    )


def _of_duration(nanoseconds: int) -> Overload:
    """Whole units of a duration, towards zero."""

    def read(value: Duration) -> int:
        units = abs(value.ns) // nanoseconds
        return -units if value.ns < 0 else units

    return Overload("duration.() -> int", read)


def _milliseconds_of_second(value: Duration) -> int:
    millis = abs(value.ns) % SECOND // 1_000_000
    return -millis if value.ns < 0 else millis


FUNCTIONS: dict[str, tuple[Overload, ...]] = {
    "getFullYear": _of_timestamp(lambda value, zone: _date(value, zone)[0]),
    "getMonth": _of_timestamp(lambda value, zone: _date(value, zone)[1] - 1),
    "getDate": _of_timestamp(lambda value, zone: _date(value, zone)[2]),
    "getDayOfMonth": _of_timestamp(lambda value, zone: _date(value, zone)[2] - 1),
    "getDayOfYear": _of_timestamp(lambda value, zone: _date(value, zone)[3] - 1),
    "getDayOfWeek": _of_timestamp(lambda value, zone: (_clock(value, zone)[0] + 4) % 7),
    "getHours": (
        *_of_timestamp(lambda value, zone: _clock(value, zone)[1] // (3600 * SECOND)),
        _of_duration(3600 * SECOND),
    ),
    "getMinutes": (
        *_of_timestamp(lambda value, zone: _clock(value, zone)[1] // (60 * SECOND) % 60),
        _of_duration(60 * SECOND),
    ),
    "getSeconds": (
        *_of_timestamp(lambda value, zone: _clock(value, zone)[1] // SECOND % 60),
        _of_duration(SECOND),
    ),
    "getMilliseconds": (
        *_of_timestamp(lambda value, zone: _clock(value, zone)[1] // 1_000_000 % 1000),
        Overload("duration.() -> int", _milliseconds_of_second),
    ),
}
