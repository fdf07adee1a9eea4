"""Small servers of the demo: a WSGI application in threads of this process, on the loopback only."""

import logging
import socket
import threading
from wsgiref.types import WSGIApplication

from werkzeug.serving import BaseWSGIServer, make_server

from feedback_service.errors import OutsideError

HOST = "127.0.0.1"
_PORTS_TRIED = 50
_ANY_PORT = 0


class LocalServer:
    """One application on one port of 127.0.0.1, from `start` to `stop`."""

    def __init__(self, application: WSGIApplication, port: int) -> None:
        # One line per request would bury the tour, and hold tokens.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server: BaseWSGIServer = make_server(HOST, port, application, threaded=True)
        self._server.daemon_threads = True  # type: ignore[attr-defined]  # a request in flight must not hold up Ctrl-C
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Serve no more and give the port back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def free_port(wanted: int = _ANY_PORT) -> int:
    """Return `wanted` or the next port that is free on 127.0.0.1; any free one for 0."""
    for port in range(wanted, wanted + _PORTS_TRIED) if wanted else (_ANY_PORT,):
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind((HOST, port))
            except (OSError, OverflowError):
                continue
            return int(candidate.getsockname()[1])
    sentence = f"No port from {wanted} to {wanted + _PORTS_TRIED - 1} is free on {HOST}; choose another with --port."
    raise OutsideError(sentence, subject=HOST, permanent=True)


def address(port: int) -> str:
    """Return the address of what serves on that port."""
    return f"http://{HOST}:{port}"
