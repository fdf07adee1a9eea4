"""What the tests of delivery work with: services on a test database and a test mail server."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.hashing import address_key
from feedback_service.mail.models import Audience, MailState, OutboxMail
from feedback_service.mail.prepared import prepared
from feedback_service.shops.models import Shop
from jobs import send_mail
from tests.support.builders import NOW, SECRET, make_shop
from tests.support.smtp import RecordingServer


@dataclass(frozen=True)
class Stack:
    """Services, their clock, and the server they send to."""

    services: Services
    clock: ManualClock
    server: RecordingServer

    @property
    def database(self) -> Database:
        """The test's database."""
        return self.services.database

    def queue(self, count: int = 1, **values: Any) -> list[int]:  # noqa: ANN401 - any column
        """Put `count` mails into the outbox; return their ids."""
        return queue(self.database, count, **values)

    def over(self, connections: int, **settings: Any) -> "Stack":  # noqa: ANN401 - any setting
        """Return the same stack over so many connections, with `settings`."""
        changed = self.services.settings.model_copy(update={"smtp_connections": connections, **settings})
        return Stack(Services(changed, self.clock, self.database), self.clock, self.server)

    def run(self) -> int:
        """Run the job once; return how many mails it sent."""
        return send_mail.run(self.services)

    def mail(self, mail_id: int) -> OutboxMail:
        """Return one mail as the database has it."""
        with self.database.reading() as session:
            return session.get_one(OutboxMail, mail_id)

    def states(self) -> Counter[MailState]:
        """How many mails are in which state."""
        return states(self.database)


def states(database: Database) -> Counter[MailState]:
    """How many mails are in which state."""
    with database.reading() as session:
        return Counter(session.scalars(sa.select(OutboxMail.state)))


def queue(database: Database, count: int = 1, **values: Any) -> list[int]:  # noqa: ANN401 - any column
    """Put `count` mails of the first shop (made if need be) into the outbox; return their ids."""
    with database.writing() as session:
        shop = session.scalar(sa.select(Shop).limit(1)) or make_shop(session)
        before = session.scalar(sa.select(sa.func.count(OutboxMail.id))) or 0
        mails = [letter(shop.id, before + number, **values) for number in range(1, count + 1)]
        session.add_all(mails)
        session.flush()
        return [mail.id for mail in mails]


def queue_prepared(database: Database, count: int, **values: Any) -> list[int]:  # noqa: ANN401 - any column
    """Put `count` mails into the outbox as `Outbox.post` does: with their bytes."""
    ids = queue(database, count, **values)
    with database.writing() as session:
        for mail in session.scalars(sa.select(OutboxMail).where(OutboxMail.id.in_(ids))):
            assert mail.content is not None
            mail.content.wire = prepared(mail, mail.created_at)
    return ids


def letter(shop_id: int | None, number: int, now: datetime = NOW, **values: Any) -> OutboxMail:  # noqa: ANN401 - any column
    """Return the outbox row of a customer's mail, not yet in any session."""
    recipient = values.get("recipient", f"client{number}@example.com")
    defaults: dict[str, Any] = {
        "shop_id": shop_id,
        "kind": "return_received",
        "audience": Audience.CUSTOMER,
        "cause": f"test:{number}",
        "message_id": f"<{number}.test@atelier-lumen.example.com>",
        "sender": "Atelier Lumen <bonjour@atelier-lumen.example.com>",
        "recipient": recipient,
        "recipient_key": address_key(SECRET, recipient or ""),
        "domain": (recipient or "").rpartition("@")[2],
        "reply_to": "support@atelier-lumen.example.com",
        "return_path": "bonjour@atelier-lumen.example.com",
        "subject": "Votre retour est arrivé",
        "text": "Bonjour,\n\nvotre retour est arrivé.\n.\n..fin\n",
        "html": "<p>Bonjour,</p><p>votre retour est arrivé.</p>",
        "headers": {},
        "created_at": now,
        "due_at": now,
    }
    return OutboxMail(**(defaults | values))
