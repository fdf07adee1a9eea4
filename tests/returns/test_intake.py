"""Intake: one row per id however often it comes, and a return is never lost for want of its order."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
import sqlalchemy as sa

from feedback_service.errors import ConflictError
from feedback_service.hashing import address_key
from feedback_service.mail.models import Suppression, SuppressionReason
from feedback_service.returns.models import Customer, Order, OrderLine, Origin, Return, ReturnEvent, ReturnState
from feedback_service.returns.payloads import CustomerIn, OrderLineIn, Outcome, ReturnEventIn, ReturnLineIn
from tests.returns.conftest import CAMILLE, Counter, happened, order_in, return_in
from tests.support.builders import NOW, SECRET

S = ReturnState


def test_the_same_order_again_is_unchanged_and_a_changed_one_updates(counter: Counter) -> None:
    assert counter.order() is Outcome.CREATED
    assert counter.order() is Outcome.UNCHANGED
    assert counter.order(order_in(lines=(OrderLineIn("LAMP", 1, Decimal("49.999")),))) is Outcome.UPDATED
    with counter.services.database.reading() as session:
        order = session.scalars(sa.select(Order)).one()
        assert [(line.sku, line.quantity, line.unit_price) for line in order.lines] == [("LAMP", 1, Decimal("50.00"))]
    assert counter.count(OrderLine) == 1


def test_an_order_without_lines_is_an_order(counter: Counter) -> None:
    assert counter.order(order_in(lines=())) is Outcome.CREATED
    assert counter.count(OrderLine) == 0


def test_an_order_without_number_and_currency_takes_its_id_and_the_shops_currency(counter: Counter) -> None:
    counter.order(order_in(number="", currency=""))
    with counter.services.database.reading() as session:
        order = session.scalars(sa.select(Order)).one()
        assert (order.number, order.currency) == ("o1", "EUR")


@pytest.mark.parametrize("reference", ["AL-10001", "o1"], ids=["by number", "by id"])
def test_a_return_finds_its_order(counter: Counter, reference: str) -> None:
    counter.order()
    counter.returned(return_in(order_reference=reference))
    row = counter.stored()
    assert row.order is not None
    assert (row.order.external_id, row.language, row.currency) == ("o1", "fr", "EUR")
    assert row.customer is not None
    assert row.customer.email == "client@example.com"
    assert row.lines[0].unit_price == Decimal("50.00")


def test_a_return_before_its_order_is_kept_and_linked_later(counter: Counter) -> None:
    counter.returned(return_in())
    waiting = counter.stored()
    assert (waiting.order, waiting.order_reference, waiting.customer) == (None, "AL-10001", None)
    counter.order()
    row = counter.stored()
    assert row.order is not None
    assert row.customer is not None
    assert row.language == "fr"
    assert row.lines[0].unit_price == Decimal("50.00")


def test_a_return_that_names_no_order_stays_of_unknown_order(counter: Counter) -> None:
    counter.returned(return_in(order_reference=""))
    counter.order(order_in(number=""))
    assert counter.stored().order is None


def test_reasons_are_mapped_and_the_raw_code_is_kept(counter: Counter) -> None:
    lines = (ReturnLineIn("LAMP", 1), ReturnLineIn("CORD", 1, reason="handle-of-tomorrow"))
    counter.returned(return_in(lines=lines))
    row = counter.stored()
    assert (row.reason, row.raw_reason) == ("too_small", "SIZE_TOO_SMALL")
    assert [(line.reason, line.raw_reason) for line in row.lines] == [
        ("too_small", "SIZE_TOO_SMALL"),
        ("other", "handle-of-tomorrow"),
    ]


def test_the_reason_of_the_first_line_that_has_one_stands_for_the_return(counter: Counter) -> None:
    lines = (ReturnLineIn("LAMP", 1), ReturnLineIn("CORD", 1, reason="style"))
    counter.returned(return_in(lines=lines, reason=""))
    row = counter.stored()
    assert (row.reason, row.lines[0].reason) == ("style", "unknown")


def test_a_return_always_has_the_event_of_its_request(counter: Counter) -> None:
    counter.returned(return_in())
    row = counter.stored()
    assert [event.kind for event in row.events] == [S.REQUESTED]
    assert (row.state, row.state_at) == (S.REQUESTED, NOW - timedelta(days=7))


def test_the_same_return_again_is_unchanged_and_a_new_event_updates_it(counter: Counter) -> None:
    assert counter.returned(return_in()) is Outcome.CREATED
    assert counter.returned(return_in()) is Outcome.UNCHANGED
    assert counter.returned(return_in(happened(S.RECEIVED))) is Outcome.UPDATED
    assert counter.stored().state is S.RECEIVED
    assert counter.returned(return_in(reason="style")) is Outcome.UPDATED
    assert counter.stored().state is S.RECEIVED


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_state_is_the_same_in_whatever_order_events_arrive(counter: Counter, order: tuple[int, ...]) -> None:
    events = [happened(S.APPROVED, 9), happened(S.RECEIVED, 5), happened(S.REFUNDED, 2)]
    counter.returned(return_in())
    for index in (*order, *order):
        counter.event(events[index])
    row = counter.stored()
    assert (row.state, row.flag, len(row.events)) == (S.REFUNDED, "", 4)
    assert (row.received_at, row.closed_at) == (NOW - timedelta(hours=5), NOW - timedelta(hours=2))


def test_a_repeated_event_changes_nothing(counter: Counter) -> None:
    counter.returned(return_in())
    assert counter.event(happened(S.RECEIVED, 5, "e1")) is Outcome.CREATED
    assert counter.event(happened(S.RECEIVED, 4, "e1")) is Outcome.UNCHANGED
    assert counter.stored().received_at == NOW - timedelta(hours=5)


def test_a_platforms_contradiction_is_kept_and_flagged(counter: Counter) -> None:
    counter.returned(return_in(happened(S.REJECTED, 5)))
    assert counter.event(happened(S.RECEIVED, 1)) is Outcome.FLAGGED
    row = counter.stored()
    assert (row.state, row.received_at) == (S.REJECTED, None)
    assert row.flag == "It is said to be received, but it was rejected before."
    assert [event.conflict != "" for event in row.events] == [False, False, True]


def test_an_earlier_event_that_arrives_later_turns_the_contradiction_round(counter: Counter) -> None:
    counter.returned(return_in(happened(S.REJECTED, 1)))
    assert counter.event(happened(S.REFUNDED, 5)) is Outcome.FLAGGED
    row = counter.stored()
    assert (row.state, row.closed_at) == (S.REFUNDED, NOW - timedelta(hours=5))
    assert {event.kind for event in row.events if event.conflict} == {S.REJECTED}


def test_a_persons_contradiction_is_refused_and_nothing_is_stored(counter: Counter) -> None:
    counter.returned(return_in(happened(S.REJECTED, 5)))
    with pytest.raises(ConflictError, match="received, but it was rejected before"):
        counter.event(happened(S.RECEIVED, 1), Origin.STAFF)
    row = counter.stored()
    assert (row.state, row.flag, len(row.events)) == (S.REJECTED, "", 2)


def test_a_person_may_add_what_fits_to_a_return_that_is_flagged(counter: Counter) -> None:
    counter.returned(return_in(happened(S.REFUNDED, 5), happened(S.REJECTED, 4)))
    assert counter.event(happened(S.RECEIVED, 6), Origin.STAFF) is Outcome.CREATED
    assert counter.stored().received_at == NOW - timedelta(hours=6)


def test_a_person_cannot_open_a_return_that_contradicts_itself(counter: Counter) -> None:
    with pytest.raises(ConflictError):
        counter.returned(return_in(happened(S.REFUNDED, 5), happened(S.REJECTED, 4)), Origin.STAFF)
    assert counter.count(Return) == 0


def test_a_customer_is_known_again_by_address_in_any_case_then_by_number(counter: Counter) -> None:
    counter.order()
    counter.order(order_in(external_id="o2", customer=CustomerIn(email="CLIENT@example.com")))
    counter.order(order_in(external_id="o3", customer=CustomerIn(external_id="c1", country="FR")))
    with counter.services.database.reading() as session:
        customer = session.scalars(sa.select(Customer)).one()
        assert (customer.external_id, customer.name, customer.country) == ("c1", "Camille Exemple", "FR")


def test_a_customer_who_changes_address_is_still_one(counter: Counter) -> None:
    counter.order()
    counter.order(order_in(external_id="o2", customer=replace(CAMILLE, email="new@example.com")))
    with counter.services.database.reading() as session:
        assert session.scalars(sa.select(Customer)).one().email == "new@example.com"


def test_two_numbers_with_one_address_are_one_person_and_an_address_wins_over_a_number(counter: Counter) -> None:
    counter.order()
    counter.order(order_in(external_id="o2", customer=replace(CAMILLE, external_id="c2")))
    assert counter.count(Customer) == 1
    counter.order(order_in(external_id="o3", customer=CustomerIn(external_id="c9", email="other@example.com")))
    counter.order(order_in(external_id="o4", customer=CustomerIn(external_id="c9", email="client@example.com")))
    with counter.services.database.reading() as session:
        order = session.scalars(sa.select(Order).where(Order.external_id == "o4")).one()
        assert order.customer is not None
        assert order.customer.external_id == "c1"
    assert counter.count(Customer) == 2


def test_an_order_without_customer_has_none(counter: Counter) -> None:
    counter.order(order_in(customer=CustomerIn(name="Somebody")))
    assert counter.count(Customer) == 0


def test_what_was_pseudonymised_stays_so_until_the_person_buys_again(counter: Counter) -> None:
    counter.order()
    with counter.services.database.writing() as session:
        session.execute(sa.update(Customer).values(email=None, name=None, pseudonymised_at=NOW))
    counter.order(order_in(currency="GBP"))
    with counter.services.database.reading() as session:
        assert session.scalars(sa.select(Customer)).one().email is None
    counter.order(order_in(external_id="o2", ordered_at=NOW + timedelta(days=1)))
    with counter.services.database.reading() as session:
        customer = session.scalars(sa.select(Customer)).one()
        assert (customer.email, customer.pseudonymised_at) == ("client@example.com", None)


def test_an_erased_person_does_not_come_back_with_an_old_order(counter: Counter) -> None:
    suppression = Suppression(
        shop_id=counter.shop.id,
        address_key=address_key(SECRET, "client@example.com"),
        reason=SuppressionReason.ERASURE,
        created_at=NOW,
    )
    with counter.services.database.writing() as session:
        session.add(suppression)
    counter.order()
    assert (counter.count(Order), counter.count(Customer)) == (1, 0)
    counter.order(order_in(external_id="o2", ordered_at=NOW + timedelta(days=1)))
    assert counter.count(Customer) == 1


def test_two_platforms_calls_at_once_make_one_row_of_each(counter: Counter) -> None:
    def send(number: int) -> None:
        counter.order(order_in(currency=("EUR", "GBP")[number % 2]))
        counter.returned(return_in(ReturnEventIn(S.RECEIVED, NOW, key=str(number))))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(16)))
    assert (counter.count(Order), counter.count(Customer), counter.count(Return)) == (1, 1, 1)
    assert counter.count(ReturnEvent) == 17
    assert len(counter.mails()) == 1
