"""Delivery, against a real mail server: sent once, tried again, given up, never lost."""

import socket
from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.hashing import address_key
from feedback_service.mail import rules
from feedback_service.mail.errors import PolicyError, ServerUnavailableError
from feedback_service.mail.models import (
    Audience,
    MailImage,
    MailState,
    OutboxMail,
    Suppression,
    SuppressionReason,
)
from feedback_service.mail.suppression import is_suppressed, suppress
from feedback_service.mail.wiping import wipe
from tests.mail.stack import Stack
from tests.support.builders import NOW, SECRET
from tests.support.smtp import HANG_UP

UNSUBSCRIBE = {"List-Unsubscribe": "<https://feedback.example.com/u/token>"}


def test_a_queued_mail_arrives_and_its_content_is_wiped(stack: Stack) -> None:
    image = MailImage(content_id="chart", png=b"png")
    [mail_id] = stack.queue(headers=UNSUBSCRIBE, images=[image])
    assert stack.run() == 1
    [received] = stack.server.received
    assert received.recipient == "client1@example.com"
    assert received.sender == "bonjour@atelier-lumen.example.com"
    assert received.message["Message-ID"] == "<1.test@atelier-lumen.example.com>"
    mail = stack.mail(mail_id)
    assert (mail.state, mail.sent_at, mail.due_at, mail.claim) == (MailState.SENT, NOW, None, None)
    assert (mail.text, mail.html, mail.headers) == (None, None, {})
    with stack.database.reading() as session:
        assert session.scalars(sa.select(MailImage)).all() == []


def test_any_number_of_mails_is_wiped_at_once(stack: Stack) -> None:
    first, last = stack.queue(2, headers=UNSUBSCRIBE)
    with stack.database.writing() as session:
        # More than a statement may have values: a shop that is stopped may have so many mails waiting.
        wipe(session.connection(), [first, *range(10**6, 10**6 + 70_000), last])
    for mail in map(stack.mail, (first, last)):
        assert (mail.text, mail.html, mail.headers) == (None, None, {})


def test_many_mails_go_over_one_connection_in_order_of_priority(stack: Stack) -> None:
    stack.queue(rules.LEAST_BATCH + 5, priority=50)
    [alert] = stack.queue(priority=10, audience=Audience.STAFF, recipient="agent@example.com")
    assert stack.run() == rules.LEAST_BATCH + 6
    assert stack.server.sessions == 1
    assert stack.server.received[0].recipient == "agent@example.com"
    assert stack.mail(alert).state is MailState.SENT
    assert set(stack.server.copies().values()) == {1}


def test_a_second_run_sends_nothing(stack: Stack) -> None:
    stack.queue(3)
    assert (stack.run(), stack.run()) == (3, 0)
    assert len(stack.server.received) == 3


def test_a_temporary_refusal_is_tried_again_after_half_an_hour(stack: Stack) -> None:
    [mail_id] = stack.queue()
    stack.server.replies["RCPT"] = ["450 4.2.1 Mailbox busy: client1@example.com"]
    assert stack.run() == 0
    mail = stack.mail(mail_id)
    assert (mail.state, mail.due_at) == (MailState.QUEUED, NOW + timedelta(minutes=30))
    assert mail.last_error == "The mail server answered 450 4.2.1 Mailbox busy: the recipient"
    assert mail.html is not None
    stack.clock.advance(timedelta(minutes=29))
    assert stack.run() == 0
    stack.clock.advance(timedelta(minutes=1))
    assert stack.run() == 1
    assert stack.mail(mail_id).last_error is None


def test_a_mail_that_is_never_accepted_is_given_up_after_four_to_five_days(stack: Stack) -> None:
    [mail_id] = stack.queue()
    stack.server.for_recipient["client1@example.com"] = "451 4.3.0 Try later"
    tries = 0
    while (mail := stack.mail(mail_id)).due_at is not None:
        stack.clock.move_to(mail.due_at)
        stack.run()
        tries += 1
    assert mail.state is MailState.FAILED
    assert timedelta(days=4) < stack.clock.now() - NOW <= timedelta(days=5)
    assert 8 <= tries <= 15


