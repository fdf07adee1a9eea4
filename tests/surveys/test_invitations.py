"""Who is invited, once, and what the log says of the others (R37, R38)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.hashing import address_key, token_digest
from feedback_service.mail.models import Audience, MailState, OutboxMail, Suppression, SuppressionReason
from feedback_service.returns.customers import language_of
from feedback_service.returns.models import Customer, Return, ReturnState
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.surveys.models import Invitation, NotSent, NotSentReason
from feedback_service.surveys.not_sent import why_not_sent
from jobs import send_surveys
from tests.support.builders import NOW, SECRET, make_customer, make_order, make_return, make_shop
from tests.support.surveys import invite, refunded_return, the_invitation, token_of


def outcome(services: Services) -> tuple[int, dict[int, tuple[NotSentReason, bool]]]:
    """Count the invitations and give the log's verdict of each return."""
    with services.database.reading() as session:
        invited = session.scalar(sa.select(sa.func.count(Invitation.id))) or 0
        rows = session.scalars(sa.select(NotSent)).all()
        return invited, {row.return_id: (row.reason, row.is_final) for row in rows}


def test_refunded_return_is_invited_once_however_often_the_job_runs(services: Services) -> None:
    with services.database.writing() as session:
        refunded_return(session, make_shop(session))
    assert [send_surveys.run(services) for _ in range(3)] == [1, 0, 0]
    with services.database.reading() as session:
        mail = session.scalars(sa.select(OutboxMail)).one()
        invitation = session.scalars(sa.select(Invitation)).one()
        returned = session.scalars(sa.select(Return)).one()
    assert mail.cause == f"survey:{returned.id}"
    assert (mail.audience, mail.language, mail.kind) == (Audience.CUSTOMER, "fr", "survey")
    assert invitation.mail_id == mail.id
    assert invitation.token_digest == token_digest(token_of(mail))
    assert invitation.expires_at == NOW + timedelta(days=30)
    assert mail.expires_at is not None
    assert mail.expires_at <= NOW + timedelta(days=5)
    assert outcome(services) == (1, {})


def test_return_waits_in_the_log_until_its_time_has_come(services: Services, clock: ManualClock) -> None:
    with services.database.writing() as session:
        returned = refunded_return(session, make_shop(session), closed_at=NOW - timedelta(hours=10))
    assert send_surveys.run(services) == 0
    assert outcome(services) == (0, {returned.id: (NotSentReason.TOO_EARLY, False)})
    clock.advance(timedelta(hours=14))  # Past midnight in Paris.
    assert send_surveys.run(services) == 0
    assert outcome(services) == (0, {returned.id: (NotSentReason.NIGHT, False)})
    clock.advance(timedelta(hours=10))
    assert send_surveys.run(services) == 1
    assert outcome(services) == (1, {})


@pytest.mark.parametrize(
    ("values", "customer_values", "reason"),
    [
        pytest.param({"state": ReturnState.REJECTED}, {}, NotSentReason.REJECTED, id="rejected"),
        pytest.param({"closed_at": NOW - timedelta(hours=49)}, {}, NotSentReason.TOO_LATE, id="too late"),
        pytest.param({}, {"email": None, "email_key": None}, NotSentReason.NO_ADDRESS, id="no address"),
        pytest.param({}, {"email": "nobody"}, NotSentReason.BAD_ADDRESS, id="bad address"),
        pytest.param({}, {"country": "DE"}, NotSentReason.CONSENT_MISSING, id="Germany"),
    ],
)
def test_log_says_why_a_closed_return_got_none(
    services: Services, values: dict[str, Any], customer_values: dict[str, Any], reason: NotSentReason
) -> None:
    with services.database.writing() as session:
        returned = refunded_return(session, make_shop(session), **values)
        session.execute(sa.update(Customer).values(**customer_values or {"name": "Camille"}))
    assert [send_surveys.run(services) for _ in range(2)] == [0, 0]
    assert outcome(services)[1][returned.id][0] is reason


