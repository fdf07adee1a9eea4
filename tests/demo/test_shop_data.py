"""The fictional shop: the same for the same instant, believable, and nothing before its time."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from feedback_service.demo.shop_data import DAYS, ORDERS, WEEKEND_RETURNS, make_sales
from feedback_service.demo.stage import monday_morning
from feedback_service.returns.models import ReturnState
from feedback_service.returns.reasons import Reason, map_reason
from tests.support.builders import NOW


def test_the_same_instant_gives_the_same_shop() -> None:
    assert make_sales(NOW) == make_sales(NOW)


def test_nothing_has_happened_after_now_nor_long_ago() -> None:
    sales = make_sales(NOW)
    instants = [order.ordered_at for order in sales.orders]
    instants += [event.happened_at for item in sales.returns for event in item.events]

    assert max(instants) <= NOW
    assert min(instants) >= NOW - timedelta(days=DAYS + 1)


def test_a_lamp_that_breaks_on_its_way_is_what_comes_back_most() -> None:
    sales = make_sales(NOW)
    reasons = Counter(map_reason(item.reason) for item in sales.returns)

    assert len(sales.orders) == ORDERS
    assert 90 <= len(sales.returns) <= 140
    assert reasons.most_common(1)[0][0] is Reason.DAMAGED_TRANSIT
    assert reasons[Reason.UNKNOWN] > 0


def test_some_returns_were_refunded_a_day_ago() -> None:
    refunded = [
        event.happened_at
        for item in make_sales(NOW).returns
        for event in item.events
        if event.kind is ReturnState.REFUNDED
    ]

    assert sum(NOW - timedelta(hours=48) < at <= NOW - timedelta(hours=24) for at in refunded) >= WEEKEND_RETURNS


def test_every_address_is_reserved_for_examples() -> None:
    addresses = {order.customer.email for order in make_sales(NOW).orders if order.customer}

    assert {str(address).partition("@")[2] for address in addresses} == {"example.com", "example.org"}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 23, 0, 0, tzinfo=UTC), datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
        (datetime(2026, 11, 29, 22, 59, tzinfo=UTC), datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
        (datetime(2026, 11, 29, 23, 0, tzinfo=UTC), datetime(2026, 11, 30, 9, 30, tzinfo=UTC)),
        (datetime(2026, 7, 15, 12, 0, tzinfo=UTC), datetime(2026, 7, 13, 8, 30, tzinfo=UTC)),
    ],
    ids=["monday", "sunday night in Paris", "monday in Paris, sunday in UTC", "summer time"],
)
def test_on_the_stage_it_is_monday_half_past_ten_in_paris(now: datetime, expected: datetime) -> None:
    assert monday_morning(now) == expected
