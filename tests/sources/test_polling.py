"""When a source is read next: its rhythm, between bounds, as the site asks, and never sooner (R52, R53)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.polling import PollFacts, first_allowed, next_poll, usual_wait

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # A Monday.
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
NONE: frozenset[int] = frozenset()


def facts(**values: object) -> PollFacts:
    defaults: dict[str, object] = {"floor": 3600, "ceiling": 6 * 3600, "has_validators": True}
    return PollFacts(**(defaults | values))  # type: ignore[arg-type]  # each test names what it is about


def every(pause: timedelta, count: int = 10, quiet: timedelta = timedelta(0)) -> list[datetime]:
    return [NOW - quiet - pause * number for number in range(count)]


@pytest.mark.parametrize(
    ("published", "wait"),
    [
        ([], HOUR),
        (every(DAY, 3), HOUR),
        (every(HOUR), HOUR),
        (every(9 * HOUR, 40), 6 * HOUR),
        (every(DAY), 6 * HOUR),
        (every(30 * DAY), 6 * HOUR),
        (every(3 * HOUR, 8), HOUR),
        (every(3 * HOUR, 8, quiet=5 * DAY), 4 * HOUR),
        (every(HOUR, 8, quiet=200 * DAY), 6 * HOUR),
    ],
    ids=[
        "nothing known", "too little known", "busy", "several a day", "daily", "monthly", "one afternoon",
        "busy once, quiet for five days", "busy once, quiet for months",
    ],
)  # fmt: skip
def test_the_interval_follows_the_rhythm_between_its_bounds(published: list[datetime], wait: timedelta) -> None:
    assert usual_wait(NOW, facts(published=published)) == wait


def test_without_validators_the_floor_is_twice_as_high() -> None:
    assert usual_wait(NOW, facts(has_validators=False)) == 2 * HOUR
    assert usual_wait(NOW, facts(has_validators=False, published=every(DAY))) == 6 * HOUR


def test_a_possible_gap_halves_the_wait_but_not_below_the_floor() -> None:
    assert usual_wait(NOW, facts(published=every(10 * HOUR, 30), ceiling=86_400, possible_gap=True)) == 4 * HOUR
    assert usual_wait(NOW, facts(possible_gap=True)) == HOUR


def test_a_source_that_is_pushed_is_polled_as_seldom_as_may_be() -> None:
    assert usual_wait(NOW, facts(published=every(HOUR), is_pushed=True)) == 6 * HOUR


def test_what_the_site_asks_is_kept_up_to_a_day() -> None:
    assert usual_wait(NOW, facts(asked=9 * 3600)) == 9 * HOUR
    assert usual_wait(NOW, facts(asked=30 * 86_400)) == DAY
    assert next_poll(NOW, facts(failures=1, asked=9 * 3600)) == NOW + 9 * HOUR


def test_a_ceiling_below_the_floor_is_the_floor() -> None:
    assert usual_wait(NOW, facts(ceiling=60, published=every(DAY))) == HOUR


def test_failures_wait_from_the_floor_doubling_up_to_a_day() -> None:
    waits = [next_poll(NOW, facts(failures=number, published=every(DAY))) - NOW for number in range(1, 8)]
    assert waits == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY]


def test_retry_after_is_longer_than_any_ceiling() -> None:
    assert next_poll(NOW, facts(failures=1, retry_after=3 * 86_400)) == NOW + 3 * DAY


@pytest.mark.parametrize(
    ("hours", "days", "expected"),
    [
        (range(0), "", "2026-11-23T10:30"),
        ([10], "", "2026-11-23T11:00"),
        ([10, 11, 12, 23], "", "2026-11-23T13:00"),
        ([9], "", "2026-11-23T10:30"),
        ([*range(10, 24), *range(6)], "", "2026-11-24T06:00"),
        (range(24), "", "2026-11-23T10:30"),
        ([24, *range(10, 24)], "", "2026-11-24T01:00"),
        ([-1, 99], "", "2026-11-23T10:30"),
        (range(0), "monday", "2026-11-24T00:00"),
        (range(7), "monday tuesday", "2026-11-25T07:00"),
        (range(0), " ".join(WEEK), "2026-11-23T10:30"),
        (range(0), "lundi", "2026-11-23T10:30"),
        (range(1, 24), "monday tuesday wednesday thursday friday saturday", "2026-11-29T00:00"),
    ],
    ids=[
        "none", "this hour", "this hour and the next", "the hour before", "overnight", "all hours", "24 is midnight",
        "no hours of a day", "Mondays", "days and hours", "all days", "no English day", "one hour a week",
    ],
)  # fmt: skip
def test_hours_and_days_that_the_site_skips_are_kept(hours: list[int], days: str, expected: str) -> None:
    found = first_allowed(NOW + HOUR, frozenset(hours), frozenset(days.split()))
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_sources_that_skip_the_night_do_not_all_come_in_the_first_second_of_the_morning() -> None:
    night = frozenset(range(10, 24)) | frozenset(range(6))
    found = {first_allowed(NOW + HOUR, night, frozenset(), chance) for chance in (0.0, 0.3, 0.9)}
    assert len(found) == 3
    assert all(instant.hour == 6 for instant in found)


SECONDS = st.integers(1, 200_000)
ANY_FACTS = st.builds(
    PollFacts,
    floor=SECONDS,
    ceiling=SECONDS,
    has_validators=st.booleans(),
    published=st.lists(st.integers(-100, 10_000).map(lambda hours: NOW - hours * HOUR), max_size=25),
    asked=st.none() | st.integers(0, 10**9),
    skip_hours=st.frozensets(st.integers(-5, 30)),
    skip_days=st.frozensets(st.sampled_from([*sorted(WEEK), "noday"])),
    possible_gap=st.booleans(),
    is_pushed=st.booleans(),
    failures=st.integers(0, 1000),
    retry_after=st.none() | st.integers(0, 7 * 86_400),
)


@given(ANY_FACTS, st.floats(0, 1))
def test_a_poll_is_never_sooner_than_asked_nor_later_than_the_ceilings(known: PollFacts, chance: float) -> None:
    wait = next_poll(NOW, known, chance) - NOW
    retry_after = timedelta(seconds=known.retry_after or 0) if known.failures else timedelta(0)
    least = timedelta(seconds=known.floor if known.has_validators else 2 * known.floor)
    asked = min(timedelta(seconds=known.asked or 0), DAY)
    assert wait >= max(least, asked, retry_after)
    most = max(least, asked, timedelta(seconds=known.ceiling), retry_after, DAY if known.failures else timedelta(0))
    skipped = 7 * DAY if known.skip_hours or known.skip_days else timedelta(0)
    assert wait <= 1.1 * most + skipped


@given(ANY_FACTS, st.floats(0, 1))
def test_chance_only_ever_adds(known: PollFacts, chance: float) -> None:
    assert next_poll(NOW, known) <= next_poll(NOW, known, chance)


@given(st.datetimes(timezones=st.just(UTC), max_value=datetime(2100, 1, 1)), st.frozensets(st.integers(0, 23)))  # noqa: DTZ001 - hypothesis adds the zone
def test_the_hour_found_is_allowed(instant: datetime, hours: frozenset[int]) -> None:
    found = first_allowed(instant, hours, frozenset())
    assert found >= instant
    assert found.hour not in hours or len(hours) == 24
