"""Connections for single questions, kept beside the pool of the transactions.

A question that is alone in its transaction needs no BEGIN, no COMMIT, and no look beforehand whether the connection
still stands: it changes nothing, and is simply asked again on a new connection where the old one was lost.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

# One for each thread of a web server as it comes.
_KEPT_OPEN = 16
Bound: TypeAlias = Mapping[str, Any] | Sequence[Any]
_Connection: TypeAlias = Any
"""The driver's own connection: SQLAlchemy's types know neither its `execute` nor its `autocommit`."""


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
        # The server went away, and all the others with it.
        self.close()
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
        if len(self._idle) < _KEPT_OPEN:
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
