"""Small servers of the demo: a WSGI application in threads of this process, on the loopback only."""

import contextlib
import logging
import socket
import threading
from wsgiref.types import WSGIApplication

from werkzeug.serving import BaseWSGIServer, make_server

from feedback_service.errors import OutsideError

HOST = "127.0.0.1"
_PORTS_TRIED = 50
_PORTS_END = 65_536
_ANY_PORT = 0


class LocalServer:
    """One application on a listening socket of 127.0.0.1, from `start` to `stop`."""

    def __init__(self, application: WSGIApplication, listener: socket.socket) -> None:
        # One line per request would bury the tour, and hold tokens.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server: BaseWSGIServer = make_server(
            HOST, port_of(listener), application, threaded=True, fd=listener.fileno()
        )
        self._server.daemon_threads = True  # type: ignore[attr-defined]  # a request in flight must not hold up Ctrl-C
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def listen(wanted: int = _ANY_PORT) -> socket.socket:
    """Return a socket that listens on `wanted` or the next free port of 127.0.0.1; on any free one for 0.

    Whoever holds it holds the port: there is no moment in which somebody else can take it.
    """
    for port in range(wanted, min(wanted + _PORTS_TRIED, _PORTS_END)) if wanted else (_ANY_PORT,):
        with contextlib.suppress(OSError):
            return socket.create_server((HOST, port))
    sentence = f"No port from {wanted} to {wanted + _PORTS_TRIED - 1} is free on {HOST}; choose another with --port."
    raise OutsideError(sentence, subject=HOST, permanent=True)


def port_of(listener: socket.socket) -> int:
    """Return the port on which the socket listens."""
    return int(listener.getsockname()[1])


def address(port: int) -> str:
    """Return the address of what serves on that port."""
    return f"http://{HOST}:{port}"
