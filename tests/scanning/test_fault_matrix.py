"""Every status and every fault leaves its source in a named state, and every other source is read in the same run."""

import gzip
import itertools
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.bootstrap import build
from feedback_service.clock import ManualClock
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.sources.models import Source, SourceKind, SourceState
from feedback_service.sources.registry import add_source
from jobs import scan_sources
from tests.scanning.steps import BAD, OLD, mentions, scan_all, serve
from tests.support.builders import make_shop
from tests.support.feeds import rss
from tests.support.scans import ScanStage

OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
FEED = rss(OLD)
HTML = b"<!DOCTYPE html><html><head><title>%s</title></head><body><p>Buy this domain.</p></body></html>"
BOMB = gzip.compress(bytes(20_000_000))
STATES = {200: SourceState.OK, 203: SourceState.OK} | dict.fromkeys((401, 403, 451), SourceState.BLOCKED)


def sized(body: bytes, headers: bytes = b"") -> bytes:
    return OK + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


def moved(to: bytes) -> bytes:
    return b"HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: " + to + b"\r\n\r\n"


FAULTS: dict[str, tuple[bytes, SourceState, str]] = {
    "cut-short": (OK + b"Content-Length: 9000\r\n\r\n" + FEED, SourceState.DOWN, "breaks off"),
    "cut-chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n" + FEED, SourceState.DOWN, "breaks off"),
    "cut-gzip": (sized(gzip.compress(FEED)[:-12]), SourceState.DOWN, "unpacked"),
    "longer-than-said": (OK + b"Content-Length: 20\r\n\r\n" + FEED, SourceState.CHANGED, "not a feed"),
    "bomb": (sized(BOMB, b"Content-Encoding: gzip\r\n"), SourceState.DOWN, "fetch_max_bytes"),
    "bomb-unsaid": (sized(BOMB), SourceState.DOWN, "fetch_max_bytes"),
    "bomb-deflate": (
        sized(zlib.compress(bytes(20_000_000)), b"Content-Encoding: deflate\r\n"), SourceState.DOWN, "fetch_max_bytes",
    ),
    "brotli": (sized(b"\x1b\x07\x00\xf8", b"Content-Encoding: br\r\n"), SourceState.DOWN, "'br'"),
    "lying-encoding": (sized(FEED, b"Content-Encoding: gzip\r\n"), SourceState.OK, "Read: 1 item."),
    "lying-type": (sized(FEED, b"Content-Type: image/png\r\n"), SourceState.OK, "Read: 1 item."),
    "empty": (sized(b""), SourceState.CHANGED, "empty"),
    "binary": (sized(bytes(range(256)) * 40), SourceState.CHANGED, "not a feed"),
    "parked": (sized(HTML % b"example.test is for sale"), SourceState.CHANGED, "HTML page"),
    "captcha": (sized(HTML % b"Just a moment..."), SourceState.BLOCKED, "we do not work around it"),
    "members": (moved(b"/login?next=/feed"), SourceState.BLOCKED, "login"),
    "circle": (moved(b"/circle"), SourceState.DOWN, "without end"),
    "to-a-file": (moved(b"file:///etc/passwd"), SourceState.DOWN, "http:// or https://"),
    "to-the-metadata": (moved(b"http://169.254.169.254/latest"), SourceState.BLOCKED, "not on the public internet"),
    "entities": (
        sized(b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss/>'),
        SourceState.BLOCKED, "entities",
    ),
    "no-http": (b"220 smtp.example.test ESMTP\r\n", SourceState.DOWN, "no HTTP"),
    "hangs-up": (b"", SourceState.DOWN, "breaks off"),
    "header-flood": (OK + b"X: y\r\n" * 100_000, SourceState.DOWN, "breaks off"),
}  # fmt: skip


