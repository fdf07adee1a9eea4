"""Rates and pauses at work: kept across processes, per domain, with alerts going before and beyond."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_service.mail.delivery import Delivery
from feedback_service.mail.errors import PolicyError
from feedback_service.mail.models import Audience, MailPace, MailState, OutboxMail
from feedback_service.mail.outbox import URGENT
from feedback_service.mail.paces import EVERYTHING
from feedback_service.mail.pacing import DOMAIN_STRIKES, FIRST_PAUSE, SERVER_STRIKES
from jobs import send_mail
from tests.mail.stack import Stack
from tests.support.builders import NOW

BUSY = "451 4.7.1 Too many mails from you"


def queue_to(stack: Stack, domain: str, count: int, **values: Any) -> list[int]:  # noqa: ANN401 - any column
    """Put `count` mails to people of a domain into the outbox."""
    return [stack.queue(recipient=f"client{number}@{domain}", **values)[0] for number in range(1, count + 1)]


def received(stack: Stack) -> Counter[str]:
    """How many mails the server has for each domain."""
    return Counter(mail.recipient.rpartition("@")[2] for mail in stack.server.received)


def pace(stack: Stack, scope: str) -> MailPace:
    """Return what is noted about a scope."""
    with stack.database.reading() as session:
        return session.get_one(MailPace, scope)


def test_a_rate_is_kept_and_the_rest_goes_when_its_time_has_come(stack: Stack) -> None:
    stack.queue(30)
    slow = stack.over(4, mail_per_minute=20)
    assert slow.run() == 2
    assert slow.run() == 0
    sent = 2
    for _ in range(60):
        stack.clock.advance(timedelta(seconds=1))
        sent += slow.run()
    assert 18 <= sent <= 20
    while sent < 30:
        stack.clock.advance(timedelta(seconds=30))
        sent += slow.run()
    assert stack.states() == {MailState.SENT: 30}


def test_two_processes_keep_one_rate(stack: Stack) -> None:
    stack.queue(40)
    both = [stack.over(2, mail_per_minute=200) for _ in range(2)]
    sent = [0, 0]

    def work(number: int) -> None:
        sent[number] = send_mail.run(both[number].services)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == len(stack.server.received) == 20
    assert set(stack.server.copies().values()) == {1}


def test_one_full_domain_does_not_hold_up_the_others(stack: Stack) -> None:
    queue_to(stack, "large.example.com", 100)
    queue_to(stack, "small.example.com", 3)
    limited = stack.over(2, mail_domain_per_minute=40)
    assert limited.run() == 7
    assert received(stack) == {"large.example.com": 4, "small.example.com": 3}
    stack.clock.advance(timedelta(minutes=1))
    limited.run()
    assert received(stack)["large.example.com"] == 8


def test_a_warm_up_spreads_its_first_day(stack: Stack) -> None:
    stack.queue(100)
    careful = stack.over(1, mail_warm_up_on=NOW.date(), mail_warm_up_first=50)
    sent = [careful.run()]
    for _ in range(14):
        stack.clock.advance(timedelta(hours=1))
        sent.append(careful.run())
    assert sent[0] == 5
    assert 28 <= sum(sent) <= 50


def test_an_alert_goes_beyond_a_rate_and_what_follows_waits_longer(stack: Stack) -> None:
    stack.queue(10)
    slow = stack.over(1, mail_per_minute=10)
    assert slow.run() == 1
    waits_until = pace(stack, EVERYTHING).next_at
    [alert] = stack.queue(priority=URGENT, audience=Audience.STAFF, recipient="agent@shop.example.com")
    assert slow.run() == 1
    assert stack.mail(alert).state is MailState.SENT
    after = pace(stack, EVERYTHING).next_at
    assert waits_until is not None
    assert after is not None
    assert after > waits_until


def test_what_could_not_be_sent_is_given_back_to_the_rate(stack: Stack) -> None:
    stack.queue(5)
    stack.server.stop_listening()
    slow = stack.over(1, mail_per_hour=20)
    for _ in range(5):
        with pytest.raises(Exception, match="cannot be used"):
            slow.run()
    stack.server.start(stack.server.port)
    assert slow.run() == 2


def test_a_domain_that_refuses_five_in_a_row_waits_and_the_others_do_not(stack: Stack) -> None:
    refused = queue_to(stack, "strict.example.com", 12)
    for number in range(1, 13):
        stack.server.for_recipient[f"client{number}@strict.example.com"] = BUSY
    queue_to(stack, "kind.example.com", 3)
    assert stack.run() == 3
    waiting = [stack.mail(mail_id) for mail_id in refused]
    assert sum(1 for mail in waiting if mail.last_error) == DOMAIN_STRIKES
    untried = [mail for mail in waiting if not mail.last_error]
    assert {(mail.state, mail.attempts, mail.due_at) for mail in untried} == {(MailState.QUEUED, 0, NOW)}
    noted = pace(stack, "strict.example.com")
    assert noted.paused_until == NOW + FIRST_PAUSE
    assert "4.7.1 Too many mails" in noted.why
    assert stack.run() == 0


def test_after_a_pause_the_first_mail_decides(stack: Stack) -> None:
    queue_to(stack, "strict.example.com", 12)
    stack.server.replies["RCPT"] = [BUSY] * (DOMAIN_STRIKES + 1)
    stack.run()
    stack.clock.advance(FIRST_PAUSE)
    assert stack.run() == 0
    assert pace(stack, "strict.example.com").paused_until == stack.clock.now() + 2 * FIRST_PAUSE
    stack.clock.advance(2 * FIRST_PAUSE)
    assert stack.run() == 12
    noted = pace(stack, "strict.example.com")
    assert (noted.strikes, noted.pauses, noted.paused_until) == (0, 0, None)


def test_full_mailboxes_pause_nobody(stack: Stack) -> None:
    queue_to(stack, "kind.example.com", 12)
    stack.server.replies["RCPT"] = ["452 4.2.2 Mailbox full"] * 11
    assert stack.run() == 1


def test_a_server_that_refuses_us_pauses_everything_but_alerts(stack: Stack) -> None:
    for number in range(SERVER_STRIKES + 5):
        queue_to(stack, f"shop{number}.example.com", 1)
    stack.server.replies["MAIL"] = ["550 5.7.1 Blocked for spam"] * SERVER_STRIKES
    with pytest.raises(PolicyError, match="refused by policy"):
        stack.run()
    assert pace(stack, EVERYTHING).paused_until == NOW + FIRST_PAUSE
    assert stack.run() == 0
    [alert] = stack.queue(priority=URGENT, audience=Audience.STAFF, recipient="agent@shop.example.com")
    assert stack.run() >= 1
    assert stack.mail(alert).state is MailState.SENT


def test_a_pause_holds_for_every_process(stack: Stack) -> None:
    queue_to(stack, "strict.example.com", 10)
    stack.server.replies["RCPT"] = [BUSY] * DOMAIN_STRIKES
    stack.run()
    assert stack.over(4).run() == 0
    with stack.database.reading() as session:
        tried = session.scalar(sa.select(sa.func.count()).where(OutboxMail.attempts > 0))
    assert tried == DOMAIN_STRIKES


class SurveysUnderWay:
    """A server's way that is slow with surveys: the first one lasts until the alert has arrived."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.alert_came_first = False

    def send(self, message: bytes, envelope_from: str, recipient: str, before_content: Callable[[], None]) -> None:
        """Take a mail; while the first one is under way an alert is queued and sent by whoever hears of it."""
        del message, envelope_from, recipient
        before_content()
        if not self._stack.server.received:
            self._stack.queue(priority=URGENT, audience=Audience.STAFF, recipient="agent@shop.example.com")
            assert send_mail.run_urgent(self._stack.services) == 1
            self.alert_came_first = [mail.recipient for mail in self._stack.server.received] == [
                "agent@shop.example.com"
            ]