@pytest.mark.parametrize(
    ("reply", "suppressed"),
    [
        pytest.param("550 5.1.1 No such user", True, id="unknown-user"),
        pytest.param("550 5.1.10 Null MX", True, id="null-mx"),
        pytest.param("550 No thanks", False, id="no-enhanced-code"),
        pytest.param("554 5.4.6 Routing loop", False, id="not-about-the-address"),
    ],
)
def test_a_permanent_refusal_fails_and_a_dead_address_is_suppressed(stack: Stack, reply: str, suppressed: bool) -> None:  # noqa: FBT001 - a table column
    [mail_id, other] = stack.queue(2)
    stack.server.for_recipient["client1@example.com"] = reply
    assert stack.run() == 1
    assert stack.mail(mail_id).state is MailState.FAILED
    assert reply.partition(" ")[2] in str(stack.mail(mail_id).last_error)
    assert stack.mail(other).state is MailState.SENT
    with stack.database.reading() as session:
        shop_id = session.scalars(sa.select(OutboxMail.shop_id)).first()
        assert shop_id is not None
        assert is_suppressed(session, shop_id, address_key(SECRET, "Client1@example.com")) is suppressed


def test_a_dead_staff_address_is_not_suppressed(stack: Stack) -> None:
    [mail_id] = stack.queue(audience=Audience.STAFF)
    stack.server.for_recipient["client1@example.com"] = "550 5.1.1 No such user"
    stack.run()
    assert stack.mail(mail_id).state is MailState.FAILED
    with stack.database.reading() as session:
        assert session.scalars(sa.select(Suppression)).all() == []


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_policy_refusal_tells_the_operator_and_keeps_the_mail(stack: Stack, stage: str) -> None:
    [mail_id] = stack.queue()
    stack.server.replies[stage] = ["550 5.7.26 Unauthenticated mail"]
    with pytest.raises(PolicyError, match=r"1 mails were refused by policy .* 5\.7\.26 Unauthenticated mail"):
        stack.run()
    assert stack.mail(mail_id).state is MailState.QUEUED
    with stack.database.reading() as session:
        assert session.scalars(sa.select(Suppression)).all() == []
    stack.clock.advance(timedelta(minutes=30))
    assert stack.run() == 1


def test_a_server_that_is_down_loses_nothing_and_costs_no_attempt(stack: Stack) -> None:
    ids = stack.queue(rules.LEAST_BATCH + 3)
    port = stack.server.port
    free = socket.create_server(("127.0.0.1", 0))
    with free:
        dead = stack.services.settings.model_copy(update={"smtp_port": free.getsockname()[1]})
    down = Stack(type(stack.services)(dead, stack.clock, stack.database), stack.clock, stack.server)
    for _ in range(rules.MAX_ATTEMPTS + 2):
        with pytest.raises(ServerUnavailableError, match=r"The mail server 127\.0\.0\.1:\d+ cannot be used: .*refused"):
            down.run()
    assert stack.server.port == port
    mails = [stack.mail(mail_id) for mail_id in ids]
    assert {(mail.state, mail.attempts, mail.claim, mail.first_tried_at) for mail in mails} == {
        (MailState.QUEUED, 0, None, None)
    }
    assert stack.run() == len(ids)


def test_a_session_that_the_server_ends_is_opened_anew_and_the_mail_goes_at_once(stack: Stack) -> None:
    stack.queue(3)
    stack.server.replies["MAIL"] = ["250 OK", "421 4.7.0 Too many mails in one session"]
    assert stack.run() == 3
    assert stack.server.sessions == 2
    assert set(stack.server.copies().values()) == {1}


def test_a_mail_at_which_the_server_always_hangs_up_does_not_stop_the_others(stack: Stack) -> None:
    [poison, *others] = stack.queue(4)
    stack.server.replies["RCPT"] = [HANG_UP]
    assert stack.run() == 3
    assert stack.mail(poison).due_at == NOW + timedelta(minutes=30)
    assert {stack.mail(mail_id).state for mail_id in others} == {MailState.SENT}


