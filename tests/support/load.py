"""Many clients at once against a real gunicorn: a client light enough that the server is what is measured.

One thread drives all connections by `select`, and the requests are bytes prepared beforehand: a client of
threads would take more of the machine than the server does.
"""

import contextlib
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

_READY_SECONDS = 60
_STALLED_SECONDS = 60
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Load:
    """What came back: the status and the seconds of each request, in the order in which they were given."""

    statuses: tuple[int, ...]
    latencies: tuple[float, ...]
    seconds: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.statuses) / self.seconds

    def quantile(self, share: float) -> float:
        """Return the latency in seconds that `share` of the requests stayed below."""
        return sorted(self.latencies)[min(int(len(self.latencies) * share), len(self.latencies) - 1)]


def get(path: str) -> bytes:
    """Return the bytes of a GET."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, form: dict[str, object]) -> bytes:
    """Return the bytes of a POST of a form."""
    body = urlencode(form, doseq=True)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


@contextlib.contextmanager
def gunicorn(application: str, environment: dict[str, str], threads: int) -> Iterator[int]:
    """Serve `module:factory()` by one gunicorn worker with threads, as `feedback-service web` does; yield its port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        port = int(listener.getsockname()[1])
        # The socket is handed over: nobody can take the port between the look for a free one and the start.
        command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "1"]
        command += ["--threads", str(threads), "--keep-alive", "30", "--log-level", "error", "--no-control-socket"]
        command += ["--bind", f"fd://{listener.fileno()}", application]
        inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        with subprocess.Popen(command, env=inherited | environment, pass_fds=[listener.fileno()]) as server:
            try:
                _wait_for(port)
                yield port
            finally:
                server.terminate()


def _wait_for(port: int) -> None:
    """Wait until the worker answers; the socket listens from the start, so the first request waits by itself."""
    with socket.create_connection(("127.0.0.1", port), timeout=_READY_SECONDS) as connection:
        connection.sendall(b"GET /ready HTTP/1.0\r\n\r\n")
        if not connection.recv(1):
            message = "The server closed the first connection without an answer."
            raise RuntimeError(message)


def drive(port: int, requests: Sequence[bytes], clients: int) -> Load:
    """Send `requests` by so many clients, each with a connection of its own and one request at a time."""
    return _Driver(port, requests).run(clients)


@dataclass(slots=True)
class _Client:
    connection: socket.socket
    number: int = -1
    began: float = 0
    received: bytearray = field(default_factory=bytearray)


class _Driver:
    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self._port = port
        self._requests = requests
        self._next = 0
        self._statuses = [0] * len(requests)
        self._latencies = [0.0] * len(requests)
        self._selector = selectors.DefaultSelector()

    def run(self, clients: int) -> Load:
        connections = [socket.create_connection(("127.0.0.1", self._port)) for _ in range(clients)]
        began = time.perf_counter()
        for connection in connections:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client = _Client(connection)
            self._selector.register(connection, selectors.EVENT_READ, client)
            self._send(client)
        while self._selector.get_map():
            events = self._selector.select(_STALLED_SECONDS)
            if not events:
                message = f"No answer for {_STALLED_SECONDS} s."
                raise TimeoutError(message)
            for key, _ in events:
                self._receive(key.data)
        return Load(tuple(self._statuses), tuple(self._latencies), time.perf_counter() - began)

    def _send(self, client: _Client) -> None:
        """Send the next request, or end this client when there is none."""
        if self._next == len(self._requests):
            self._selector.unregister(client.connection)
            client.connection.close()
            return
        client.number, self._next = self._next, self._next + 1
        client.received.clear()
        client.began = time.perf_counter()
        client.connection.sendall(self._requests[client.number])

    def _receive(self, client: _Client) -> None:
        part = client.connection.recv(65536)
        if not part:
            message = f"The server closed the connection of request {client.number}."
            raise ConnectionError(message)
        client.received += part
        head, end, body = bytes(client.received).partition(_HEAD_END)
        if not end or len(body) < _content_length(head):
            return
        self._latencies[client.number] = time.perf_counter() - client.began
        self._statuses[client.number] = int(head[9:12])
        self._send(client)


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0