def test_order_that_comes_after_its_return_is_in_time_with_its_address(services: Services, clock: ManualClock) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        returned = make_return(session, shop)
    assert send_surveys.run(services) == 0
    assert outcome(services) == (0, {returned.id: (NotSentReason.NO_ADDRESS, False)})
    with services.database.writing() as session:
        session.execute(sa.update(Return).values(customer_id=make_customer(session, shop).id))
    clock.advance(timedelta(minutes=5))
    assert send_surveys.run(services) == 1


def test_return_without_customer_or_order_has_no_address(services: Services) -> None:
    with services.database.writing() as session:
        returned = make_return(session, make_shop(session))
    assert send_surveys.run(services) == 0
    assert outcome(services) == (0, {returned.id: (NotSentReason.NO_ADDRESS, False)})


def test_dispute_that_is_settled_in_time_gets_its_survey(services: Services, clock: ManualClock) -> None:
    with services.database.writing() as session:
        returned = refunded_return(session, make_shop(session), flag="received after rejected")
    assert send_surveys.run(services) == 0
    assert outcome(services) == (0, {returned.id: (NotSentReason.DISPUTED, False)})
    with services.database.writing() as session:
        session.execute(sa.update(Return).values(flag=""))
    clock.advance(timedelta(hours=2))
    assert send_surveys.run(services) == 1


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        (SuppressionReason.OBJECTION, NotSentReason.OBJECTED),
        (SuppressionReason.COMPLAINT, NotSentReason.SUPPRESSED),
        (SuppressionReason.HARD_BOUNCE, NotSentReason.SUPPRESSED),
    ],
)
def test_suppressed_address_is_not_asked(services: Services, reason: SuppressionReason, verdict: NotSentReason) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        returned = refunded_return(session, shop)
        key = address_key(SECRET, "CLIENT1@example.com ")
        session.add(Suppression(shop_id=shop.id, address_key=key, reason=reason, created_at=NOW))
    assert send_surveys.run(services) == 0
    assert outcome(services) == (0, {returned.id: (verdict, True)})