class Misbehaving(BaseHTTPRequestHandler):
    """Answers /status/N with that status and /NAME with that fault; /endless never ends, /mute never begins."""

    enough = threading.Event()

    def do_GET(self) -> None:
        """Send the bytes of the fault."""
        self.close_connection = True
        name = self.path.strip("/").partition("?")[0]
        if name.startswith("status/"):
            self.wfile.write(_with_status(int(name.removeprefix("status/"))))
        elif name == "mute":
            self.enough.wait(20)
        elif name == "endless":
            self.wfile.write(OK + b"\r\n")
            for _ in itertools.takewhile(lambda _: not self.enough.is_set(), itertools.count()):
                self.wfile.write(b"<item>" * 1000)
        else:
            self.wfile.write(FAULTS[name][0])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _with_status(status: int) -> bytes:
    body = b"" if status < 200 or status in {204, 304} else FEED
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    return b"HTTP/1.1 %d Any\r\nConnection: close\r\n%s\r\n%s" % (status, length, body)


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Take no offence at clients that hang up."""


@pytest.fixture
def misbehaving() -> Iterator[str]:
    """The address of a server that misbehaves."""
    Misbehaving.enough.clear()
    server = _Quiet(("127.0.0.1", 0), Misbehaving)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    Misbehaving.enough.set()
    server.shutdown()
    server.server_close()


def scan_with_good_neighbours(
    urls: list[str], httpserver: HTTPServer, settings: Settings, clock: ManualClock, good: int = 10
) -> dict[str, Source]:
    """Read `urls` between healthy sources, in one run; return how each stands, and hold the neighbours to be read."""
    httpserver.expect_request("/good").respond_with_data(FEED)
    services = build(settings).with_clock(clock)
    neighbours = [f"{httpserver.url_for('/good')}?{number}" for number in range(good)]
    every = max(1, len(urls) // good)
    mixed = [*urls]
    for number, neighbour in enumerate(neighbours):
        mixed.insert(number * (every + 1), neighbour)
    with services.database.writing() as session:
        shop = make_shop(session)
        for url in mixed:
            add_source(session, shop, url, SourceKind.FEED, clock.now())
    assert scan_sources.run(services) == len(mixed)
    with services.database.reading() as session:
        found = {source.url: source for source in session.scalars(sa.select(Source))}
    services.close()
    assert {source.last_polled_at for source in found.values()} == {clock.now()}
    assert [found[url].state for url in neighbours] == [SourceState.OK] * good
    return found


def test_every_status_leaves_a_named_state_and_stops_no_other(
    misbehaving: str, httpserver: HTTPServer, settings: Settings, clock: ManualClock
) -> None:
    urls = {f"{misbehaving}/status/{status}": status for status in range(100, 600)}
    found = scan_with_good_neighbours(list(urls), httpserver, settings, clock)
    for url, status in urls.items():
        source = found[url]
        assert (status, source.state) == (status, STATES.get(status, SourceState.DOWN))
        assert source.state_reason
        assert (source.due_at is None) == (status == 410)
        if status >= 200:
            assert f"(HTTP {status})" in source.state_reason or source.state is SourceState.OK


def test_every_fault_leaves_a_named_state_and_stops_no_other(
    misbehaving: str, httpserver: HTTPServer, settings: Settings, clock: ManualClock
) -> None:
    settings = settings.model_copy(update={"fetch_timeout": 1.0, "fetch_max_bytes": 1_000_000})
    wanted = {f"{misbehaving}/{name}": (state, words) for name, (_, state, words) in FAULTS.items()}
    wanted[f"{misbehaving}/endless"] = (SourceState.DOWN, "fetch_max_bytes")
    wanted[f"{misbehaving}/mute"] = (SourceState.DOWN, "fetch_timeout")
    wanted[misbehaving.replace("http:", "https:") + "/tls"] = (SourceState.DOWN, "does not speak TLS")
    wanted["http://127.0.0.1:9/closed"] = (SourceState.DOWN, "cannot be reached")
    wanted["http://10.0.0.1/"] = (SourceState.BLOCKED, "not on the public internet")
    began = time.monotonic()
    found = scan_with_good_neighbours(list(wanted), httpserver, settings, clock)
    assert time.monotonic() - began < 20
    for url, (state, words) in wanted.items():
        assert (url, found[url].state) == (url, state)
        assert words in found[url].state_reason
        assert len(found[url].state_reason) < 400


def test_a_feed_that_becomes_a_page_and_a_feed_again(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, FEED))
    seen = []
    for body in (FEED, HTML % b"For sale", rss(BAD, OLD)):
        serve(httpserver, body)
        scan_all(stage, timedelta(days=2))
        seen.append(stage.source(source_id).state)
    assert seen == [SourceState.OK, SourceState.CHANGED, SourceState.OK]
    assert len(stage.story_desk.told) == 1


def test_a_page_that_is_missing_for_a_while(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, FEED, headers={"ETag": '"1"'}))
    seen = []
    for body, status in ((FEED, 200), (b"", 404), (rss(BAD, OLD), 200)):
        serve(httpserver, body, status=status, headers={"ETag": '"1"'})
        scan_all(stage, timedelta(days=2))
        seen.append((stage.source(source_id).state, stage.source(source_id).failures))
    assert seen == [(SourceState.OK, 0), (SourceState.DOWN, 1), (SourceState.OK, 0)]
    assert len(stage.story_desk.told) == 1


def test_a_new_etag_on_the_same_body_is_no_news(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, FEED, headers={"ETag": '"1"'}))
    scan_all(stage)
    serve(httpserver, FEED, headers={"ETag": '"2"'})
    scan_all(stage, timedelta(days=2))
    assert "unchanged" in stage.source(source_id).state_reason
    assert stage.source(source_id).etag == '"2"'
    assert stage.story_desk.told == []


def test_a_new_body_under_the_same_etag_is_read(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    stage.add(shop, serve(httpserver, FEED, headers={"ETag": '"1"'}))
    scan_all(stage)
    serve(httpserver, rss(BAD, OLD), headers={"ETag": '"1"'})
    scan_all(stage, timedelta(days=2))
    assert len(mentions(stage.database)) == 2


def test_a_first_poll_that_is_answered_with_unchanged_takes_no_stock(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    source_id = stage.add(shop, serve(httpserver, b"", status=304))
    scan_all(stage)
    assert (stage.source(source_id).state, stage.source(source_id).baseline_at) == (SourceState.DOWN, None)
    serve(httpserver, rss(BAD, OLD))
    scan_all(stage, timedelta(days=2))
    assert stage.story_desk.told == []
