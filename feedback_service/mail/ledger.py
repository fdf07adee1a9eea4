"""The ledger of a run: what the connections have to write is committed together, in one transaction for all of them.

A mail is written down as `SENDING` before its content goes out, and its result right after the answer. A connection
waits for the first of the two only: its result is written with what it, or another one, writes next, or by whoever
looks after the run a moment later. The results of a transaction are written before its beginnings, so that a
connection never has two mails in `SENDING`: a process that is killed leaves one doubtful mail a connection at most.
"""

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from feedback_service.clock import Clock
from feedback_service.db import Database, Writer
from feedback_service.errors import DatabaseUnavailableError
from feedback_service.mail import paces, settling
from feedback_service.mail.entries import Beginning, Entries
from feedback_service.mail.held import HeldMail
from feedback_service.mail.models import MailState
from feedback_service.mail.pacing import Concern
from feedback_service.mail.settling import Settlement
from feedback_service.mail.waiting import Waiting
from feedback_service.mail.wiping import wipe_content

LATEST_SECONDS = 0.02
"""How long a result waits at most for something to be written with."""

_PAUSES = (0.2, 1.0, 5.0)

log = structlog.get_logger()


class Ledger:
    """Shared by the connections of a run.

    Args:
        database: where the outbox is.
        clock: the time of what is written.
        lease: how long a mail in hand is held.
        waiting: is told of domains that wait from now on, and of those that are well again.
    """

    def __init__(self, database: Database, clock: Clock, lease: timedelta, waiting: Waiting) -> None:
        self._writer = Writer(database)
        self._entries = Entries(database)
        self._clock = clock
        self._lease = lease
        self._waiting = waiting
        self._lock = threading.Lock()
        self._arrival = threading.Condition(self._lock)
        self._turn = threading.Lock()
        self._hands = 0
        self._transaction_seconds = 0.0
        self._written_at = 0.0
        self._results: list[Settlement] = []
        self._beginnings: list[Beginning] = []
        self._wiped_soon: list[int] = []

    def begin(self, mail: HeldMail) -> bool:
        """Write that from now on the mail may arrive; False when it must not be sent any more.

        Raises `DatabaseUnavailableError`; nothing is known of the mail then but that it was not sent.
        """
        beginning = Beginning(mail)
        with self._arrival:
            self._beginnings.append(beginning)
            if len(self._beginnings) >= self._hands:
                self._arrival.notify()
        with self._turn:
            if not beginning.is_written:
                self._wait_for_others()
                self._write_all()
        if beginning.error is not None:
            raise beginning.error
        return beginning.is_ours

    def settle(self, done: Settlement) -> None:
        """Take a result, which is written with the next transaction."""
        with self._lock:
            self._results.append(done)

    @contextlib.contextmanager
    def hand(self) -> Iterator[None]:
        """Count a connection as at work while open: the others' entries wait a moment for its own."""
        with self._arrival:
            self._hands += 1
        try:
            yield
        finally:
            with self._arrival:
                self._hands -= 1
                self._arrival.notify()

    def _wait_for_others(self) -> None:
        """Let the others come, for half as long as a transaction takes: one for all is cheaper than one for each."""
        with self._arrival:
            self._arrival.wait_for(lambda: len(self._beginnings) >= self._hands, self._transaction_seconds / 2)

    def wipe_sent(self) -> None:
        """Wipe what the mails said that were sent since the last call.

        That is one large write in place of many small ones for which content waits to go out. What a process that
        dies leaves behind is wiped by retention.
        """
        with self._turn:
            ids, self._wiped_soon = self._wiped_soon, []
            if ids:
                with self._writer.transaction() as connection:
                    wipe_content(connection, ids)

    def close(self) -> None:
        """Give back what is held open."""
        self._writer.close()

    def look_after(self) -> None:
        """Write results for which nobody has come by for a moment: every connection waits for its server."""
        if self._results and time.monotonic() - self._written_at > LATEST_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what is there. Raises `DatabaseUnavailableError`."""
        if self._results or self._beginnings:
            with self._turn:
                self._write_all()

    def _write_all(self) -> None:
        """Write everything at once; a database that is away for a moment must not make a sent mail doubtful."""
        with self._lock:
            results, self._results = self._results, []
            beginnings, self._beginnings = self._beginnings, []
        if not results and not beginnings:
            return
        try:
            self._write_patiently(results, beginnings)
        except BaseException as error:
            with self._lock:
                self._results = results + self._results
            for beginning in beginnings:
                beginning.error = error
            raise
        finally:
            for beginning in beginnings:
                beginning.is_written = True

    def _write_patiently(self, results: Sequence[Settlement], beginnings: Sequence[Beginning]) -> None:
        for pause in (*_PAUSES, None):
            began = time.monotonic()
            try:
                with self._writer.transaction() as connection:
                    sent = self._write(connection, results, beginnings, self._clock.now())
            except DatabaseUnavailableError:
                if pause is None:
                    raise
                ids = [done.mail.id for done in results]
                log.warning("results of mails cannot be written, trying again", mails=ids, exc_info=True)
                time.sleep(pause)
            else:
                self._written_at = time.monotonic()
                self._transaction_seconds = self._written_at - began
                self._wiped_soon += sent
                return

    def _write(
        self, connection: sa.Connection, results: Sequence[Settlement], beginnings: Sequence[Beginning], now: datetime
    ) -> list[int]:
        """Write everything and return the mails that were sent."""
        sent = self._entries.write_sent(connection, [done for done in results if done.state is MailState.SENT])
        if self._is_more_to_write(results):
            with Session(connection, join_transaction_mode="rollback_only") as session:
                for done in results:
                    if done.state is not MailState.SENT:
                        settling.write(session, done, now)
                self._write_health(session, results, now)
                session.flush()
        self._entries.write_begun(connection, beginnings, now + self._lease)
        return sent

    def _is_more_to_write(self, results: Sequence[Settlement]) -> bool:
        return self._waiting.is_in_trouble or any(done.state is not MailState.SENT for done in results)

    def _write_health(self, session: Session, results: Sequence[Settlement], now: datetime) -> None:
        well = {done.mail.domain for done in results if done.state is MailState.SENT}
        again = self._waiting.troubled({paces.EVERYTHING, *well}) if well else set()
        if again:
            paces.absolve(session, again, now)
            self._waiting.absolve(again)
        for done in results:
            if done.concern is not Concern.NOBODY:
                found = paces.strike(session, done.mail.domain, done.concern, done.why, now)
                self._waiting.note(found)
