"""What the page of a return says of the customer's periodic survey."""

from datetime import timedelta

import sqlalchemy as sa

from feedback_service.mail.models import MailState, OutboxMail
from feedback_service.returns.models import Order, Return
from feedback_service.shops.models import Shop
from feedback_service.surveys.models import Invitation
from tests.support.builders import NOW, make_customer, make_order, make_return
from tests.support.staff import Visitor
from tests.web_staff.conftest import House


def returned(house: House, *, periodic: bool = True) -> str:
    """Add a customer with an order of a month ago, and a return closed 40 days ago; return its page."""
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        shop.nps_enabled = periodic
        customer = make_customer(session, shop)
        order = make_order(session, shop, customer_id=customer.id, ordered_at=NOW - timedelta(days=30))
        row = make_return(session, shop, order, closed_at=NOW - timedelta(days=40))
    return f"/returns/{row.id}"


def told(camille: Visitor, path: str) -> str:
    """Return the words about the periodic survey, in one line; empty where there are none."""
    _, found, rest = camille.read(path).partition("Periodic survey:")
    return " ".join(rest.partition("</p>")[0].split()) if found else ""


def test_shop_without_a_periodic_survey_says_nothing_of_it(house: House, camille: Visitor) -> None:
    assert told(camille, returned(house, periodic=False)) == ""


def test_page_tells_what_became_of_it_and_why_there_is_no_other(house: House, camille: Visitor) -> None:
    path = returned(house)
    assert told(camille, path) == "It is due at the next run."
    assert house.services.periodic.queue_due(NOW) == 1
    assert told(camille, path).startswith("The survey is written and waits to be sent.")
    with house.services.database.writing() as session:
        session.execute(sa.update(OutboxMail).values(state=MailState.SENT, sent_at=NOW, due_at=None))
    assert told(camille, path) == "asked on 23 November 2026. Not now. The customer was asked a short while ago."
    with house.services.database.writing() as session:
        session.execute(sa.update(Invitation).values(answered_at=NOW))
    assert told(camille, path).startswith("asked on 23 November 2026, answered.")


def test_page_tells_why_it_was_not_sent_while_there_was_time(house: House, camille: Visitor) -> None:
    path = returned(house)
    with house.services.database.writing() as session:
        session.execute(sa.update(Return).values(closed_at=NOW - timedelta(days=5)))
    assert house.services.periodic.queue_due(NOW) == 0
    with house.services.database.writing() as session:
        session.execute(sa.update(Order).values(ordered_at=NOW - timedelta(days=100)))
    assert told(camille, path).startswith("Not sent while there was time. A return of the customer is under way")
