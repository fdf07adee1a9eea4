"""Connections that stand open between two requests: few, closed when asked, never taken from under a fetch."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.http.pages import Validators
from tests.sources.conftest import make_settings
from tests.support.certificates import make_certificate

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>"
UNCHANGED = b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"
HOSTS = 40


class Site:
    """Answers on every loopback number and counts: connections that came, and that stand open."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server(("0.0.0.0", 0), backlog=HOSTS)  # noqa: S104 - all of 127.0.0.0/8
        self._tls = tls
        self._changed = threading.Condition()
        self._open = 0
        self.came = 0
        self.may_answer = threading.Event()
        self.was_asked = threading.Event()
        self.may_answer.set()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        # Only a shutdown wakes the thread that waits in `accept`.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def has_open(self, count: int) -> bool:
        """Wait until `count` connections stand open, some seconds at most."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == count, timeout=5)

    def _count(self, change: int) -> None:
        with self._changed:
            self.came += max(0, change)
            self._open += change
            self._changed.notify_all()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, (caller, _) = self._listener.accept()
                if not caller.startswith("127."):
                    connection.close()
                    continue
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._count(1)
        with contextlib.suppress(OSError), self._spoken(connection) as wire:
            while request := wire.recv(65536):
                self.was_asked.set()
                self.may_answer.wait(10)
                wire.sendall(UNCHANGED if b"If-None-Match" in request else PAGE)
        self._count(-1)

    def _spoken(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


pytestmark = pytest.mark.allow_hosts([f"127.0.0.{number}" for number in range(1, HOSTS + 1)])


def test_a_scan_of_many_hosts_holds_few_sockets(site: Site, fetcher: Fetcher) -> None:
    for number in range(1, HOSTS + 1):
        fetcher.fetch(f"http://127.0.0.{number}:{site.port}/")
    assert site.has_open(16)
    assert site.came == HOSTS


def test_the_next_page_of_a_site_comes_over_the_same_connection(site: Site, fetcher: Fetcher) -> None:
    for path in ("robots.txt", "a", "b"):
        fetcher.fetch(f"http://127.0.0.1:{site.port}/{path}")
    assert site.came == 1


def test_at_rest_no_socket_stands_open_and_the_next_fetch_opens_one(site: Site, fetcher: Fetcher) -> None:
    for number in range(1, 6):
        fetcher.fetch(f"http://127.0.0.{number}:{site.port}/")
    assert site.has_open(5)
    fetcher.rest()
    assert site.has_open(0)
    assert fetcher.fetch(f"http://127.0.0.1:{site.port}/").body == b"<rss/>"


def test_rest_does_not_disturb_a_fetch_under_way(site: Site, fetcher: Fetcher) -> None:
    fetcher.fetch(f"http://127.0.0.1:{site.port}/")
    site.was_asked.clear()
    site.may_answer.clear()
    bodies: list[bytes] = []
    asking = threading.Thread(target=lambda: bodies.append(fetcher.fetch(f"http://127.0.0.1:{site.port}/").body))
    asking.start()
    assert site.was_asked.wait(5)
    fetcher.rest()
    site.may_answer.set()
    asking.join(5)
    assert bodies == [b"<rss/>"]
    assert site.came == 1


def test_unchanged_pages_of_a_secure_site_share_one_handshake(tmp_path: Path) -> None:
    server, file = make_certificate(tmp_path, "127.0.0.1")
    site = Site(server)
    fetcher = Fetcher(make_settings(tmp_path), trust=ssl.create_default_context(cafile=str(file)))
    for path in ("a", "b", "c"):
        assert fetcher.fetch(f"https://127.0.0.1:{site.port}/{path}", validators=Validators("x", None)).unchanged
    assert site.came == 1
    fetcher.close()
    assert site.has_open(0)
    site.close()
