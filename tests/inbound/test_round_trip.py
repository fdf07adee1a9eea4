"""The whole way: a survey leaves by SMTP, its bounce comes back by IMAP, and the address is asked no more."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.mail.models import OutboxMail, Suppression, SuppressionReason
from feedback_service.returns.models import Customer, Return
from feedback_service.settings import MailProvider, Settings
from feedback_service.surveys.models import NotSent, NotSentReason
from feedback_service.web.hooks import postmark
from jobs import read_mail, send_mail
from tests.inbound.conftest import BOUNCES
from tests.support.builders import make_return, make_shop
from tests.support.dovecot import PASSWORD, Mailbox
from tests.support.returned_mail import delivery_report
from tests.support.smtp import Received, recording_server
from tests.support.surveys import refunded_return

HEADERS = {
    MailProvider.MAILJET: "X-MJ-CustomID: {}",
    MailProvider.BREVO: "X-Mailin-custom: {}",
    MailProvider.SENDGRID: 'X-SMTPAPI: {{"unique_args": {{"message-id": "{}"}}}}',
}


def _house(settings: Settings, clock: ManualClock, database: Database, **values: object) -> Services:
    changed = Settings.model_validate(settings.model_dump() | {"bounce_address": BOUNCES} | values)
    return Services(settings=changed, clock=clock, database=database)


def test_from_the_survey_to_the_list_of_those_who_are_asked_no_more(
    settings: Settings, clock: ManualClock, database: Database, mailbox: Mailbox
) -> None:
    reads = {"imap_host": "127.0.0.1", "imap_port": mailbox.port, "imap_security": "none", "imap_user": mailbox.user}
    with recording_server() as server:
        services = _house(settings, clock, database, smtp_port=server.port, imap_password=PASSWORD, **reads)
        with database.writing() as session:
            shop = make_shop(session)
            refunded_return(session, shop, 1)
        services.inviter.queue_due(clock.now())
        assert send_mail.run(services) == 1
        (left,) = server.received
        with database.reading() as session:
            mail = session.scalars(sa.select(OutboxMail)).one()

        # The server that cannot deliver knows the envelope and what it was given, nothing else.
        assert left.sender == mail.return_path
        mailbox.add(delivery_report(mail, to=left.sender, message_id=str(left.message["Message-ID"])))
        assert read_mail.run(services) == 1

    assert mailbox.count("Processed") == 1
    with database.writing() as session:
        assert session.scalars(sa.select(Suppression.reason)).all() == [SuppressionReason.HARD_BOUNCE]
        customer_id = session.scalars(sa.select(Customer.id)).one()
        again = make_return(session, shop, external_id="R-2", customer_id=customer_id)
    clock.advance(timedelta(days=100))  # past the quarantine
    with database.writing() as session:
        session.get_one(Return, again.id).closed_at = clock.now() - timedelta(hours=30)
    services.inviter.queue_due(clock.now())
    with database.reading() as session:
        assert session.get_one(NotSent, again.id).reason is NotSentReason.SUPPRESSED


def _left(settings: Settings, clock: ManualClock, database: Database, provider: MailProvider, sender: str) -> Received:
    """Return the survey mail as a provider's server received it."""
    with recording_server() as server:
        services = _house(settings, clock, database, smtp_port=server.port, mail_provider=provider)
        with database.writing() as session:
            refunded_return(session, make_shop(session, sender_address=sender), 1)
        services.inviter.queue_due(clock.now())
        send_mail.run(services)
        (left,) = server.received
    return left


LONG = f"bonjour@{'tres-long-' * 5}atelier.example.com"


@pytest.mark.parametrize("provider", HEADERS)
def test_a_provider_is_given_our_message_id_in_one_unfolded_line(
    settings: Settings, clock: ManualClock, database: Database, provider: MailProvider
) -> None:
    left = _left(settings, clock, database, provider, LONG)

    bare = str(left.message["Message-ID"]).strip("<>")
    assert HEADERS[provider].format(bare).encode() + b"\r\n" in left.data


@pytest.mark.parametrize("sender", [LONG, "bonjour@a.example"])
def test_postmark_is_given_our_message_id_in_pieces_that_it_keeps_and_told_not_to_replace_it(
    settings: Settings, clock: ManualClock, database: Database, sender: str
) -> None:
    left = _left(settings, clock, database, MailProvider.POSTMARK, sender)

    metadata = {name[14:]: value for name, value in left.message.items() if name.startswith("X-PM-Metadata-")}
    arrival = postmark.read({"RecordType": "SpamComplaint", "ID": 1, "Metadata": metadata})
    assert arrival
    assert arrival.message_ids == (left.message["Message-ID"],)
    assert max(map(len, metadata.values())) <= 80
    assert len(metadata) == (2 if sender == LONG else 1)
    assert left.message["X-PM-KeepID"] == "true"