def test_an_alert_overtakes_a_long_batch_of_surveys_that_is_under_way(stack: Stack) -> None:
    stack.queue(15, priority=50, kind="survey")
    way = SurveysUnderWay(stack)
    delivery = Delivery(stack.database, stack.clock, smtp_timeout=30, stopping=threading.Event())
    assert delivery.deliver_next([way]).sent == 15
    assert way.alert_came_first
    assert stack.states() == {MailState.SENT: 16}


def test_the_urgent_run_leaves_surveys_to_the_others(stack: Stack) -> None:
    stack.queue(3, priority=50)
    assert send_mail.run_urgent(stack.services) == 0
    assert stack.states() == {MailState.QUEUED: 3}


def test_a_server_that_takes_fewer_connections_gets_all_mail_over_those(stack: Stack) -> None:
    stack.server.most_sessions = 2
    stack.queue(60)
    assert stack.over(4).run() == 60
    assert set(stack.server.copies().values()) == {1}
    assert {mail.session for mail in stack.server.received} <= {1, 2, 3, 4}


def test_several_connections_are_kept_between_batches(stack: Stack) -> None:
    stack.queue(200)
    assert stack.over(4).run() == 200
    assert stack.server.sessions == 4
    assert set(stack.server.copies().values()) == {1}
