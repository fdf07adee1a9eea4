"""Connections that stand open between two requests: to robots.txt and then the page, to one page after the other.

A connection in use is not in here, so closing what is here never takes one from under a fetch.
"""

import threading
from typing import TypeAlias

import httpcore

from feedback_service.sources.http.addresses import Network

SECONDS = 15
_MOST = 16

Place: TypeAlias = tuple[bytes, str, int, frozenset[Network]]
"""Scheme, host and port, and the private networks they lead to."""


class KeptConnections:
    """Keeps at most `_MOST` idle connections, one to a place; threads may share it."""

    def __init__(self) -> None:
        self._idle: dict[Place, httpcore.HTTPConnection] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._idle)

    def take(self, place: Place) -> httpcore.HTTPConnection | None:
        """Return the connection that stands open to `place`, for the caller alone; None for none that is good."""
        with self._lock:
            connection = self._idle.pop(place, None)
        if connection is None or not connection.has_expired():
            return connection
        connection.close()
        return None

    def keep(self, place: Place, connection: httpcore.HTTPConnection) -> None:
        """Keep a connection for the next request, unless its answer was not read to the end: that closes it."""
        if not connection.is_idle():
            connection.close()
            return
        with self._lock:
            surplus = [self._idle.pop(place)] if place in self._idle else []
            self._idle[place] = connection
            if len(self._idle) > _MOST:
                # The oldest stands first.
                surplus.append(self._idle.pop(next(iter(self._idle))))
        for each in surplus:
            each.close()

    def close(self) -> None:
        """Close all of them; what is in use is kept again when its request has ended."""
        with self._lock:
            idle = list(self._idle.values())
            self._idle.clear()
        for connection in idle:
            connection.close()
