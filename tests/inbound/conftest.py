"""A shop with a bounce address, and mails of it that were sent."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.mail.models import MailState, OutboxMail
from feedback_service.settings import Settings
from tests.support.builders import make_shop
from tests.support.surveys import refunded_return

BOUNCES = "bounces@mail.example.com"

Send = Callable[..., OutboxMail]


@pytest.fixture
def services(settings: Settings, clock: ManualClock, database: Database) -> Services:
    """The services of an installation that has a mailbox for what comes back."""
    return Services(settings=settings.model_copy(update={"bounce_address": BOUNCES}), clock=clock, database=database)


@pytest.fixture
def survey(services: Services) -> OutboxMail:
    """A survey that was sent a moment ago; its shop has one more return."""
    with services.database.writing() as session:
        shop = make_shop(session)
        refunded_return(session, shop, 1)
    services.inviter.queue_due(services.clock.now())
    return sent(services)


def sent(services: Services) -> OutboxMail:
    """Mark the mail that waits as sent now, and return it."""
    with services.database.writing() as session:
        mail = session.scalars(sa.select(OutboxMail).where(OutboxMail.state == MailState.QUEUED)).one()
        mail.state, mail.sent_at, mail.due_at = MailState.SENT, services.clock.now(), None
    return mail


def send_again(services: Services, clock: ManualClock, mail: OutboxMail, number: int) -> OutboxMail:
    """Add a further mail to the same person, sent a day later."""
    clock.advance(timedelta(days=1))
    copied = {column.name: getattr(mail, column.name) for column in OutboxMail.__table__.columns}
    copied |= {
        "id": None, "cause": f"survey:again{number}", "message_id": f"<again-{number}@atelier-lumen.example.com>",
        "return_path": f"bounces+{number:016x}@mail.example.com", "sent_at": clock.now(), "created_at": clock.now(),
    }  # fmt: skip
    with services.database.writing() as session:
        further = OutboxMail(**copied)
        session.add(further)
    return further
