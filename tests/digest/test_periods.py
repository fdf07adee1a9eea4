"""Weeks and months in a shop's zone, across clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.digest.periods import (
    Week,
    due_week,
    last_complete_week,
    midnight,
    month_edges,
    week_edges,
    week_of,
    week_on,
)

PARIS = ZoneInfo("Europe/Paris")
ZONES = st.sampled_from(["Europe/Paris", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "America/Santiago"])
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize(
    ("monday", "hours"),
    [(date(2026, 10, 19), 169), (date(2026, 3, 23), 167), (date(2026, 11, 16), 168)],
    ids=["clocks go back", "clocks go forward", "plain week"],
)
def test_a_week_lasts_as_long_as_the_local_clock_says(monday: date, hours: int) -> None:
    start, end = Week(monday).bounds(PARIS)
    assert end - start == timedelta(hours=hours)
    assert start.astimezone(PARIS).hour == end.astimezone(PARIS).hour == 0


def test_a_week_is_named_by_a_monday_only() -> None:
    with pytest.raises(ValueError, match="no Monday"):
        Week(date(2026, 11, 17))


def test_sunday_night_belongs_to_the_shops_week_not_to_that_of_utc() -> None:
    monday_in_paris = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert week_of(monday_in_paris, PARIS) == Week(date(2026, 11, 23))
    assert week_of(monday_in_paris, ZoneInfo("UTC")) == Week(date(2026, 11, 16))


@pytest.mark.parametrize(
    ("local", "monday"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=PARIS), date(2026, 11, 9)),
        (datetime(2026, 11, 23, 8, 0, tzinfo=PARIS), date(2026, 11, 16)),
        (datetime(2026, 11, 29, 23, 59, tzinfo=PARIS), date(2026, 11, 16)),
        (datetime(2026, 10, 26, 8, 0, tzinfo=PARIS), date(2026, 10, 19)),
        (datetime(2026, 3, 30, 8, 0, tzinfo=PARIS), date(2026, 3, 23)),
    ],
    ids=["Monday before eight", "Monday at eight", "the Sunday after", "after clocks went back", "after forward"],
)
def test_a_digest_is_due_on_monday_at_eight_local_time(local: datetime, monday: date) -> None:
    assert due_week(local.astimezone(UTC), PARIS) == Week(monday)


@given(INSTANTS, ZONES)
def test_the_last_complete_week_is_over_and_the_next_is_not(now: datetime, name: str) -> None:
    tz = ZoneInfo(name)
    last = last_complete_week(now, tz)
    assert last.bounds(tz)[1] <= now < last.plus(1).bounds(tz)[1]
    assert due_week(now, tz) in {last, last.plus(-1)}


@given(INSTANTS, ZONES, st.integers(1, 60))
def test_neighbouring_weeks_touch(now: datetime, name: str, count: int) -> None:
    tz = ZoneInfo(name)
    week = week_of(now, tz)
    edges = week_edges(week, count, tz)
    assert len(edges) == count + 1
    assert list(edges) == sorted(set(edges))
    assert edges[-2:] == week.bounds(tz)
    assert edges[0] == week.plus(1 - count).bounds(tz)[0]


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_every_day_lies_in_its_week(day: date) -> None:
    week = week_on(day)
    assert week.monday <= day < week.plus(1).monday


def test_where_a_clock_change_skips_midnight_the_day_begins_at_the_change() -> None:
    santiago = ZoneInfo("America/Santiago")
    assert midnight(date(2026, 9, 6), santiago).astimezone(santiago).hour == 1


@given(INSTANTS, ZONES, st.integers(1, 30))
def test_months_touch_and_hold_now(now: datetime, name: str, count: int) -> None:
    tz = ZoneInfo(name)
    edges = month_edges(now, count, tz)
    assert len(edges) == count + 1
    assert edges[-2] <= now < edges[-1]
    assert all(edge.astimezone(tz).day == 1 for edge in edges)
