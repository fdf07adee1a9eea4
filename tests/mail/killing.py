"""Senders that are killed at random moments, and what the mail server counts afterwards."""

import multiprocessing
import os
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path

import sqlalchemy as sa

from feedback_service.clock import SystemClock
from feedback_service.db import Database
from feedback_service.mail.delivery import Delivery
from feedback_service.mail.held import HeldMail
from feedback_service.mail.models import UNSENT, Audience, MailState, OutboxMail
from feedback_service.mail.prepared import wire_of
from feedback_service.mail.transport import Connection, SmtpTransport
from feedback_service.settings import load_settings
from tests.mail.stack import queue_prepared, states
from tests.support.builders import SECRET
from tests.support.smtp import RecordingServer

TIMEOUT = 60.0
CLAIM_SECONDS = 1.0
_LATER = timedelta(hours=1)
_PATIENCE = 1500.0
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
        doubtful: what the kills left in doubt, staff mails among them: in which hands.
    """

    kills: int
    states: Counter[MailState]
    lost: int
    customers_twice: int
    staff_twice: int
    arrived: int
    doubtful: "tuple[Doubt, ...]"

    @property
    def most_in_one_hand(self) -> int:
        """Most mails that one connection of one process left in doubt."""
        return max(Counter((doubt.process, doubt.connection) for doubt in self.doubtful).values(), default=0)

    @property
    def most_at_once(self) -> int:
        """Most mails that one kill left in doubt."""
        return max(Counter(doubt.process for doubt in self.doubtful).values(), default=0)

    def check(self, plan: Plan) -> None:
        """Assert what is promised."""
        flagged = self.states[MailState.AMBIGUOUS]
        assert self.lost == 0
        assert self.customers_twice == 0
        assert set(self.states) <= {MailState.SENT, MailState.AMBIGUOUS}
        assert self.states.total() == plan.mails
        assert flagged <= self.kills * plan.connections
        assert self.most_in_one_hand <= 1
        # A claim is of one process, and of a process that was killed one claim is left.
        claims = {doubt.claim for doubt in self.doubtful}
        assert len(claims) == len({doubt.process for doubt in self.doubtful})
        assert len(claims) == len({(doubt.claim, doubt.process) for doubt in self.doubtful})


@dataclass(frozen=True, slots=True)
class Doubt:
    """A mail that was under way when its sender was killed: the process and the connection that had it in hand."""

    mail: int
    claim: str
    process: int
    connection: int


class Hand:
    """Notes in whose hand a mail is, and by which claim, before it is written down as being sent.

    A note outlives its process. It may come to nothing: the mail may have been taken over meanwhile, by another claim.
    """

    def __init__(self, inner: Connection, notes: int, process: int, number: int, taken: threading.local) -> None:
        self._inner = inner
        self._notes = notes
        self._hand = f"{process} {number}"
        self._taken = taken

    def send(self, message: bytes, envelope_from: str, recipient: str, before_content: Callable[[], None]) -> None:
        """Hand over the mail that this thread has written last."""

        def noted() -> None:
            mail: HeldMail = self._taken.mail
            os.write(self._notes, f"{self._hand} {mail.id} {mail.claim}\n".encode())
            before_content()

        self._inner.send(message, envelope_from, recipient, noted)


def send_until_killed(
    url: str, port: int, connections: int, notes: Path, process: int, later: timedelta = timedelta(), *, once: bool
) -> None:
    """Deliver batch after batch; `once` ends when nothing is due at `later` from now."""
    settings = load_settings({}, database_url=url, secret_key=SECRET, smtp_port=port, smtp_timeout=TIMEOUT)
    database, taken = Database(url), threading.local()

    def write(mail: HeldMail, now: datetime) -> bytes:
        taken.mail = mail
        return wire_of(mail, now)

    delivery = Delivery(
        database,
        SystemClock(later),
        smtp_timeout=TIMEOUT,
        stopping=threading.Event(),
        claim_seconds=CLAIM_SECONDS,
        write=write,
    )
    transport = SmtpTransport(settings)
    file = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with closing(database), ExitStack() as opened:
        opened.callback(os.close, file)
        lanes = [
            Hand(opened.enter_context(transport.connect()), file, process, number, taken)
            for number in range(connections)
        ]
        while delivery.deliver_next(lanes).claimed or not once:
            pass


def run(url: str, server: RecordingServer, plan: Plan, seed: int) -> Outcome:
    """Queue the mails, kill senders until all are out, let the leases end, and count."""
    database = Database(url)
    dice = random.Random(seed)  # noqa: S311 - moments, not secrets
    audiences = _queue(database, plan.mails)
    kills = 0
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "hands"
        with _senders(url, server.port, plan, notes) as (alive, start):
            deadline = time.monotonic() + _PATIENCE
            while _is_work_left(database):
                assert time.monotonic() < deadline, states(database)
                _wait_for_moment(database, server, dice, plan)
                victim = dice.randrange(plan.senders)
                alive[victim].kill()
                alive[victim].join()
                kills += 1
                alive[victim] = start()
        doubtful = _doubtful(database, notes)
        send_until_killed(url, server.port, 1, notes, 0, _LATER, once=True)
    outcome = _count(database, server, audiences, kills, doubtful)
    database.close()
    return outcome


@contextmanager
def _senders(
    url: str, port: int, plan: Plan, notes: Path
) -> Iterator[tuple[list[BaseProcess], Callable[[], BaseProcess]]]:
    numbers = count(1)

    def start() -> BaseProcess:
        args = (url, port, plan.connections, notes, next(numbers))
        process = _PROCESSES.Process(target=send_until_killed, args=args, kwargs={"once": False}, daemon=True)
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


def _queue(database: Database, mails: int) -> dict[str, Audience]:
    now, staff = SystemClock().now(), mails // _STAFF_SHARE
    queue_prepared(database, mails - staff, due_at=now, created_at=now)
    queue_prepared(database, staff, due_at=now, created_at=now, audience=Audience.STAFF)
    with database.reading() as session:
        rows = session.execute(sa.select(OutboxMail.message_id, OutboxMail.audience)).all()
        return {row.message_id: row.audience for row in rows}


def _is_work_left(database: Database) -> bool:
    # What a dead sender had in hand is no work yet: its lease outlasts the run.
    with database.reading() as session:
        return session.scalar(sa.select(OutboxMail.id).where(OutboxMail.state == MailState.QUEUED).limit(1)) is not None


def _doubtful(database: Database, notes: Path) -> tuple[Doubt, ...]:
    """Return what was under way when its sender died, and who that was."""
    hands = {(int(mail), claim): (int(process), int(connection)) for process, connection, mail, claim in _lines(notes)}
    under_way = sa.select(OutboxMail.id, OutboxMail.claim).where(OutboxMail.state == MailState.SENDING)
    with database.reading() as session:
        rows = session.execute(under_way).all()
    return tuple(Doubt(row.id, str(row.claim), *hands[row.id, str(row.claim)]) for row in rows)


def _lines(notes: Path) -> list[list[str]]:
    return [line.split() for line in notes.read_text().splitlines()]


def _count(
    database: Database,
    server: RecordingServer,
    audiences: dict[str, Audience],
    kills: int,
    doubtful: tuple[Doubt, ...],
) -> Outcome:
    copies = server.copies()
    with database.reading() as session:
        rows = session.execute(sa.select(OutboxMail.message_id, OutboxMail.state)).all()
    ends = {row.message_id: row.state for row in rows}
    assert not set(UNSENT) & set(ends.values())
    flagged = {mail for mail, state in ends.items() if state is MailState.AMBIGUOUS}
    twice = [audiences[mail] for mail, times in copies.items() if times > 1]
    return Outcome(
        kills=kills,
        states=Counter(ends.values()),
        lost=len(ends.keys() - copies.keys() - flagged),
        customers_twice=twice.count(Audience.CUSTOMER),
        staff_twice=twice.count(Audience.STAFF),
        arrived=sum(1 for mail in flagged if copies[mail]),
        doubtful=doubtful,
    )
