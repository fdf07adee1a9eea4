"""How each kind of database is opened.

SQLite's trap that is closed here: read-then-write under the driver's own transactions loses updates without an
error, so writers start with BEGIN IMMEDIATE and readers with BEGIN DEFERRED.
"""

import contextlib
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from feedback_service.connections import KEPT_OPEN, look_at_idle

_BUSY_TIMEOUT_MS = 30_000
_CONNECT_SECONDS = 10
# Statements that SQLAlchemy keeps compiled on SQLite: 500, as it would, hold some megabytes in each process of a small
# server, and what is asked all the time is far less.
_STATEMENTS = 150


def create_engine(url: sa.URL) -> sa.Engine:
    """Return the engine for a database. Connections with the option `feedback_writer`, and those without any, write."""
    engine = _engine_of(url)
    # Errors end in logs: without the parameters, which are tokens, addresses and what customers wrote.
    engine.hide_parameters = True
    return engine


def _engine_of(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        # The driver would wait for minutes for a host that does not answer.
        patience = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS}
        engine = sa.create_engine(url, pool_size=KEPT_OPEN, max_overflow=20, connect_args=patience)
        look_at_idle(engine)
        return engine
    arguments = {"timeout": _BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    engine = sa.create_engine(
        url, pool_size=KEPT_OPEN, max_overflow=20, connect_args=arguments, query_cache_size=_STATEMENTS
    )
    if url.database:
        event.listen(engine, "connect", lambda *_: _keep_to_owner(Path(str(url.database))))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _keep_to_owner(file: Path) -> None:
    """Let nobody else read a database that is being made: customers will be in it. One that is there stays as it is."""
    with contextlib.suppress(OSError):
        if file.stat().st_size == 0:
            file.chmod(0o600)


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: `_begin_sqlite` does, with the right lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "synchronous=FULL",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writer = connection.get_execution_options().get("feedback_writer", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN DEFERRED")