def test_a_customer_mail_whose_answer_never_came_is_flagged_and_not_sent_again(stack: Stack) -> None:
    [mail_id] = stack.queue()
    stack.server.replies["DATA"] = [HANG_UP]
    assert stack.run() == 0
    mail = stack.mail(mail_id)
    assert (mail.state, mail.due_at, mail.html is None) == (MailState.AMBIGUOUS, None, False)
    assert "no clear answer came" in str(mail.last_error)
    stack.clock.advance(timedelta(days=3))
    assert stack.run() == 0


def test_a_staff_mail_whose_answer_never_came_is_sent_again(stack: Stack) -> None:
    [mail_id] = stack.queue(audience=Audience.STAFF)
    stack.server.replies["DATA"] = [HANG_UP]
    assert stack.run() == 0
    assert stack.mail(mail_id).state is MailState.QUEUED
    stack.clock.advance(timedelta(minutes=30))
    assert stack.run() == 1


@pytest.mark.parametrize(
    ("audience", "state", "arrived"),
    [(Audience.CUSTOMER, MailState.AMBIGUOUS, 0), (Audience.STAFF, MailState.SENT, 1)],
)
def test_a_mail_left_by_a_dead_worker(stack: Stack, audience: Audience, state: MailState, arrived: int) -> None:
    [mail_id] = stack.queue(
        audience=audience, state=MailState.SENDING, claim="dead", claimed_until=NOW + timedelta(minutes=5)
    )
    assert stack.run() == 0
    stack.clock.advance(timedelta(minutes=5))
    assert stack.run() == arrived
    assert stack.mail(mail_id).state is state
    assert len(stack.server.received) == arrived


def test_a_mail_that_only_waited_in_a_dead_workers_batch_is_sent(stack: Stack) -> None:
    stack.queue(claim="dead", claimed_until=NOW + timedelta(minutes=1), attempts=1)
    assert stack.run() == 0
    stack.clock.advance(timedelta(minutes=1))
    assert stack.run() == 1


def test_a_mail_that_kills_every_worker_is_given_up(stack: Stack) -> None:
    [mail_id] = stack.queue(audience=Audience.STAFF, state=MailState.SENDING, attempts=rules.MAX_ATTEMPTS)
    assert stack.run() == 0
    assert stack.mail(mail_id).state is MailState.FAILED


def test_an_expired_mail_is_dropped_unsent(stack: Stack) -> None:
    [mail_id] = stack.queue(expires_at=NOW)
    assert stack.run() == 0
    assert stack.mail(mail_id).state is MailState.DROPPED
    assert stack.mail(mail_id).text is None
    assert stack.server.received == []


def test_an_objection_between_queue_and_sending_is_respected(stack: Stack) -> None:
    [survey] = stack.queue(headers=UNSUBSCRIBE, kind="survey", recipient="client@example.com")
    [notice] = stack.queue(recipient="client@example.com")
    with stack.database.writing() as session:
        shop_id = session.get_one(OutboxMail, survey).shop_id
        assert shop_id is not None
        key = address_key(SECRET, "client@example.com")
        assert suppress(session, shop_id, key, SuppressionReason.OBJECTION, NOW)
        assert not suppress(session, shop_id, key, SuppressionReason.HARD_BOUNCE, NOW)
    assert stack.run() == 1
    assert stack.mail(survey).state is MailState.DROPPED
    assert stack.mail(notice).state is MailState.SENT


@pytest.mark.parametrize(
    "address", ["nobody", "no body@example.com", "a@", "@example.com", "a@b..com", "", "x@exa mple.com"]
)
def test_an_address_that_cannot_be_written_to_fails_with_its_reason(stack: Stack, address: str) -> None:
    [mail_id] = stack.queue(recipient=address)
    [other] = stack.queue()
    assert stack.run() == 1
    mail = stack.mail(mail_id)
    assert mail.state is MailState.FAILED
    assert str(mail.last_error).startswith("It cannot be written: The address cannot be written to:")
    assert stack.mail(other).state is MailState.SENT


def test_a_stop_gives_back_what_was_not_begun(stack: Stack) -> None:
    ids = stack.queue(3)
    stack.services.stopping.set()
    assert stack.run() == 0
    stack.services.stopping.clear()
    assert {stack.mail(mail_id).attempts for mail_id in ids} == {0}
    assert stack.run() == 3
