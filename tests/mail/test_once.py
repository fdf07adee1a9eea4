"""Once and only once: workers side by side, workers that are late, workers that are killed."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.mail.delivery import Delivery
from feedback_service.mail.models import Audience, MailState
from jobs import send_mail
from tests.mail import killing
from tests.mail.stack import Stack
from tests.support.builders import NOW
from tests.support.commands import eventually
from tests.support.smtp import RecordingServer

COMMIT = "COMMIT"


def test_two_workers_at_once_deliver_each_mail_once(stack: Stack) -> None:
    stack.queue(60)
    sent = [0, 0]

    def work(worker: int) -> None:
        sent[worker] = send_mail.run(stack.services)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(sent) == 60
    assert len(stack.server.copies()) == 60
    assert set(stack.server.copies().values()) == {1}
    assert stack.states() == {MailState.SENT: 60}


class SlowConnection:
    """Takes an hour over a mail; meanwhile another worker comes by, which sends `found` mails."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.found = -1

    def send(self, message: bytes, envelope_from: str, recipient: str, before_content: Callable[[], None]) -> None:
        """Let the lease run out and another worker come by."""
        del message, envelope_from, recipient
        before_content()
        self._stack.clock.advance(timedelta(hours=1))
        self.found = self._stack.run()


@pytest.mark.parametrize(
    ("audience", "state", "sent_again"),
    [(Audience.CUSTOMER, MailState.AMBIGUOUS, 0), (Audience.STAFF, MailState.SENT, 1)],
)
def test_late_sender_cannot_settle_a_claim_it_lost(
    stack: Stack, audience: Audience, state: MailState, sent_again: int
) -> None:
    [mail_id] = stack.queue(audience=audience)
    slow = SlowConnection(stack)
    delivery = Delivery(stack.database, stack.clock, smtp_timeout=30, stopping=threading.Event())
    delivery.deliver_next([slow])
    assert slow.found == sent_again
    mail = stack.mail(mail_id)
    assert mail.state is state
    assert mail.sent_at == (NOW + timedelta(hours=1) if sent_again else None)
    assert mail.attempts == 2


def test_a_mail_taken_over_before_its_turn_is_left_to_the_other_worker(stack: Stack) -> None:
    ids = stack.queue(2)
    slow = SlowConnection(stack)
    delivery = Delivery(stack.database, stack.clock, smtp_timeout=400, stopping=threading.Event())
    assert delivery.deliver_next([slow]).sent == 1
    assert slow.found == 1
    assert [received.recipient for received in stack.server.received] == ["client2@example.com"]
    assert {stack.mail(mail_id).state for mail_id in ids} == {MailState.SENT}


class InterruptedConnection:
    """The process is told to end while the server has the mail."""

    def send(self, message: bytes, envelope_from: str, recipient: str, before_content: Callable[[], None]) -> None:
        """End in the middle of a mail."""
        del message, envelope_from, recipient
        before_content()
        raise KeyboardInterrupt


def test_a_mail_interrupted_with_the_server_is_not_given_back_as_if_unsent(stack: Stack) -> None:
    first, second = stack.queue(2)
    delivery = Delivery(stack.database, stack.clock, smtp_timeout=5, stopping=threading.Event())
    with pytest.raises(KeyboardInterrupt):
        delivery.deliver_next([InterruptedConnection()])
    assert (stack.mail(first).state, stack.mail(first).claim is None) == (MailState.SENDING, False)
    assert (stack.mail(second).state, stack.mail(second).attempts) == (MailState.QUEUED, 0)


def test_a_database_away_for_a_moment_does_not_make_a_sent_mail_doubtful(stack: Stack) -> None:
    [mail_id] = stack.queue()
    failures = iter([True])

    @sa.event.listens_for(stack.database.engine, "commit")
    def fail_once(_connection: object) -> None:
        if len(stack.server.received) == 1 and next(failures, False):
            raise sa.exc.OperationalError(COMMIT, None, Exception("the server closed the connection"))

    assert stack.run() == 1
    assert next(failures, None) is None
    assert stack.mail(mail_id).state is MailState.SENT


@pytest.mark.slow
@pytest.mark.parametrize(("senders", "connections"), [(1, 4), (4, 1)], ids=["one-sender", "four-senders"])
def test_killed_senders_lose_no_mail_and_send_none_twice_to_a_customer(
    database_url: str, server: RecordingServer, senders: int, connections: int
) -> None:
    plan = killing.Plan(mails=500, senders=senders, connections=connections, mails_per_kill=25)
    outcome = killing.run(database_url, server, plan, seed=20261126)
    assert outcome.kills >= 10
    outcome.check(plan)


class SlowSecondMail:
    """Takes the first mail at once; the second one lasts until the first one's result is in the database."""

    def __init__(self, stack: Stack, first: int) -> None:
        self._stack = stack
        self._first = first
        self.is_first = True

    def send(self, message: bytes, envelope_from: str, recipient: str, before_content: Callable[[], None]) -> None:
        """Take a mail."""
        del message, envelope_from, recipient
        if not self.is_first:
            eventually(lambda: self._stack.mail(self._first).state is MailState.SENT)
        self.is_first = False
        before_content()


def test_a_result_is_written_though_the_same_connection_waits_with_its_next_mail(stack: Stack) -> None:
    first, second = stack.queue(2)
    delivery = Delivery(stack.database, stack.clock, smtp_timeout=5, stopping=threading.Event())
    assert delivery.deliver_next([SlowSecondMail(stack, first)]).sent == 2
    assert stack.mail(second).state is MailState.SENT


def test_no_content_goes_out_where_its_beginning_cannot_be_written(stack: Stack) -> None:
    ids = stack.queue(3)
    # The first transaction claims, the second one writes the first beginning.
    broken = iter([False, True])

    @sa.event.listens_for(stack.database.engine, "commit")
    def fail_once(_connection: object) -> None:
        if next(broken, False):
            raise sa.exc.IntegrityError(COMMIT, None, Exception("no"))

    with pytest.raises(sa.exc.IntegrityError):
        stack.run()
    assert next(broken, None) is None
    assert stack.server.received == []
    assert {(stack.mail(one).state, stack.mail(one).attempts) for one in ids} == {(MailState.QUEUED, 0)}
    assert stack.run() == 3
    assert set(stack.server.copies().values()) == {1}
