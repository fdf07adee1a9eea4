"""Writes of several threads that share one commit: none lost, none told done before it is, no error of another's."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import Database
from feedback_service.errors import ConflictError, DatabaseUnavailableError, FeedbackError
from feedback_service.shared_commits import SharedCommits
from feedback_service.shops.models import AuditEntry
from tests.support.builders import NOW

WRITERS = 8


class Notes:
    """Writes a row per item; some items tell it to fail. The item "first" waits until it may go on."""

    def __init__(self) -> None:
        self.is_open, self.may_go_on = threading.Event(), threading.Event()

    def write_all(self, session: Session, items: Sequence[str]) -> list[FeedbackError | None]:
        if "first" in items:
            self.is_open.set()
            assert self.may_go_on.wait(30)
        return [self._write(session, item) for item in items]

    def _write(self, session: Session, item: str) -> FeedbackError | None:
        if item == "refused":
            return ConflictError("no")
        session.execute(sa.insert(AuditEntry).values(at=NOW, action=item, subject="", detail=""))
        if item == "broken":
            raise ZeroDivisionError
        if item == "twice":
            session.execute(sa.insert(AuditEntry), [{"id": 7, "at": NOW, "action": item}] * 2)
        if item == "gone":
            raise DatabaseUnavailableError(item, subject="db")
        if item == "interrupted":
            raise KeyboardInterrupt
        return None


def stored(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(sa.select(AuditEntry.action)))


def commits(database: Database) -> list[object]:
    """Return a list that grows by one at each commit."""
    counted: list[object] = []
    sa.event.listen(database.engine, "commit", counted.append)
    return counted


def all_at_once(database: Database, items: Sequence[str]) -> list[type[Exception] | None]:
    """Write `items` in a thread each while a first write holds the transaction open until they all wait."""
    notes = Notes()
    shared = SharedCommits(database, notes.write_all)

    def outcome(item: str) -> type[Exception] | None:
        try:
            shared.run(item)
        except Exception as error:  # noqa: BLE001 - the outcome is what the test looks at
            return type(error)
        return None

    with ThreadPoolExecutor(len(items) + 1) as pool:
        leader = pool.submit(shared.run, "first")
        assert notes.is_open.wait(30)
        others = [pool.submit(outcome, item) for item in items]
        while shared.waiting < len(items):
            threading.Event().wait(0.001)
        notes.may_go_on.set()
        leader.result()
        return [other.result() for other in others]


def test_what_waits_is_written_by_one_commit(database: Database) -> None:
    items = [f"n{number}" for number in range(WRITERS)]
    counted = commits(database)
    assert all_at_once(database, items) == [None] * WRITERS
    assert stored(database) == sorted(["first", *items])
    assert len(counted) == 2


def test_nobody_is_told_before_the_commit(database: Database) -> None:
    """Whoever is told finds the row from another connection."""
    notes = Notes()
    shared = SharedCommits(database, notes.write_all)

    def written_and_seen(number: int) -> bool:
        shared.run(f"n{number}")
        return f"n{number}" in stored(database)

    with ThreadPoolExecutor(WRITERS) as pool:
        assert all(pool.map(written_and_seen, range(40)))


@pytest.mark.parametrize(
    ("item", "error", "commits_made"),
    [
        pytest.param("refused", ConflictError, 2, id="refused"),
        # The first one's, and two alone after the shared one was undone.
        pytest.param("broken", ZeroDivisionError, 3, id="an error of any kind"),
        pytest.param("twice", sa.exc.IntegrityError, 3, id="a row that the database refuses"),
    ],
)
def test_error_is_its_callers_alone(database: Database, item: str, error: type[Exception], commits_made: int) -> None:
    counted = commits(database)
    assert all_at_once(database, ["a", item, "b"]) == [None, error, None]
    assert stored(database) == ["a", "b", "first"]
    assert len(counted) == commits_made


def test_database_that_is_away_is_said_to_all(database: Database) -> None:
    assert all_at_once(database, ["a", "gone"]) == [DatabaseUnavailableError] * 2
    assert stored(database) == ["first"]


@pytest.mark.parametrize("item", ["gone", "interrupted"])
def test_leader_that_fails_leaves_nobody_waiting(database: Database, item: str) -> None:
    shared = SharedCommits(database, Notes().write_all)
    with pytest.raises((DatabaseUnavailableError, KeyboardInterrupt)):
        shared.run(item)
    shared.run("later")
    assert stored(database) == ["later"]
