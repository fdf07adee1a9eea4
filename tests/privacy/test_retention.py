"""Retention: each thing goes when its time has come, not before, and prune does it all (R15)."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import Story, StoryState
from feedback_service.bootstrap import build
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.mail.models import IncomingMail, OutboxMail, Suppression, SuppressionReason
from feedback_service.mentions.models import Document
from feedback_service.returns.models import Customer, ReturnState
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.replies import CustomerReply
from feedback_service.ticks import JobTick
from jobs import prune
from tests.support.builders import NOW, make_customer, make_order, make_return, make_shop
from tests.support.traces import ASKING, add_mention, leave_traces


def _prune(settings: Settings, now: datetime) -> int:
    services = build(settings).with_clock(ManualClock(now))
    try:
        return prune.run(services)
    finally:
        services.close()


def _emails(session: Session) -> list[str | None]:
    return list(session.scalars(sa.select(Customer.email).order_by(Customer.id)))


@pytest.mark.parametrize(("days", "kept"), [(89, ASKING), (91, None)])
def test_an_address_goes_90_days_after_the_return_is_closed(
    database: Database, settings: Settings, days: int, kept: str | None
) -> None:
    with database.writing() as session:
        leave_traces(session, make_shop(session), ASKING, 1)

    _prune(settings, NOW + timedelta(days=days))

    with database.reading() as session:
        customer = session.scalars(sa.select(Customer)).one()
        assert customer.email == kept
        assert customer.email_key  # tells a quarantine without the address
        recipients = session.execute(sa.select(OutboxMail.kind, OutboxMail.recipient).order_by(OutboxMail.kind)).all()
    assert {row.kind: row.recipient for row in recipients} == {"return_received": ASKING, "survey": kept}


def test_an_open_return_or_a_fresh_order_keeps_the_address(database: Database, settings: Settings) -> None:
    old = NOW - timedelta(days=200)
    with database.writing() as session:
        shop = make_shop(session)
        for number, (state, ordered_at) in enumerate([(ReturnState.RECEIVED, old), (ReturnState.REFUNDED, NOW)], 1):
            customer = make_customer(session, shop, f"{number}@example.com")
            order = make_order(session, shop, f"AL-{number}", customer_id=customer.id, ordered_at=ordered_at)
            closed_at = None if state is ReturnState.RECEIVED else old
            make_return(session, shop, order, external_id=f"R{number}", state=state, closed_at=closed_at)

    _prune(settings, NOW)

    with database.reading() as session:
        assert _emails(session) == ["1@example.com", "2@example.com"]


def test_answers_are_anonymised_after_a_year_and_stay_as_figures(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        leave_traces(session, make_shop(session), ASKING, 1)

    _prune(settings, NOW + timedelta(days=364))
    with database.reading() as session:
        assert session.scalars(sa.select(Answer.text)).one() == f"Words of {ASKING}"
    _prune(settings, NOW + timedelta(days=366))

    with database.reading() as session:
        answer = session.scalars(sa.select(Answer)).one()
        assert (answer.rating, answer.text, answer.return_id, answer.invitation_id) == (1, None, None, None)
        assert session.scalars(sa.select(Invitation.recipient_key)).one() == ""
        assert session.scalars(sa.select(Story)).all() == []


@pytest.mark.parametrize(
    ("reason", "days", "is_kept"),
    [
        (SuppressionReason.OBJECTION, 1094, True),
        (SuppressionReason.OBJECTION, 1096, False),
        (SuppressionReason.ERASURE, 5000, True),
    ],
)
def test_the_proof_of_an_objection_is_kept_for_three_years(
    database: Database, settings: Settings, reason: SuppressionReason, days: int, *, is_kept: bool
) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        session.add(Suppression(shop_id=shop.id, address_key="key", reason=reason, created_at=NOW))

    _prune(settings, NOW + timedelta(days=days))

    with database.reading() as session:
        assert bool(session.scalars(sa.select(Suppression)).all()) is is_kept


def test_documents_go_after_a_year_unless_they_are_mentions(database: Database, settings: Settings) -> None:
    old = NOW - timedelta(days=366)
    with database.writing() as session:
        shop: Shop = make_shop(session)
        kept = [add_mention(session, shop, "a mention", old), add_mention(session, shop, "fresh", NOW, mentioned=False)]
        add_mention(session, shop, "not about us", old, mentioned=False)

    _prune(settings, NOW)

    with database.reading() as session:
        assert set(session.scalars(sa.select(Document.id))) == {document.id for document in kept}


def test_slots_that_nobody_can_take_any_more_go(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        session.add_all([JobTick(job="prune", slot=NOW - timedelta(days=days)) for days in (0, 1, 4)])

    assert _prune(settings, NOW) == 0

    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(JobTick)) == 2


def test_an_open_story_does_not_quote_an_answer_that_is_anonymised(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        leave_traces(session, make_shop(session), ASKING, 1)
        session.execute(sa.update(Story).values(state=StoryState.OPEN, closed_at=None))

    _prune(settings, NOW + timedelta(days=366))

    with database.reading() as session:
        assert ASKING not in session.scalars(sa.select(Story.title)).one()


@pytest.mark.parametrize(("days", "kept"), [(364, f"Yours, {ASKING}"), (366, None)])
def test_a_reply_is_anonymised_with_the_answers(
    database: Database, settings: Settings, days: int, kept: str | None
) -> None:
    with database.writing() as session:
        leave_traces(session, make_shop(session), ASKING, 1)

    _prune(settings, NOW + timedelta(days=days))
    with database.reading() as session:
        assert session.scalars(sa.select(CustomerReply)).one().text == kept
        assert len(session.scalars(sa.select(IncomingMail)).all()) == (kept is not None)


def test_what_came_back_forgets_whom_it_was_about_with_the_mail(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        leave_traces(session, make_shop(session), ASKING, 1)

    _prune(settings, NOW + timedelta(days=91))
    with database.reading() as session:
        incoming = session.scalars(sa.select(IncomingMail)).one()
    assert (incoming.recipient_key, incoming.diagnosis) == ("", "")


def test_a_complaint_holds_for_good_and_a_bounce_for_three_years(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        for key, reason in (("c", SuppressionReason.COMPLAINT), ("s", SuppressionReason.SOFT_BOUNCE)):
            session.add(Suppression(shop_id=shop.id, address_key=key, reason=reason, created_at=NOW))

    _prune(settings, NOW + timedelta(days=3650))
    with database.reading() as session:
        assert session.scalars(sa.select(Suppression.address_key)).all() == ["c"]
