"""The bell rings after the commit, and only then; what nobody hears is lost without harm."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from feedback_service.bell import Bell
from feedback_service.db import Database
from feedback_service.errors import OutsideError
from feedback_service.ticks import JobRun
from tests.support.builders import NOW


def write(database: Database, bell: Bell, *, fails: bool = False) -> None:
    """Write something urgent, or begin to."""
    with database.writing() as session:
        session.add(JobRun(job="x", started_at=NOW))
        bell.ring_at_commit(session)
        if fails:
            message = "rolled back"
            raise KeyError(message)


def test_a_commit_is_heard_and_what_was_written_is_there(database: Database, tmp_path: Path) -> None:
    bell = Bell(database, tmp_path)
    with bell.listening() as listener:
        write(database, Bell(database, tmp_path))
        assert listener.heard(5)
        with database.reading() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(JobRun)) == 1
        assert not listener.heard(0.05)


def test_many_rings_wake_once_or_a_few_times_and_then_it_is_quiet(database: Database, tmp_path: Path) -> None:
    bell = Bell(database, tmp_path)
    with bell.listening() as listener:
        for _ in range(300):
            write(database, bell)
        heard = 0
        while listener.heard(0.1):
            heard += 1
        assert 1 <= heard <= 300
        write(database, bell)
        assert listener.heard(5)


def test_what_is_rolled_back_does_not_ring(database: Database, tmp_path: Path) -> None:
    bell = Bell(database, tmp_path)
    with bell.listening() as listener:
        with pytest.raises(KeyError):
            write(database, bell, fails=True)
        assert not listener.heard(0.1)
        with database.writing() as session:
            session.add(JobRun(job="y", started_at=NOW))
        assert not listener.heard(0.1)


def test_a_savepoint_does_not_ring_before_the_commit_that_counts(database: Database, tmp_path: Path) -> None:
    bell = Bell(database, tmp_path)
    with bell.listening() as listener:
        write(database, bell)
        assert listener.heard(5)
        with database.writing() as session:
            bell.ring_at_commit(session)
            with session.begin_nested():
                session.add(JobRun(job="z", started_at=NOW))
        assert listener.heard(5)


def test_a_ring_without_a_listener_is_no_fault(database: Database, tmp_path: Path) -> None:
    write(database, Bell(database, tmp_path))
    with Bell(database, tmp_path).listening():
        pass
    write(database, Bell(database, tmp_path))


def test_a_folder_with_a_long_name_has_a_bell_too(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    bell = Bell(database, folder)
    with bell.listening() as listener:
        write(database, bell)
        assert listener.heard(5)


def test_a_listener_takes_the_place_of_one_that_died(database: Database, tmp_path: Path) -> None:
    bell = Bell(database, tmp_path)
    with bell.listening():
        pass
    with bell.listening() as listener:
        write(database, bell)
        assert listener.heard(5)


def test_where_nothing_can_be_heard_that_is_said_in_words(database: Database, tmp_path: Path) -> None:
    lost = Database("postgresql+psycopg://feedback:secret@127.0.0.1:9/none")
    bell = Bell(lost, tmp_path) if not database.is_sqlite else Bell(database, tmp_path / "nowhere")
    with pytest.raises(OutsideError, match="next tick") as caught, bell.listening():
        pass
    assert "secret" not in str(caught.value)
    lost.close()
