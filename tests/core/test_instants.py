"""Instants and durations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bfg_policy.instants import (
    format_instant,
    parse_duration,
    parse_instant,
    plus,
    whole_seconds_up,
)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z"),
        ("2026-11-20T09:00:00+01:00", "2026-11-20T08:00:00Z"),
        ("2026-11-20T00:30:00.999999999+01:00", "2026-11-19T23:30:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_instants_are_written_in_utc_and_whole_seconds(written: str, utc: str) -> None:
    assert format_instant(parse_instant(written)) == utc


@pytest.mark.parametrize(
    "written",
    [
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-20T24:30:00Z",
        "2026-11-20T09:00:61Z",
        "2026-11-20T09:00:00",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2026-11-20T09:00:00+01:60",
        "soon",
    ],
)
def test_what_no_calendar_has_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_instant(written)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("1s", 1), ("2m", 120), ("3h", 10800), ("30d", 2592000), ("4w", 2419200)],
)
def test_durations(written: str, seconds: int) -> None:
    assert parse_duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize("written", ["", "d", "30", "30q", "30 days", "1:30", "-1d", "1.5d", "٣d"])
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        parse_duration(written)


def test_a_duration_longer_than_the_calendar_never_ends() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    assert plus(at, parse_duration("999999999w")) == datetime.max.replace(tzinfo=UTC)


def test_fractions_are_rounded_up_to_the_second_that_has_passed() -> None:
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert whole_seconds_up(at) == at
    assert whole_seconds_up(at + timedelta(microseconds=1)) == at + timedelta(seconds=1)


def test_the_calendars_end_is_not_passed() -> None:
    end = datetime.max.replace(tzinfo=UTC)
    assert whole_seconds_up(end - timedelta(microseconds=1)) == end
