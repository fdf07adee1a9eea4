"""Senders that are killed at random moments, and what the mail server counts afterwards."""

import multiprocessing
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.process import BaseProcess

import sqlalchemy as sa

from feedback_service.clock import SystemClock
from feedback_service.db import Database
from feedback_service.mail.delivery import Delivery
from feedback_service.mail.models import UNSENT, Audience, MailState, OutboxMail
from feedback_service.mail.transport import SmtpTransport
from feedback_service.settings import load_settings
from tests.mail.stack import queue_prepared, states
from tests.support.builders import SECRET
from tests.support.smtp import RecordingServer

TIMEOUT = 60.0
CLAIM_SECONDS = 1.0
_LATER = timedelta(hours=1)
_PATIENCE = 500.0
_STAFF_SHARE = 10

# Each sender is a process of its own, forked from one that has read the program already: a hundred start in seconds.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.mail.killing", "feedback_service.schema", "tests.support.postgres"])


@dataclass(frozen=True, slots=True)
class Plan:
    """How many mails, by how many senders of how many connections, and every how many mails on average one dies."""

    mails: int
    senders: int
    connections: int
    mails_per_kill: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was counted.

    Attributes:
        kills: senders that were killed while mails were waiting.
        states: how many mails ended in which state.
        lost: mails that the server never got and that nobody flagged.
        customers_twice: customers' mails that the server got more than once.
        staff_twice: staff mails that it got more than once, which is allowed.
        arrived: flagged mails that had arrived all the same.
        most_at_once: most mails that one kill left in doubt.
    """

    kills: int
    states: Counter[MailState]
    lost: int
    customers_twice: int
    staff_twice: int
    arrived: int
    most_at_once: int

    def check(self, plan: Plan) -> None:
        """Assert what is promised."""
        flagged = self.states[MailState.AMBIGUOUS]
        assert self.lost == 0
        assert self.customers_twice == 0
        assert set(self.states) <= {MailState.SENT, MailState.AMBIGUOUS}
        assert self.states.total() == plan.mails
        assert flagged <= self.kills * plan.connections
        assert self.most_at_once <= plan.connections


def send_until_killed(url: str, port: int, connections: int, later: timedelta = timedelta(), *, once: bool) -> None:
    """Deliver batch after batch; `once` ends when nothing is due at `later` from now."""
    settings = load_settings({}, database_url=url, secret_key=SECRET, smtp_port=port, smtp_timeout=TIMEOUT)
    database = Database(url)
    delivery = Delivery(
        database,
        SystemClock(later),
        smtp_timeout=TIMEOUT,
        stopping=threading.Event(),
        claim_seconds=CLAIM_SECONDS,
    )
    transport = SmtpTransport(settings)
    with closing(database), ExitStack() as opened:
        lanes = [opened.enter_context(transport.connect()) for _ in range(connections)]
        while delivery.deliver_next(lanes).claimed or not once:
            pass


def run(url: str, server: RecordingServer, plan: Plan, seed: int) -> Outcome:
    """Queue the mails, kill senders until all are out, let the leases end, and count."""
    database = Database(url)
    dice = random.Random(seed)  # noqa: S311 - moments, not secrets
    audiences = _queue(database, plan.mails)
    kills = 0
    with _senders(url, server.port, plan) as (alive, start):
        deadline = time.monotonic() + _PATIENCE
        while _is_work_left(database):
            assert time.monotonic() < deadline, states(database)
            _wait_for_moment(database, server, dice, plan)
            victim = dice.randrange(plan.senders)
            alive[victim].kill()
            alive[victim].join()
            kills += 1
            alive[victim] = start()
    worst = _most_in_one_hand(database)
    send_until_killed(url, server.port, 1, _LATER, once=True)
    outcome = _count(database, server, audiences, kills, worst)
    database.close()
    return outcome


@contextmanager
def _senders(url: str, port: int, plan: Plan) -> Iterator[tuple[list[BaseProcess], Callable[[], BaseProcess]]]:
    def start() -> BaseProcess:
        process = _PROCESSES.Process(
            target=send_until_killed, args=(url, port, plan.connections), kwargs={"once": False}, daemon=True
        )
        process.start()
        return process

    alive = [start() for _ in range(plan.senders)]
    try:
        yield alive, start
    finally:
        for process in alive:
            process.kill()
            process.join()


def _wait_for_moment(database: Database, server: RecordingServer, dice: random.Random, plan: Plan) -> None:
    """Wait until some more mails have arrived, and then for a moment of no meaning; or until all are out."""
    enough = len(server.received) + dice.randint(1, 2 * plan.mails_per_kill - 1)
    since = time.monotonic()
    while len(server.received) < enough:
        time.sleep(0.0005)
        if time.monotonic() - since > 1:
            since = time.monotonic()
            if not _is_work_left(database):
                return
    time.sleep(dice.uniform(0, 0.01))


def _queue(database: Database, count: int) -> dict[str, Audience]:
    now, staff = SystemClock().now(), count // _STAFF_SHARE
    queue_prepared(database, count - staff, due_at=now, created_at=now)
    queue_prepared(database, staff, due_at=now, created_at=now, audience=Audience.STAFF)
    with database.reading() as session:
        rows = session.execute(sa.select(OutboxMail.message_id, OutboxMail.audience)).all()
        return {row.message_id: row.audience for row in rows}


def _is_work_left(database: Database) -> bool:
    # What a dead sender had in hand is no work yet: its lease outlasts the run.
    with database.reading() as session:
        return session.scalar(sa.select(OutboxMail.id).where(OutboxMail.state == MailState.QUEUED).limit(1)) is not None


def _most_in_one_hand(database: Database) -> int:
    """Return how many mails the unluckiest kill left in doubt: what one process had in hand has one claim."""
    with database.reading() as session:
        claims = session.scalars(sa.select(OutboxMail.claim).where(OutboxMail.state == MailState.SENDING)).all()
    return max(Counter(claims).values(), default=0)


def _count(
    database: Database, server: RecordingServer, audiences: dict[str, Audience], kills: int, worst: int
) -> Outcome:
    copies = server.copies()
    with database.reading() as session:
        rows = session.execute(sa.select(OutboxMail.message_id, OutboxMail.state)).all()
    ends = {row.message_id: row.state for row in rows}
    assert not set(UNSENT) & set(ends.values())
    flagged = {mail for mail, state in ends.items() if state is MailState.AMBIGUOUS}
    twice = [audiences[mail] for mail, count in copies.items() if count > 1]
    return Outcome(
        kills=kills,
        states=Counter(ends.values()),
        lost=len(ends.keys() - copies.keys() - flagged),
        customers_twice=twice.count(Audience.CUSTOMER),
        staff_twice=twice.count(Audience.STAFF),
        arrived=sum(1 for mail in flagged if copies[mail]),
        most_at_once=worst,
    )
