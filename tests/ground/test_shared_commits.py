"""Writes of several threads that share one commit: none lost, none told done before it is, no error of another's."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import Database
from feedback_service.errors import ConflictError, DatabaseUnavailableError
from feedback_service.shared_commits import SharedCommits
from feedback_service.shops.models import AuditEntry
from tests.support.builders import NOW

WRITERS = 8


def noting(action: str) -> Callable[[Session], str]:
    """Return a write of one row that returns its action."""

    def work(session: Session) -> str:
        session.execute(sa.insert(AuditEntry).values(at=NOW, action=action, subject="", detail=""))
        return action

    return work


def stored(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(sa.select(AuditEntry.action)))


def commits(database: Database) -> list[object]:
    """Return a list that grows by one at each commit."""
    counted: list[object] = []
    sa.event.listen(database.engine, "commit", counted.append)
    return counted


def all_at_once(
    database: Database, shared: SharedCommits, works: list[Callable[[Session], str]]
) -> list[str | Exception]:
    """Run `works` in a thread each while a first write holds the transaction open until they all wait."""
    is_open, all_wait = threading.Event(), threading.Event()

    def first(session: Session) -> str:
        is_open.set()
        assert all_wait.wait(30)
        return noting("first")(session)

    def outcome(number: int) -> str | Exception:
        try:
            return shared.run(str(number), works[number])
        except Exception as error:  # noqa: BLE001 - the outcome is what the test looks at
            return error

    with ThreadPoolExecutor(len(works) + 1) as pool:
        leader = pool.submit(shared.run, "first", first)
        assert is_open.wait(30)
        others = [pool.submit(outcome, number) for number in range(len(works))]
        while shared.waiting < len(works):
            threading.Event().wait(0.001)
        all_wait.set()
        assert leader.result() == "first"
        return [other.result() for other in others]


def test_what_waits_is_written_by_one_commit(database: Database) -> None:
    shared, counted = SharedCommits(database), commits(database)
    works = [noting(f"n{number}") for number in range(WRITERS)]
    assert all_at_once(database, shared, works) == [f"n{number}" for number in range(WRITERS)]
    assert stored(database) == sorted(["first", *(f"n{number}" for number in range(WRITERS))])
    assert len(counted) == 2


def test_nobody_is_told_before_the_commit(database: Database) -> None:
    """The one that waits sees its row from another connection as soon as it is told."""
    shared = SharedCommits(database)

    def written_and_seen(number: int) -> bool:
        shared.run(str(number), noting(f"n{number}"))
        return f"n{number}" in stored(database)

    with ThreadPoolExecutor(WRITERS) as pool:
        assert all(pool.map(written_and_seen, range(40)))


def test_error_of_our_own_is_its_callers_alone(database: Database) -> None:
    def refuse(_session: Session) -> str:
        raise ConflictError("no")  # noqa: EM101, TRY003 - no sentence for anybody

    works = [noting("a"), refuse, noting("b")]
    outcomes = all_at_once(database, SharedCommits(database), works)
    assert (outcomes[0], outcomes[2]) == ("a", "b")
    assert isinstance(outcomes[1], ConflictError)
    assert stored(database) == ["a", "b", "first"]


def test_error_of_any_kind_undoes_its_own_write_alone(database: Database) -> None:
    def break_off(session: Session) -> str:
        noting("half")(session)
        raise ZeroDivisionError

    works = [noting("a"), break_off, noting("b")]
    counted = commits(database)
    outcomes = all_at_once(database, SharedCommits(database), works)
    assert (outcomes[0], outcomes[2]) == ("a", "b")
    assert isinstance(outcomes[1], ZeroDivisionError)
    assert stored(database) == ["a", "b", "first"]
    assert len(counted) == 3  # The first one's, and two alone after the shared one was undone.


def test_row_that_the_database_refuses_costs_the_others_nothing(database: Database) -> None:
    def twice(session: Session) -> str:
        session.execute(sa.insert(AuditEntry), [{"id": 7, "at": NOW, "action": "twice"}] * 2)
        return "never"

    outcomes = all_at_once(database, SharedCommits(database), [noting("a"), twice, noting("b")])
    assert (outcomes[0], outcomes[2]) == ("a", "b")
    assert isinstance(outcomes[1], sa.exc.IntegrityError)
    assert stored(database) == ["a", "b", "first"]


def test_database_that_is_away_is_said_to_all_and_the_next_write_works(database: Database) -> None:
    shared = SharedCommits(database)

    def gone(_session: Session) -> str:
        raise DatabaseUnavailableError("gone", subject="db")  # noqa: EM101, TRY003 - no sentence for anybody

    outcomes = all_at_once(database, shared, [noting("a"), gone])
    assert [type(outcome) for outcome in outcomes] == [DatabaseUnavailableError] * 2
    assert shared.run("x", noting("later")) == "later"
    assert stored(database) == ["first", "later"]


def test_leader_that_is_interrupted_leaves_nobody_waiting(database: Database) -> None:
    shared = SharedCommits(database)

    def interrupted(_session: Session) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shared.run("x", interrupted)
    assert shared.run("y", noting("later")) == "later"
    assert stored(database) == ["later"]
