"""Writes of several threads that share one transaction, so that they share the wait for the disk as well.

SQLite lets one connection write at a time and waits for the disk at each commit; threads that come while it
waits would queue for the lock, each for a commit of its own. Here whoever comes first leads: it takes all
that wait by then into one transaction and commits once. `run` returns only after that commit, so what was
promised to the caller of one transaction holds: what it was told is done stands on the disk.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

from sqlalchemy.orm import Session

from feedback_service.db import Database
from feedback_service.errors import DatabaseUnavailableError, FeedbackError

Item = TypeVar("Item")
WriteAll: TypeAlias = Callable[[Session, Sequence[Item]], Sequence[FeedbackError | None]]
"""Writes items in one transaction and returns, in their order, why one was refused, or None. What it refuses it
has not written. It may be called again with the same items, and must have no effect but on the database."""


class _Job(Generic[Item]):
    """One item and what came of it; its thread sleeps on `turn` until it is done, or is to lead."""

    __slots__ = ("error", "is_done", "item", "turn")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.error: BaseException | None = None
        self.is_done = False
        self.turn = threading.Lock()
        self.turn.acquire()


class SharedCommits(Generic[Item]):
    """Writes items by `write_all`, several in one transaction of `database` where several wait."""

    def __init__(self, database: Database, write_all: WriteAll[Item]) -> None:
        self._database = database
        self._write_all = write_all
        self._lock = threading.Lock()
        self._waiting: list[_Job[Item]] = []
        self._is_led = False

    @property
    def waiting(self) -> int:
        """How many items wait for the transaction that is open to end."""
        return len(self._waiting)

    def run(self, item: Item) -> None:
        """Write `item` and return once that is committed; raise why it was refused, or what went wrong.

        An unexpected error undoes the transaction, and each of its items is written again in one of its own,
        so that nobody pays for what somebody else sent.
        """
        job = _Job(item)
        batch = self._wait_or_lead(job)
        if batch:
            try:
                self._write(batch)
            finally:
                self._end(batch)
        if job.error is not None:
            raise job.error

    def _wait_or_lead(self, job: _Job[Item]) -> list[_Job[Item]]:
        """Return an empty list once another thread has done `job`, or else the jobs that this thread is to write."""
        with self._lock:
            self._waiting.append(job)
            is_first, self._is_led = not self._is_led, True
        if not is_first:
            job.turn.acquire()
            if job.is_done:
                return []
        with self._lock:
            batch, self._waiting = self._waiting, []
        return batch

    def _end(self, batch: Sequence[_Job[Item]]) -> None:
        """Let the next one lead, if one waits, and then tell the others of this batch."""
        with self._lock:
            self._is_led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].turn.release()
        for job in batch:
            job.is_done = True
            job.turn.release()

    def _write(self, batch: Sequence[_Job[Item]]) -> None:
        try:
            with self._database.writing() as session:
                refusals = self._write_all(session, [job.item for job in batch])
        except DatabaseUnavailableError as error:
            # Each would wait for the same database in vain.
            _fail(batch, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to the one whose item it was
            if len(batch) == 1:
                _fail(batch, error)
                return
            for job in batch:
                self._write([job])
        except BaseException as error:
            _fail(batch, error)
            raise
        else:
            for job, refusal in zip(batch, refusals, strict=True):
                job.error = refusal


def _fail(batch: Sequence[_Job[Item]], error: BaseException) -> None:
    for job in batch:
        job.error = error
