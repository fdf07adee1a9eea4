"""Deadlines: the known answers of RULES R5, R6 and R9."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.returns.deadlines import (
    Counting,
    WithdrawalPolicy,
    days_late,
    end_of_day,
    policy_of,
    public_holidays,
    refund_due_on,
    refund_late,
    withdrawal_in_time,
    withdrawal_last_day,
)
from feedback_service.shops.models import Shop

PARIS = ZoneInfo("Europe/Paris")
FRANCE = WithdrawalPolicy()
ALSACE = WithdrawalPolicy(holidays=public_holidays("FR", "6AE"))
MOSELLE = WithdrawalPolicy(holidays=public_holidays("FR", "57"))

_KNOWN = [
    ("a plain Monday", FRANCE, "2026-11-09", "2026-11-23"),
    ("from Saturday over the weekend", FRANCE, "2026-11-14", "2026-11-30"),
    ("over Armistice Day", FRANCE, "2026-10-28", "2026-11-12"),
    ("over Christmas and a weekend", FRANCE, "2026-12-11", "2026-12-28"),
    ("over New Year and a weekend", FRANCE, "2026-12-18", "2027-01-04"),
    ("over Ascension", FRANCE, "2026-04-30", "2026-05-15"),
    ("over Easter Monday", FRANCE, "2027-03-15", "2027-03-30"),
    ("over Labour Day and a weekend", FRANCE, "2027-04-17", "2027-05-03"),
    ("Good Friday works in most of France", FRANCE, "2027-03-12", "2027-03-26"),
    ("Good Friday is a holiday in Alsace", ALSACE, "2027-03-12", "2027-03-30"),
    ("Good Friday is a holiday in Moselle", MOSELLE, "2027-03-12", "2027-03-30"),
    ("seven clear days", WithdrawalPolicy(days=7, counting=Counting.CLEAR), "2026-11-13", "2026-11-23"),
]


@pytest.mark.parametrize(("policy", "received", "last"), [case[1:] for case in _KNOWN], ids=[c[0] for c in _KNOWN])
def test_known_answers_of_the_withdrawal_period(policy: WithdrawalPolicy, received: str, last: str) -> None:
    assert withdrawal_last_day([date.fromisoformat(received)], policy) == date.fromisoformat(last)


def test_the_last_of_several_parcels_counts() -> None:
    parcels = [date(2026, 11, 9), date(2026, 11, 14), date(2026, 11, 2)]
    assert withdrawal_last_day(parcels, FRANCE) == date(2026, 11, 30)


def test_without_a_parcel_the_period_has_not_begun() -> None:
    with pytest.raises(ValueError, match="empty"):
        withdrawal_last_day([], FRANCE)


@pytest.mark.parametrize(
    ("received", "last"),
    [("2026-11-09", "2026-11-23"), ("2026-10-19", "2026-11-02"), ("2026-03-16", "2026-03-30")],
    ids=["no clock change", "across the change to winter time", "across the change to summer time"],
)
def test_the_last_second_of_the_last_day_in_paris_is_in_time_and_one_second_later_is_late(
    received: str, last: str
) -> None:
    last_day = withdrawal_last_day([date.fromisoformat(received)], FRANCE)
    assert last_day == date.fromisoformat(last)
    last_second = datetime.combine(last_day, datetime.max.time().replace(microsecond=0), tzinfo=PARIS)
    assert withdrawal_in_time(last_second.astimezone(UTC), last_day, PARIS)
    assert not withdrawal_in_time((last_second + timedelta(seconds=1)).astimezone(UTC), last_day, PARIS)


def test_a_day_of_25_hours_ends_at_its_midnight() -> None:
    assert end_of_day(date(2026, 10, 25), PARIS) == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
    assert end_of_day(date(2026, 10, 24), PARIS) == datetime(2026, 10, 24, 22, 0, tzinfo=UTC)


def test_a_country_without_a_calendar_has_weekends_only() -> None:
    policy = WithdrawalPolicy(holidays=public_holidays("XX"))
    assert withdrawal_last_day([date(2026, 12, 11)], policy) == date(2026, 12, 25)


def test_a_region_without_a_calendar_has_the_holidays_of_its_country() -> None:
    assert date(2026, 12, 25) in public_holidays("FR", "99")


@pytest.mark.parametrize(("region", "last_day"), [("", date(2027, 3, 26)), ("57", date(2027, 3, 30))])
def test_the_policy_of_a_shop_has_its_days_and_the_holidays_of_its_region(region: str, last_day: date) -> None:
    shop = Shop(country="FR", region=region, withdrawal_days=14)
    assert withdrawal_last_day([date(2027, 3, 12)], policy_of(shop)) == last_day


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.integers(1, 60), st.sampled_from(Counting))
def test_the_last_day_is_a_working_day_and_never_before_the_period(
    received: date, days: int, counting: Counting
) -> None:
    last = withdrawal_last_day([received], WithdrawalPolicy(days=days, counting=counting))
    assert last >= received + timedelta(days=days)
    assert last.weekday() < 5
    assert last not in FRANCE.holidays


ASKED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def test_the_refund_may_wait_for_the_goods() -> None:
    assert refund_due_on(ASKED, PARIS) is None


def test_the_refund_is_due_14_days_after_the_shop_was_told() -> None:
    assert refund_due_on(ASKED, PARIS, received_at=ASKED + timedelta(days=3)) == date(2026, 11, 16)


def test_goods_that_come_later_than_that_are_refunded_on_the_day_they_come() -> None:
    assert refund_due_on(ASKED, PARIS, received_at=ASKED + timedelta(days=20)) == date(2026, 11, 22)


def test_a_proof_of_dispatch_counts_like_the_goods_whichever_is_first() -> None:
    received, sent = ASKED + timedelta(days=20), ASKED + timedelta(days=16)
    assert refund_due_on(ASKED, PARIS, received_at=received, dispatched_at=sent) == date(2026, 11, 18)


def test_the_day_is_the_local_one() -> None:
    asked = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
    assert refund_due_on(asked, PARIS, received_at=asked) == date(2026, 11, 17)


def test_a_refund_is_late_from_the_midnight_after_its_last_day() -> None:
    due = date(2026, 11, 16)
    midnight = datetime(2026, 11, 16, 23, 0, tzinfo=UTC)
    assert not refund_late(due, midnight - timedelta(seconds=1), PARIS)
    assert refund_late(due, midnight, PARIS)
    assert not refund_late(due, midnight, PARIS, closed_at=midnight)
    assert not refund_late(None, midnight, PARIS)


def test_days_late_are_counted_until_the_refund() -> None:
    due, now = date(2026, 11, 16), datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert days_late(due, now, PARIS) == 7
    assert days_late(due, now, PARIS, closed_at=datetime(2026, 11, 18, 9, tzinfo=UTC)) == 2
    assert days_late(due, datetime(2026, 11, 10, 9, tzinfo=UTC), PARIS) == 0
    assert days_late(None, now, PARIS) == 0
