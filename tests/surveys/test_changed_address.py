"""A person who changes the address is still the person who was asked, and who said no."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.hashing import address_key
from feedback_service.mail import suppression
from feedback_service.mail.models import MailState, OutboxMail, SuppressionReason
from feedback_service.returns import consents
from feedback_service.returns.consents import ConsentIn, How
from feedback_service.returns.customers import record_customer
from feedback_service.returns.models import Customer, Return
from feedback_service.returns.payloads import CustomerIn
from feedback_service.shops.models import Shop
from feedback_service.surveys import objections
from feedback_service.surveys.models import NotSentReason
from feedback_service.surveys.not_sent import why_not_sent
from jobs import send_surveys
from tests.support.builders import NOW, SECRET, make_customer, make_order, make_return, make_shop
from tests.support.surveys import token_of

OLD, NEW = "client@example.com", "client@new.example.com"
CLIENT = CustomerIn(external_id="K-1", email=OLD)


def arrange(services: Services) -> None:
    """Make a shop and its customer K-1 with the old address."""
    with services.database.writing() as session:
        make_customer(session, make_shop(session), OLD, external_id="K-1")


def move(services: Services, to: str = NEW) -> None:
    """Let the platform send the customer with another address."""
    with services.database.writing() as session:
        shop, now = session.scalars(sa.select(Shop)).one(), services.clock.now()
        assert record_customer(session, shop, replace(CLIENT, email=to), SECRET, now, dated=now)


def why_not(services: Services) -> NotSentReason | None:
    """Let another return of the customer be refunded, and run the job; return why it is not asked about."""
    now = services.clock.now()
    with services.database.writing() as session:
        shop, customer = session.scalars(sa.select(Shop)).one(), session.scalars(sa.select(Customer)).one()
        order = make_order(session, shop, f"AL-{now:%j%H}", customer_id=customer.id)
        returned = make_return(session, shop, order, external_id=f"R-{now:%j%H}", closed_at=now - timedelta(hours=30))
    send_surveys.run(services)
    with services.database.reading() as session:
        return why_not_sent(session, session.get_one(Return, returned.id), now)


def test_quarantine_follows_the_person_to_a_new_address(services: Services, clock: ManualClock) -> None:
    arrange(services)
    assert why_not(services) is NotSentReason.WAITING
    clock.advance(timedelta(days=10))
    move(services)
    assert why_not(services) is NotSentReason.QUARANTINE


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (SuppressionReason.OBJECTION, NotSentReason.OBJECTED),
        (SuppressionReason.COMPLAINT, NotSentReason.SUPPRESSED),
        (SuppressionReason.HARD_BOUNCE, NotSentReason.WAITING),
    ],
)
def test_no_follows_the_person_to_a_new_address_and_a_dead_mailbox_stays_behind(
    services: Services, reason: SuppressionReason, why: NotSentReason
) -> None:
    arrange(services)
    with services.database.writing() as session:
        suppression.suppress(session, session.scalars(sa.select(Shop.id)).one(), address_key(SECRET, OLD), reason, NOW)
    move(services)
    assert why_not(services) is why


def test_objection_by_the_link_in_an_old_mail_holds_at_the_new_address(services: Services, clock: ManualClock) -> None:
    arrange(services)
    assert why_not(services) is NotSentReason.WAITING
    with services.database.reading() as session:
        token = token_of(session.scalars(sa.select(OutboxMail)).one())
    move(services)
    with services.database.writing() as session:
        objections.record(session, token, clock.now())
    clock.advance(timedelta(days=100))
    assert why_not(services) is NotSentReason.OBJECTED


def test_consent_taken_back_stays_so_at_a_new_address_until_another_one_is_given(services: Services) -> None:
    arrange(services)
    with services.database.writing() as session:
        shop_id = session.scalars(sa.select(Shop.id)).one()
        taken_back = ConsentIn(How.API, NOW - timedelta(days=9), NOW - timedelta(days=2), "Box on the order form")
        consents.record(session, shop_id, address_key(SECRET, OLD), taken_back, NOW)
    move(services)
    assert why_not(services) is NotSentReason.OBJECTED
    with services.database.writing() as session:
        anew = ConsentIn(How.API, NOW - timedelta(days=1), proof="Box on the order form")
        assert consents.record(session, shop_id, address_key(SECRET, NEW), anew, NOW) is consents.Standing.GIVEN


def test_consent_given_at_an_address_is_none_for_another(services: Services) -> None:
    arrange(services)
    with services.database.writing() as session:
        shop_id = session.scalars(sa.select(Shop.id)).one()
        consents.record(session, shop_id, address_key(SECRET, OLD), ConsentIn(How.API, NOW, proof="Box"), NOW)
    move(services)
    with services.database.reading() as session:
        assert consents.standing(session, shop_id, address_key(SECRET, NEW)) is consents.Standing.NONE


def test_days_of_quarantine_count_from_when_the_mail_was_sent(services: Services, clock: ManualClock) -> None:
    arrange(services)
    assert why_not(services) is NotSentReason.WAITING
    with services.database.writing() as session:
        values = {"state": MailState.SENT, "sent_at": NOW + timedelta(days=3), "due_at": None}
        session.execute(sa.update(OutboxMail).values(**values))
        session.execute(sa.update(Shop).values(reminder_days=0))
    clock.advance(timedelta(days=91))
    assert why_not(services) is NotSentReason.QUARANTINE
    clock.advance(timedelta(days=3))
    assert why_not(services) is NotSentReason.WAITING
