"""A source's own rhythm, and the silence that it does not explain: cases by name, with dates."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.rhythm import rhythm_of
from feedback_service.sources.rules import silence

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # A Monday.
DAY = timedelta(days=1)


def on(*days: str) -> list[datetime]:
    return [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in days]


def every(days: float, count: int, until: str) -> list[datetime]:
    last = datetime.fromisoformat(until).replace(tzinfo=UTC)
    return [last - timedelta(days=days) * number for number in range(count)]


def is_silent(published: list[datetime], now: datetime = NOW) -> bool:
    return silence(published, now) is not None


WEEKDAYS = [date for date in every(1, 28, "2026-11-06T08:00") if date.weekday() < 5]
MONTHLY = on("2026-01-05", "2026-02-02", "2026-03-02", "2026-04-06", "2026-05-04", "2026-06-01", "2026-07-06")
BURSTS = [
    burst + timedelta(minutes=7 * number)
    for burst in on("2026-05-04T18:00", "2026-06-20T18:00", "2026-07-31T18:00", "2026-09-12T18:00", "2026-10-30T18:00")
    for number in range(4)
]
SUMMER_BREAK = every(1, 12, "2026-07-01") + every(1, 12, "2026-09-05")

QUIET_BUT_USUAL = {
    "a daily blog over two weeks of holidays": every(1, 20, "2026-11-10"),
    "a blog of weekdays, after a weekend": every(1, 20, "2026-11-20T17:00"),
    "a weekly column, three weeks off": every(7, 15, "2026-10-31"),
    "a monthly blog, three months without": MONTHLY + on("2026-08-03"),
    "bursts every six weeks, a month after the last": BURSTS,
    "a review page with one review a quarter": on("2025-09-01", "2025-12-08", "2026-03-02", "2026-05-25", "2026-08-17"),
    "a blog opened with ten posts in one hour": [NOW - 90 * DAY + timedelta(minutes=number) for number in range(10)],
    "three posts, long ago": on("2023-01-01", "2023-02-01", "2023-03-01"),
    "no dates at all": [],
}
SILENT = {
    "a daily blog, after three weeks": every(1, 20, "2026-11-01"),
    "a blog of weekdays, after seventeen days": WEEKDAYS,
    "a weekly column, after six weeks": every(7, 15, "2026-10-12"),
    "a monthly blog, after four and a half months": MONTHLY,
    "bursts every six weeks, after seven months": [date - 180 * DAY for date in BURSTS],
    "a busy forum whose page holds one afternoon": [NOW - 20 * DAY + timedelta(minutes=17 * n) for n in range(20)],
    "daily, with one long summer break, after three weeks": [date - 7 * DAY for date in SUMMER_BREAK if date.month == 9]
    + [date for date in SUMMER_BREAK if date.month != 9],
    "daily, with one date in the future": [*every(1, 20, "2026-11-01"), NOW + 300 * DAY],
}


@pytest.mark.parametrize("published", QUIET_BUT_USUAL.values(), ids=QUIET_BUT_USUAL.keys())
def test_a_pause_that_the_rhythm_explains_is_no_silence(published: list[datetime]) -> None:
    assert not is_silent(published)


@pytest.mark.parametrize("published", SILENT.values(), ids=SILENT.keys())
def test_a_pause_that_the_rhythm_does_not_explain_is_silence(published: list[datetime]) -> None:
    assert is_silent(published)


def test_the_silence_is_told_with_the_rhythm() -> None:
    assert silence(every(1, 20, "2026-11-01"), NOW) == (22, "day")
    assert silence(every(7, 15, "2026-10-05"), NOW) == (49, "7 days")


def test_many_comments_of_one_day_are_one_day_with_news() -> None:
    rhythm = rhythm_of(BURSTS, NOW)
    assert rhythm is not None
    assert rhythm.usual >= 40 * DAY


DATES = st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), max_size=40)  # noqa: DTZ001 - hypothesis adds the zone


@given(DATES)
def test_patience_is_never_shorter_than_two_weeks_nor_than_a_usual_pause(published: list[datetime]) -> None:
    rhythm = rhythm_of(published, NOW)
    if rhythm is not None:
        assert rhythm.latest_at <= NOW
        assert rhythm.patience >= max(14 * DAY, rhythm.usual, rhythm.longest)


@given(DATES, st.integers(1, 400))
def test_a_silence_does_not_end_by_waiting(published: list[datetime], days: int) -> None:
    past = [instant for instant in published if instant <= NOW]
    assert not is_silent(past) or is_silent(past, NOW + days * DAY)
