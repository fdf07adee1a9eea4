"""Connections: whether one that lay idle still stands, and those for single questions, kept beside the pool.

A question that is alone in its transaction needs no BEGIN, no COMMIT, and no look beforehand whether the connection
still stands: it changes nothing, and is simply asked again on a new connection where the old one was lost.
"""

import math
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

KEPT_OPEN = 16
"""More than a web server has threads as it comes: opening one costs more than most of what is asked by it."""
_IDLE_SECONDS = 1.0
_USED_AT = "feedback_used_at"
Bound: TypeAlias = Mapping[str, Any] | Sequence[Any]
_Connection: TypeAlias = Any
"""The driver's own connection: SQLAlchemy's types know neither its `execute` nor its `autocommit`."""


def look_at_idle(engine: sa.Engine, seconds: float = _IDLE_SECONDS) -> None:
    """Let the pool ask a connection that lay idle for so many seconds whether it still stands, before it is used again.

    One that was used a moment ago is not asked: under load that would be a question for every transaction.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def look(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        if time.monotonic() - record.info.get(_USED_AT, math.inf) < seconds:
            return
        try:
            stands = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            stands = False
        if not stands:
            raise sa.exc.DisconnectionError


class SingleQuestions:
    """Puts questions to the driver; of any thread, as many at once as there are."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        # Taken and given back at one end: what was used last is warm, and both are safe for threads.
        self._idle: deque[_Connection] = deque()
        dialect = engine.dialect
        self._is_file = dialect.name == "sqlite"
        self._lost: type[Exception] = dialect.loaded_dbapi.OperationalError

    def first_row(self, sql: str, bound: Bound) -> Sequence[Any] | None:
        """Return the first row of a SELECT in the driver's language; None where there is none.

        Raises the driver's own errors, and SQLAlchemy's where no connection can be opened.
        """
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._asked(self._opened(), sql, bound)
        try:
            return self._asked(connection, sql, bound)
        except self._lost:
            if self._is_file:
                raise
        # The server went away, and all the others with it, those of the pool too.
        self.close()
        self._engine.dispose()
        return self._asked(self._opened(), sql, bound)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def _asked(self, connection: _Connection, sql: str, bound: Bound) -> Sequence[Any] | None:
        try:
            cursor = connection.execute(sql, bound)
            row: Sequence[Any] | None = cursor.fetchone()
            cursor.close()
        except BaseException:
            connection.close()
            raise
        if len(self._idle) < KEPT_OPEN:
            self._idle.append(connection)
        else:
            connection.close()
        return row

    def _opened(self) -> _Connection:
        pooled = self._engine.raw_connection()
        connection: _Connection = pooled.dbapi_connection
        pooled.detach()
        if not self._is_file:
            connection.autocommit = True
        return connection
