"""When an order reached the customer: taken in by every way, kept, and told only where it is known (R5, R7)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from feedback_service import i18n
from feedback_service.returns.deadlines import Withdrawal, WithdrawalPolicy, withdrawal_of
from feedback_service.returns.models import Order, Return, ReturnState
from feedback_service.returns.payloads import Outcome
from tests.returns.conftest import Counter, happened, order_in, return_in
from tests.returns.test_csv_import import Clerk, clerk  # noqa: F401 - a fixture
from tests.support.builders import NOW
from tests.support.letters import unwrapped

PARIS = ZoneInfo("Europe/Paris")
FRANCE = WithdrawalPolicy()
DELIVERED = NOW - timedelta(days=16)
COLUMNS = "order_id,ordered_at,delivered_at,sku,quantity,unit_price\n"


def paris(text: str) -> datetime:
    """Return an instant that is written in the time of Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("delivered", "asked", "last_day", "days_late"),
    [
        pytest.param("2026-11-09T23:59", "2026-11-23T23:59:59", "2026-11-23", 0, id="in the last second"),
        pytest.param("2026-11-09T08:00", "2026-11-24T00:00:00", "2026-11-23", 1, id="a second later"),
        pytest.param("2026-11-14T12:00", "2026-11-30T12:00", "2026-11-30", 0, id="its last day was a Saturday"),
        pytest.param("2026-12-11T12:00", "2027-01-02T12:00", "2026-12-28", 5, id="over Christmas"),
        pytest.param("2026-11-09T12:00", "2026-11-09T12:00", "2026-11-23", 0, id="at the door"),
    ],
)
def test_return_is_in_time_until_the_end_of_the_last_day_in_the_shops_zone(
    delivered: str, asked: str, last_day: str, days_late: int
) -> None:
    found = withdrawal_of(paris(asked), paris(delivered), FRANCE, PARIS)
    assert found == Withdrawal(date.fromisoformat(last_day), days_late)


def test_no_day_is_made_up_where_the_delivery_is_unknown_or_impossible() -> None:
    assert withdrawal_of(NOW, None, FRANCE, PARIS) is None
    assert withdrawal_of(NOW, NOW + timedelta(hours=1), FRANCE, PARIS) is None


def delivered_at(counter: Counter) -> datetime | None:
    """Return when the only order arrived."""
    with counter.services.database.reading() as session:
        return session.scalars(sa.select(Order.delivered_at)).one()


def test_delivery_that_comes_later_updates_the_order_and_is_not_forgotten(counter: Counter) -> None:
    assert (counter.order(), delivered_at(counter)) == (Outcome.CREATED, None)
    assert counter.order(order_in(delivered_at=DELIVERED)) is Outcome.UPDATED
    assert counter.order(order_in(delivered_at=DELIVERED)) is Outcome.UNCHANGED
    assert counter.order(order_in(number="AL-10009")) is Outcome.UPDATED
    assert delivered_at(counter) == DELIVERED


def test_csv_brings_the_day_in_the_shops_zone_and_under_a_name_of_the_map(clerk: Clerk) -> None:  # noqa: F811 - the fixture
    clerk.take(COLUMNS + "1,2026-11-02,2026-11-09,LAMP,1,9.90\n")
    assert delivered_at(clerk.counter) == paris("2026-11-09T00:00")
    mapped = COLUMNS.replace("delivered_at", "Livré le") + "1,2026-11-02,2026-11-10,LAMP,1,9.90\n"
    clerk.take(mapped, csv_map='[orders.columns]\ndelivered_at = "Livré le"\n')
    assert delivered_at(clerk.counter) == paris("2026-11-10T00:00")


def test_bad_day_of_delivery_is_told_and_costs_no_order(clerk: Clerk) -> None:  # noqa: F811 - the fixture
    assert clerk.take(COLUMNS + "1,2026-11-02,soon,LAMP,1,9.90\n").created == 1
    assert delivered_at(clerk.counter) is None
    assert "delivered_at: 'soon' is not a date" in clerk.complaints[0]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_customer_is_told_that_a_return_out_of_time_was_accepted_as_a_favour(counter: Counter, language: str) -> None:
    counter.order(order_in(language=language))
    counter.returned(return_in())
    with counter.services.database.writing() as session:
        session.execute(sa.update(Return).values(goodwill_at=NOW))
    counter.event(happened(ReturnState.REFUNDED))
    (mail,) = counter.mails()
    favour = i18n.translations(language).gettext(
        "The period for returning this order was over. We accepted your return all the same, as a favour."
    )
    assert favour in unwrapped(mail.text or "")
    assert favour in (mail.html or "")
    assert "\n\n\n" not in (mail.text or "")


def test_customer_of_a_return_in_time_hears_of_no_favour(counter: Counter) -> None:
    counter.order(order_in(language="en"))
    counter.returned(return_in(happened(ReturnState.REFUNDED)))
    assert "favour" not in (counter.mails()[0].text or "")
