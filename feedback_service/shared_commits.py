"""Writes of several threads that share one transaction, so that they share the wait for the disk as well.

SQLite lets one connection write at a time and waits for the disk at each commit; threads that come while it
waits would queue for the lock, each for a commit of its own. Here whoever comes first leads: it takes all
that wait by then into one transaction and commits once. `run` returns only after that commit, so what was
promised to the caller of one transaction holds: what it was told is done stands on the disk.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from feedback_service.db import Database
from feedback_service.errors import DatabaseUnavailableError, FeedbackError

Result = TypeVar("Result")


@dataclass(eq=False, slots=True)
class _Job(Generic[Result]):
    """One write and what came of it."""

    order: str
    work: Callable[[Session], Result]
    result: Result | None = None
    error: BaseException | None = None
    is_done: bool = False

    def attempt(self, session: Session) -> None:
        """Do the work; an error of our own kind is its outcome, for it has written nothing."""
        self.result, self.error = None, None
        try:
            self.result = self.work(session)
        except DatabaseUnavailableError:
            raise
        except FeedbackError as error:
            self.error = error


@dataclass(slots=True)
class SharedCommits:
    """Runs writes, several in one transaction of `database` where several wait."""

    database: Database
    _condition: threading.Condition = field(default_factory=threading.Condition)
    _waiting: list[_Job[Any]] = field(default_factory=list)
    _is_led: bool = False

    @property
    def waiting(self) -> int:
        """How many writes wait for the transaction that is open to end."""
        return len(self._waiting)

    def run(self, order: str, work: Callable[[Session], Result]) -> Result:
        """Call `work` in a write transaction and return what it returned, once that is committed.

        `work` raises a `FeedbackError` only before it has written anything: the others of the transaction are
        committed all the same. Any other error undoes the transaction, and each of its writes is done again in
        one of its own: `work` may be called twice, and must have no effect but on the database. `order` is the
        same for writes that lock the same row: all processes lock rows in this order, so that none waits in a ring.
        """
        job = _Job(order, work)
        batch = self._wait_or_lead(job)
        if batch:
            try:
                self._write(sorted(batch, key=lambda each: each.order))
            finally:
                self._end(batch)
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[return-value]  # done without an error: this is what `work` returned

    def _wait_or_lead(self, job: _Job[Any]) -> list[_Job[Any]]:
        """Return an empty list once another thread has done `job`, or else the jobs this thread is to write."""
        with self._condition:
            self._waiting.append(job)
            while self._is_led and not job.is_done:
                self._condition.wait()
            if job.is_done:
                return []
            self._is_led = True
            batch, self._waiting = self._waiting, []
            return batch

    def _end(self, batch: Sequence[_Job[Any]]) -> None:
        with self._condition:
            for job in batch:
                job.is_done = True
            self._is_led = False
            self._condition.notify_all()

    def _write(self, batch: Sequence[_Job[Any]]) -> None:
        try:
            with self.database.writing() as session:
                for job in batch:
                    job.attempt(session)
        except DatabaseUnavailableError as error:
            # Each would wait for the same database in vain.
            _fail(batch, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to the one whose work it was
            if len(batch) == 1:
                _fail(batch, error)
                return
            for job in batch:
                self._write([job])
        except BaseException as error:
            _fail(batch, error)
            raise


def _fail(batch: Sequence[_Job[Any]], error: BaseException) -> None:
    for job in batch:
        job.result, job.error = None, error
