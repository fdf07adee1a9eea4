"""Mailboxes that are full for too long: the shop stops writing surveys there, whoever kept the queue (R28)."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_service.mail.errors import PolicyError
from feedback_service.mail.failures import failed_in_a_row
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import Audience, IncomingMail, MailState, OutboxMail, Suppression, SuppressionReason
from tests.mail.stack import Stack

ADDRESS = "client@example.com"
FULL = "452 4.2.2 Mailbox full"


@pytest.fixture
def refused(stack: Stack) -> Stack:
    """A stack whose server finds the mailbox full."""
    stack.server.for_recipient[ADDRESS] = FULL
    return stack


def give_up(stack: Stack, **values: Any) -> OutboxMail:  # noqa: ANN401 - any column
    """Queue a mail, try it until it ends, and return it."""
    now = stack.clock.now()
    [mail_id] = stack.queue(recipient=ADDRESS, created_at=now, due_at=now, **values)
    while (due_at := stack.mail(mail_id).due_at) is not None:
        stack.clock.move_to(max(due_at, stack.clock.now()))
        stack.run()
    return stack.mail(mail_id)


def reasons(stack: Stack) -> list[SuppressionReason]:
    """Return why addresses are on the list."""
    with stack.database.reading() as session:
        return list(session.scalars(sa.select(Suppression.reason)))


def test_a_mailbox_that_was_full_for_three_mails_gets_no_more_surveys(refused: Stack) -> None:
    for _ in range(2):
        mail = give_up(refused)
        assert (mail.state, mail.failed_as) == (MailState.FAILED, MailClass.SOFT)
    assert reasons(refused) == []
    give_up(refused)
    assert reasons(refused) == [SuppressionReason.SOFT_BOUNCE]


def test_a_mail_that_was_taken_between_starts_the_count_anew(refused: Stack) -> None:
    give_up(refused)
    give_up(refused)
    del refused.server.for_recipient[ADDRESS]
    assert give_up(refused).state is MailState.SENT
    refused.server.for_recipient[ADDRESS] = FULL
    give_up(refused)
    assert reasons(refused) == []


def test_what_came_back_and_what_was_never_taken_are_counted_together(refused: Stack) -> None:
    del refused.server.for_recipient[ADDRESS]
    sent = give_up(refused)
    with refused.database.writing() as session:
        session.add(
            IncomingMail(
                key="a", channel="mailbox", kind=MailClass.SOFT, shop_id=sent.shop_id, mail_id=sent.id,
                recipient_key=sent.recipient_key, came_at=refused.clock.now(),
            )
        )  # fmt: skip
    refused.server.for_recipient[ADDRESS] = FULL
    give_up(refused)
    assert reasons(refused) == []
    give_up(refused)
    assert reasons(refused) == [SuppressionReason.SOFT_BOUNCE]


@pytest.mark.parametrize(
    ("reply", "failed_as"),
    [
        pytest.param("552 5.2.2 Over quota", MailClass.SOFT, id="full-for-good"),
        pytest.param("450 4.2.1 Mailbox busy", MailClass.SOFT, id="busy"),
        pytest.param("451 4.3.0 Try later", None, id="the-servers-trouble"),
        pytest.param("452 4.3.1 Insufficient system storage", None, id="the-relays-disk"),
        pytest.param("450 4.1.8 Sender address rejected: domain not found", None, id="our-address"),
        pytest.param("450 Try later", None, id="not-told"),
        pytest.param("550 5.1.1 No such user", MailClass.HARD, id="dead"),
        pytest.param("550 No thanks", None, id="refused"),
    ],
)
def test_only_what_the_mailbox_was_refused_for_counts(stack: Stack, reply: str, failed_as: MailClass | None) -> None:
    stack.server.for_recipient[ADDRESS] = reply
    mail = give_up(stack)
    assert (mail.state, mail.failed_as) == (MailState.FAILED, failed_as)


def test_a_refusal_by_policy_says_nothing_of_the_mailbox(stack: Stack) -> None:
    stack.server.for_recipient[ADDRESS] = "550 5.7.1 Blocked"
    [mail_id] = stack.queue(recipient=ADDRESS)
    while (due_at := stack.mail(mail_id).due_at) is not None:
        stack.clock.move_to(due_at)
        with pytest.raises(PolicyError):
            stack.run()
    assert stack.mail(mail_id).failed_as is None


def test_one_try_of_a_mail_that_expires_says_nothing_of_the_mailbox(refused: Stack) -> None:
    mail = give_up(refused, expires_at=refused.clock.now() + timedelta(minutes=20))
    assert (mail.state, mail.failed_as) == (MailState.FAILED, None)


def test_staff_mail_silences_nobody(refused: Stack) -> None:
    for _ in range(3):
        assert give_up(refused, audience=Audience.STAFF).failed_as is None
    assert reasons(refused) == []


@pytest.mark.parametrize(
    ("fates", "row"),
    [
        ([], 0),
        ([None, None], 0),
        ([MailClass.SOFT], 1),
        ([None, MailClass.SOFT, MailClass.SOFT], 2),
        ([MailClass.SOFT, None, MailClass.SOFT, MailClass.SOFT], 1),
        ([MailClass.SOFT, MailClass.POLICY, MailClass.SOFT, MailClass.SOFT], 3),
        ([MailClass.SOFT, MailClass.HARD, MailClass.SOFT], 3),
    ],
    ids=["none", "nothing-known", "one", "latest-unknown", "arrived-between", "policy-says-nothing", "hard-counts"],
)
def test_failed_in_a_row(fates: list[MailClass | None], row: int) -> None:
    assert failed_in_a_row(fates) == row
