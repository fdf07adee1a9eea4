"""Too many complaints pause a shop's surveys, and more of them drop what waits (R25)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import IncomingMail, MailState, OutboxMail
from feedback_service.mail.returned import PERIOD, Reputation, reputation
from feedback_service.shops.models import Shop
from feedback_service.surveys.models import NotSent, NotSentReason
from tests.mail.stack import letter
from tests.support.builders import NOW
from tests.support.returned_mail import complaint
from tests.support.surveys import refunded_return


def write_to(services: Services, shop_id: int, people: int) -> None:
    """Let the shop have written to so many people an hour ago."""
    with services.database.writing() as session:
        for number in range(people):
            mail = letter(shop_id, 1000 + number)
            mail.state, mail.sent_at, mail.due_at = MailState.SENT, NOW - timedelta(hours=1), None
            session.add(mail)


def complain(services: Services, shop_id: int, times: int) -> None:
    """Let so many people have called it spam."""
    with services.database.writing() as session:
        for number in range(times):
            come = {"key": f"complaint {number}", "channel": "pipe", "kind": MailClass.COMPLAINT, "shop_id": shop_id}
            session.add(IncomingMail(came_at=NOW - timedelta(minutes=number), **come))


def standing(services: Services, shop_id: int) -> Reputation:
    with services.database.reading() as session:
        return reputation(session, shop_id, services.clock.now())


@pytest.mark.parametrize(
    ("people", "complaints", "expected"),
    [
        (0, 2, Reputation.GOOD),
        (3, 1, Reputation.GOOD),
        (2001, 2, Reputation.GOOD),
        (2000, 2, Reputation.PAUSED),
        (667, 2, Reputation.PAUSED),
        (666, 2, Reputation.STOPPED),
    ],
)
def test_the_share_of_30_days_decides_and_one_complaint_is_no_rate(
    services: Services, survey: OutboxMail, people: int, complaints: int, expected: Reputation
) -> None:
    assert survey.shop_id
    with services.database.writing() as session:
        session.execute(sa.delete(OutboxMail))
    write_to(services, survey.shop_id, people)
    complain(services, survey.shop_id, complaints)
    assert standing(services, survey.shop_id) is expected


def test_a_shop_that_is_complained_of_asks_nobody_until_the_share_has_fallen(
    services: Services, clock: ManualClock, survey: OutboxMail
) -> None:
    assert survey.shop_id
    write_to(services, survey.shop_id, 1500)
    complain(services, survey.shop_id, 2)
    with services.database.writing() as session:
        shop = session.get_one(Shop, survey.shop_id)
        returned_id = refunded_return(session, shop, 2).id
    assert services.inviter.queue_due(clock.now()) == 0
    with services.database.reading() as session:
        noted = session.scalars(sa.select(NotSent).where(NotSent.return_id == returned_id)).one()
        assert (noted.reason, noted.is_final) == (NotSentReason.COMPLAINTS, False)

    with services.database.writing() as session:
        session.execute(sa.update(IncomingMail).values(came_at=NOW - PERIOD))
    assert services.inviter.queue_due(clock.now()) == 1


def test_what_waits_is_dropped_when_the_share_is_three_in_a_thousand(services: Services, survey: OutboxMail) -> None:
    assert survey.shop_id
    write_to(services, survey.shop_id, 100)
    with services.database.writing() as session:
        refunded_return(session, session.get_one(Shop, survey.shop_id), 2)
    assert services.inviter.queue_due(services.clock.now()) == 1
    complain(services, survey.shop_id, 1)
    services.inbound_desk.take_mail(complaint(survey), "pipe", services.clock.now())
    with services.database.reading() as session:
        waiting = session.scalars(
            sa.select(OutboxMail).where(OutboxMail.cause.like("survey:%"), OutboxMail.id != survey.id)
        )
        (dropped,) = waiting
        assert dropped.state is MailState.DROPPED
        assert dropped.last_error == "Too many of those whom the shop wrote to called it spam."
    assert standing(services, survey.shop_id) is Reputation.STOPPED
