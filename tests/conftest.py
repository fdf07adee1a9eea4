"""Fixtures: every test that touches the database runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from feedback_service import schema
from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.settings import Settings, load_settings
from tests.support.browser import chromium
from tests.support.builders import NOW, SECRET
from tests.support.dovecot import imap_server, mailbox
from tests.support.postgres import running_postgres

# Here alone: two of them would be two loops in one thread, or two servers.
__all__ = ["chromium", "imap_server", "mailbox"]

pytest.register_assert_rewrite("tests.support.reading")

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests that need the real inputs where those are not beside the project."""
    if SHARED.is_dir():
        return
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(pytest.mark.skip(reason="needs the real inputs in ../shared, which are not here"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real inputs; only for tests marked `shared`."""
    return SHARED


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """Where pytest-httpserver listens: a number, because 'localhost' may also mean ::1."""
    return ("127.0.0.1", 0)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a throw-away PostgreSQL server."""
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a migrated database to copy."""
    _admin(postgres_server, "CREATE DATABASE template_feedback")
    database = Database(_renamed(postgres_server, "template_feedback"))
    schema.upgrade(database)
    database.close()
    return "template_feedback"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated, empty database; the test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "feedback.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"test_{uuid4().hex}"
    _admin(server, f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('postgres_template')}")
    yield _renamed(server, name)
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated, empty database; the test runs once on each kind."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at `NOW`: Monday 2026-11-23, 10:30 in Paris."""
    return ManualClock(NOW)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a test installation on `database_url`."""
    return load_settings(
        {},
        instance=tmp_path,
        database_url=database_url,
        secret_key=SECRET,
        public_url="https://feedback.example.com",
        fetch_allow_private="127.0.0.0/8",
        fetch_allow_ports="80,443",
    )


@pytest.fixture
def services(settings: Settings, clock: ManualClock, database: Database) -> Services:
    """The services of a test installation, on a clock that stands still."""
    return Services(settings=settings, clock=clock, database=database)


def _renamed(server: str, name: str) -> str:
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


def _admin(server: str, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
