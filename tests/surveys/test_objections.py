"""Objecting (R14, R24): for good, idempotent, and nothing that waits is sent any more."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.errors import NotFoundError
from feedback_service.mail.models import MailState, OutboxMail, Suppression, SuppressionReason
from feedback_service.surveys import objections
from tests.support.builders import NOW
from tests.support.surveys import invite, the_invitation


def test_objection_suppresses_the_address_and_drops_the_mail_that_waits(services: Services) -> None:
    token = invite(services)
    with services.database.writing() as session:
        objections.record(session, token, NOW)
    with services.database.reading() as session:
        invitation = the_invitation(session, token)
        suppression = session.scalars(sa.select(Suppression)).one()
        mail = session.scalars(sa.select(OutboxMail)).one()
    assert invitation.objected_at == NOW
    assert (suppression.address_key, suppression.reason) == (invitation.recipient_key, SuppressionReason.OBJECTION)
    assert (mail.state, mail.text, mail.html, mail.due_at) == (MailState.DROPPED, None, None, None)
    assert mail.headers == {}


def test_objecting_again_changes_nothing(services: Services, clock: ManualClock) -> None:
    token = invite(services)
    for _ in range(3):
        with services.database.writing() as session:
            assert objections.record(session, token, clock.now()).objected_at == NOW
        clock.advance(timedelta(days=40))
    with services.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Suppression.id))) == 1


def test_mail_that_has_gone_out_and_other_kinds_stay_as_they_are(services: Services) -> None:
    token = invite(services)
    with services.database.writing() as session:
        session.execute(sa.update(OutboxMail).values(state=MailState.SENT))
        sent = session.scalars(sa.select(OutboxMail)).one()
        values = {column.key: getattr(sent, column.key) for column in sa.inspect(OutboxMail).column_attrs}
        values |= {
            "id": None,
            "kind": "return_refunded",
            "cause": "x",
            "message_id": "<x@x>",
            "state": MailState.QUEUED,
        }
        session.add(OutboxMail(**values))
    with services.database.writing() as session:
        objections.record(session, token, NOW)
    with services.database.reading() as session:
        assert set(session.scalars(sa.select(OutboxMail.state))) == {MailState.SENT, MailState.QUEUED}


def test_unknown_token_objects_to_nothing(services: Services) -> None:
    with pytest.raises(NotFoundError), services.database.writing() as session:
        objections.record(session, "wrong", NOW)