def test_person_is_asked_once_in_90_days_by_each_shop_where_there_is_no_common_cap(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    services = Services(settings.model_copy(update={"survey_cap_days": 0}), clock, database)
    with services.database.writing() as session:
        for slug in ("atelier", "maison"):
            shop = make_shop(session, slug)
            customer = make_customer(session, shop)
            for number in (1, 2):
                order = make_order(session, shop, f"{slug}-{number}", customer_id=customer.id)
                make_return(session, shop, order, external_id=f"R-{number}")
    assert send_surveys.run(services) == 2
    invited, log = outcome(services)
    assert invited == 2
    assert [reason for reason, _ in log.values()] == [NotSentReason.QUARANTINE] * 2
    clock.advance(timedelta(days=90))
    with services.database.writing() as session:
        shop = session.scalars(sa.select(Shop).where(Shop.slug == "atelier")).one()
        order = make_order(session, shop, "later", customer_id=session.scalars(sa.select(Customer.id)).first())
        make_return(session, shop, order, external_id="R-3", closed_at=clock.now() - timedelta(hours=30))
    assert send_surveys.run(services) == 1


def test_person_is_asked_once_in_90_days_by_all_shops_together(services: Services, clock: ManualClock) -> None:
    with services.database.writing() as session:
        for slug in ("atelier", "maison"):
            refunded_return(session, make_shop(session, slug, quarantine_days=0), external_id=f"R-{slug}")
    assert send_surveys.run(services) == 1
    invited, log = outcome(services)
    assert invited == 1
    assert list(log.values()) == [(NotSentReason.OTHER_SURVEY, True)]
    clock.advance(timedelta(days=90))
    with services.database.writing() as session:
        session.execute(sa.delete(NotSent))
        session.execute(sa.update(Return).values(closed_at=clock.now() - timedelta(hours=30)))
    assert send_surveys.run(services) == 1


def test_shop_without_surveys_asks_nobody(services: Services) -> None:
    with services.database.writing() as session:
        returned = refunded_return(session, make_shop(session, surveys_enabled=False))
    assert send_surveys.run(services) == 0
    assert outcome(services) == (0, {returned.id: (NotSentReason.SURVEYS_OFF, False)})


def test_years_of_imported_returns_are_not_looked_at_but_answered_for(services: Services) -> None:
    with services.database.writing() as session:
        old = refunded_return(session, make_shop(session), closed_at=NOW - timedelta(days=400))
    assert send_surveys.run(services) == 0
    assert outcome(services) == (0, {})
    with services.database.reading() as session:
        assert why_not_sent(session, old, NOW) is NotSentReason.TOO_LATE


def test_why_not_sent_answers_for_each_return(services: Services) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        asked = refunded_return(session, shop, 1)
        rejected = refunded_return(session, shop, 2, state=ReturnState.REJECTED)
        still_open = refunded_return(session, shop, 3, state=ReturnState.RECEIVED, closed_at=None)
    send_surveys.run(services)
    with services.database.writing() as session:
        assert why_not_sent(session, asked, NOW) is NotSentReason.WAITING
        session.execute(sa.update(OutboxMail).values(state=MailState.SENT, sent_at=NOW))
    with services.database.reading() as session:
        assert why_not_sent(session, asked, NOW) is None
        assert why_not_sent(session, still_open, NOW) is NotSentReason.OPEN
        assert why_not_sent(session, rejected, NOW) is NotSentReason.REJECTED


def test_processes_at_once_make_one_invitation_for_each_person(services: Services) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        for number in range(6):
            refunded_return(session, shop, number)
        customer = make_customer(session, shop, "twice@example.com")
        for number in (20, 21):
            order = make_order(session, shop, f"AL-{number}", customer_id=customer.id)
            make_return(session, shop, order, external_id=f"R-{number}")
    counts: list[int] = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        counts.append(send_surveys.run(services))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 7
    invited, log = outcome(services)
    assert invited == 7
    assert [reason for reason, _ in log.values()] == [NotSentReason.QUARANTINE]
    with services.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(OutboxMail.id))) == 7


def test_job_that_is_told_to_stop_leaves_the_rest_to_the_next_run(services: Services) -> None:
    with services.database.writing() as session:
        refunded_return(session, make_shop(session))
    assert services.inviter.queue_due(NOW, lambda: True) == 0
    assert send_surveys.run(services) == 1


@pytest.mark.parametrize(
    ("order", "returned", "customer", "shop", "expected"),
    [
        ("en", "fr", "fr", "fr", "en"),
        (None, "en", "fr", "fr", "en"),
        (None, None, "en-GB", "fr", "en"),
        ("de", "fr", "fr", "fr", "de"),
        ("pl", "fr", "fr", "it", "it"),
        (None, None, None, "en", "en"),
    ],
)
def test_customer_is_asked_in_the_language_of_the_order(
    order: str | None, returned: str | None, customer: str | None, shop: str, expected: str, services: Services
) -> None:
    with services.database.writing() as session:
        row = refunded_return(session, make_shop(session, language=shop), language=returned)
        assert row.order
        assert row.customer
        row.order.language, row.customer.language, row.language = order, customer, returned
        assert language_of(session.get_one(Shop, row.shop_id), row, row.customer) == expected


def test_token_is_kept_only_as_a_digest_and_in_the_mail_that_waits(services: Services) -> None:
    token = invite(services)
    with services.database.reading() as session:
        invitation = the_invitation(session, token)
        assert token not in repr(
            {column.key: getattr(invitation, column.key) for column in sa.inspect(Invitation).column_attrs}
        )
        assert invitation.recipient_key == address_key(SECRET, "client1@example.com")
