"""A round reads many hosts at once, one request per host at a time, and holds no more than it can work on."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from feedback_service.scanning.rounds import scan_due
from feedback_service.shops.models import Shop
from feedback_service.sources.models import SourceState
from tests.scanning.steps import OLD, scan_all, serve
from tests.support.feeds import rss
from tests.support.scans import ScanStage
from tests.support.wire import raw_server

FEED = rss(OLD)
FEED_BYTES = FEED.encode() if isinstance(FEED, str) else FEED
ANSWER = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(FEED_BYTES), FEED_BYTES)


class Gate:
    """A server that answers only when as many sites as expected wait for it: it counts who asks at once."""

    def __init__(self, expected: int) -> None:
        self.barrier = threading.Barrier(expected, timeout=2)
        self.asked = 0
        self.most = 0
        self._lock = threading.Lock()

    def together(self, connection: socket.socket) -> None:
        """Answer when everybody is there; else hang up."""
        self.barrier.wait()
        connection.sendall(ANSWER)

    def counted(self, connection: socket.socket) -> None:
        """Answer after a moment, and note how many were asking meanwhile."""
        with self._lock:
            self.asked += 1
            self.most = max(self.most, self.asked)
        threading.Event().wait(0.02)
        with self._lock:
            self.asked -= 1
        connection.sendall(ANSWER)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A gate for four."""
    made = Gate(4)
    yield made
    made.barrier.abort()


def test_hosts_are_read_at_the_same_time(stage: ScanStage, shop: Shop, gate: Gate) -> None:
    with (
        raw_server(gate.together) as one,
        raw_server(gate.together) as two,
        raw_server(gate.together) as three,
        raw_server(gate.together) as four,
    ):
        ids = [stage.add(shop, url) for url in (one, two, three, four)]
        assert scan_all(stage) == 4
    assert [stage.source(source_id).state for source_id in ids] == [SourceState.OK] * 4


def test_one_host_is_asked_one_request_at_a_time(stage: ScanStage, shop: Shop, gate: Gate) -> None:
    with raw_server(gate.counted) as site:
        for number in range(12):
            stage.add(shop, f"{site}{number}")
        assert scan_all(stage) == 12
    assert gate.most == 1


def test_a_host_that_never_answers_holds_up_only_its_own(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    stage.settings = stage.settings.model_copy(update={"scan_workers": 2})
    quick = [stage.add(shop, f"{serve(httpserver, FEED)}?{number}") for number in range(20)]
    read_meanwhile: list[SourceState] = []

    def never(connection: socket.socket) -> None:
        # The other host's sources are read while this one is waited for.
        for _ in range(200):
            states = [stage.source(source_id).state for source_id in quick]
            if states.count(SourceState.OK) == len(quick):
                read_meanwhile[:] = states
                return
            threading.Event().wait(0.01)
        connection.close()

    with raw_server(never) as slow:
        stuck = stage.add(shop, slow)
        assert scan_all(stage) == 21
    assert len(read_meanwhile) == 20
    assert stage.source(stuck).state is SourceState.DOWN


def test_more_sources_than_are_held_at_once_are_all_read(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    stage.settings = stage.settings.model_copy(update={"scan_workers": 1})
    url = serve(httpserver, FEED)
    ids = [stage.add(shop, f"{url}?{number}") for number in range(30)]
    assert scan_all(stage) == 30
    assert {stage.source(source_id).state for source_id in ids} == {SourceState.OK}


def test_asked_to_stop_it_gives_back_what_it_has_not_read(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    url = serve(httpserver, FEED)
    ids = [stage.add(shop, f"{url}?{number}") for number in range(10)]

    class Stopping(threading.Event):
        """Is set once the first source was asked."""

        def is_set(self) -> bool:
            return bool(httpserver.log)

    stage.stopping = Stopping()
    stage.clock.advance(timedelta(hours=3))
    assert scan_due(stage) == 1
    left = [stage.source(source_id) for source_id in ids[1:]]
    assert {(source.claim, source.attempts, source.state) for source in left} == {(None, 0, SourceState.NEW)}
    stage.stopping = threading.Event()
    assert scan_due(stage) == 9


def test_no_connection_stands_open_after_a_round(stage: ScanStage, shop: Shop) -> None:
    held: list[bytes] = []
    hung_up = threading.Event()

    def keeps_alive(connection: socket.socket) -> None:
        connection.sendall(ANSWER.replace(b"Connection: close", b"Connection: keep-alive"))
        connection.settimeout(5)
        # Nothing more is asked; the end of the round is read as the end of the stream.
        held.append(connection.recv(1))
        hung_up.set()

    with raw_server(keeps_alive) as site:
        stage.add(shop, site)
        assert scan_all(stage) == 1
        assert hung_up.wait(5)
    assert held == [b""]


def test_what_waits_for_long_stays_ours(stage: ScanStage, shop: Shop) -> None:
    stage.settings = stage.settings.model_copy(update={"lease_seconds": 0, "fetch_timeout": 0.4})
    seen: list[bool] = []

    def late(connection: socket.socket) -> None:
        # Longer than the lease in all, one after the other; somebody else looks for work meanwhile.
        stage.clock.advance(timedelta(seconds=0.3))
        threading.Event().wait(0.3)
        claims = [stage.source(source_id) for source_id in ids]
        now = stage.clock.now()
        seen.append(all(source.claim is None or (source.claimed_until or now) > now for source in claims))
        connection.sendall(ANSWER)

    with raw_server(late) as site:
        ids = [stage.add(shop, f"{site}{number}") for number in range(6)]
        assert scan_all(stage) == 6
    assert seen == [True] * 6
