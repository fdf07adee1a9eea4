"""The bell: any process wakes the one that sends mail, right after the commit that wrote something urgent.

The tick of the job stays what guarantees delivery; the bell only saves the wait for it. A ring that nobody hears
is lost without harm. On PostgreSQL it is NOTIFY, which reaches every machine and goes out with the commit. On
SQLite all processes share one machine, and it is a datagram to a socket in the instance folder.
"""

import contextlib
import hashlib
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from feedback_service.db import Database
from feedback_service.errors import OutsideError

_CHANNEL = "feedback_mail"
_SOCKET_NAME = "mail.bell"
_LONGEST_PATH = 100  # The kernel takes 107 bytes for the address of a socket.


class Listener(Protocol):
    """Waits for the bell."""

    def heard(self, seconds: float) -> bool:
        """Wait so long at most; True when it has rung since the last call, however often."""
        ...


class Bell:
    """One bell for each installation.

    Args:
        database: whose commits ring.
        folder: the instance folder.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._path = _socket_path(folder)

    def ring_at_commit(self, session: Session) -> None:
        """Ring once what `session` has written is committed; not at all if it is rolled back."""
        if self._database.is_sqlite:
            event.listen(session, "after_commit", self._ring)
        else:
            session.execute(sa.select(sa.func.pg_notify(_CHANNEL, "")))

    @contextlib.contextmanager
    def listening(self) -> Iterator[Listener]:
        """Listen while open; raise `OutsideError` where that is not possible or ends."""
        try:
            with self._socket() if self._database.is_sqlite else self._notifications() as listener:
                yield listener
        except (OSError, sa.exc.DBAPIError) as error:
            reason = str(error.orig) if isinstance(error, sa.exc.DBAPIError) else str(error)
            sentence = f"Nothing can be heard of urgent mail, which waits for the next tick: {reason.strip()}"
            raise OutsideError(sentence, subject=str(self._path), permanent=False) from error

    def _ring(self, session: Session) -> None:
        del session
        # Nobody listens, or more rings are waiting than are needed to wake anybody: both are fine.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(0)
            sender.sendto(b"!", str(self._path))

    @contextlib.contextmanager
    def _socket(self) -> Iterator[Listener]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            # What a dead process left behind; of two that live the later one hears, and the other one ticks.
            self._path.unlink(missing_ok=True)
            listener.bind(str(self._path))
            yield _SocketListener(listener)

    @contextlib.contextmanager
    def _notifications(self) -> Iterator[Listener]:
        engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"LISTEN {_CHANNEL}")
            driver = connection.connection.driver_connection
            # Not back into the pool afterwards: it would go on to listen.
            connection.detach()
            yield _NotificationListener(driver)


class _SocketListener:
    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    def heard(self, seconds: float) -> bool:
        self._listener.settimeout(seconds)
        try:
            self._listener.recv(1)
        except TimeoutError:
            return False
        self._listener.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._listener.recv(1)
        return True


class _NotificationListener:
    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - psycopg's connection, which SQLAlchemy does not type
        self._connection = connection

    def heard(self, seconds: float) -> bool:
        import psycopg

        try:
            return bool(list(self._connection.notifies(timeout=seconds, stop_after=1)))
        except psycopg.Error as error:
            raise OSError(str(error)) from error


def _socket_path(folder: Path) -> Path:
    path = folder.absolute() / _SOCKET_NAME
    if len(str(path).encode()) <= _LONGEST_PATH:
        return path
    name = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"feedback-{name}.bell"
