"""Servers that misbehave on the wire: each ends in a named failure, in bounded time, in a short sentence (R44)."""

import contextlib
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.http.handshakes import tls_sentence
from tests.sources.conftest import MakeFetcher, make_settings
from tests.support.certificates import make_certificate
from tests.support.wire import raw_server, sending

OK = b"HTTP/1.1 200 OK\r\n"
BODY = b"<rss/>"


def failure(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)
    return caught.value


WIRE: dict[str, tuple[bytes, Iterable[bytes], FetchFailure]] = {
    "a flood of header lines": (OK, (b"X-%d: y\r\n" % number for number in itertools.count()), FetchFailure.BROKEN),
    "a header line without end": (OK + b"X: ", itertools.repeat(b"y" * 1000, 100_000), FetchFailure.BROKEN),
    "100 Continue for ever": (b"", itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100), FetchFailure.BROKEN),
    "early hints for ever": (
        b"",
        itertools.repeat(b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n"),
        FetchFailure.BROKEN,
    ),
    "trailers without end": (
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n",
        (b"X-%d: y\r\n" % number for number in itertools.count()),
        FetchFailure.BROKEN,
    ),
    "chunks cut short": (OK + b"Transfer-Encoding: chunked\r\n\r\n50\r\n<rss", (), FetchFailure.BROKEN),
    "chunks of a size that is none": (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<rss/>", (), FetchFailure.BROKEN),
    "less than it said": (OK + b"Content-Length: 500\r\n\r\n<rss/>", (), FetchFailure.BROKEN),
    "a length that is none": (OK + b"Content-Length: many\r\n\r\n<rss/>", (), FetchFailure.BROKEN),
    "two lengths": (OK + b"Content-Length: 6\r\nContent-Length: 7\r\n\r\n<rss/>", (), FetchFailure.BROKEN),
    "no HTTP": (b"<rss><channel><title>x</title>", (), FetchFailure.BROKEN),
    "HTTP/0.9": (b"<html>" + b"x" * 200_000, (), FetchFailure.BROKEN),
    "a status that is none": (b"HTTP/1.1 9999 What\r\n\r\n", (), FetchFailure.BROKEN),
    "chunks of one byte each, without end": (
        OK + b"Transfer-Encoding: chunked\r\n\r\n",
        itertools.repeat(b"1\r\nx\r\n" * 1000),
        FetchFailure.TOO_LARGE,
    ),
}


@pytest.mark.parametrize(("head", "body", "kind"), WIRE.values(), ids=WIRE.keys())
def test_what_is_wrong_on_the_wire_is_named(
    make_fetcher: MakeFetcher, head: bytes, body: Iterable[bytes], kind: FetchFailure
) -> None:
    began = time.monotonic()
    with raw_server(sending(head, body)) as url:
        error = failure(make_fetcher(fetch_timeout=4, fetch_max_bytes=100_000), url)
    assert error.kind is kind
    assert time.monotonic() - began < 5
    assert len(str(error)) < 300
    assert not {"<", ">", "\n"} & set(str(error))


@pytest.mark.parametrize("size", [1, 8], ids=["one byte", "eight bytes"])
def test_a_long_page_of_tiny_chunks_ends_before_it_has_cost_seconds_of_our_time(
    make_fetcher: MakeFetcher, size: int
) -> None:
    """At one byte each, a page of the usual cap would be five million pieces."""
    chunks = itertools.repeat((b"%x\r\n" % size + b"x" * size + b"\r\n") * 1000)
    fetcher, began = make_fetcher(fetch_timeout=30), time.thread_time()
    with raw_server(sending(OK + b"Transfer-Encoding: chunked\r\n\r\n", chunks)) as url:
        error = failure(fetcher, url)
    assert error.kind is FetchFailure.BROKEN
    assert "far too many small pieces" in str(error)
    assert time.thread_time() - began < 5


def test_a_page_that_a_site_writes_line_by_line_is_read_whole(fetcher: Fetcher) -> None:
    """Some frameworks send each line of a template as a chunk."""
    line = b"<p>a short line of a page</p>\n"
    lines = itertools.repeat(b"%x\r\n%b\r\n" % (len(line), line), 110_000)
    body = itertools.chain([b"".join(lines)], [b"0\r\n\r\n"])
    with raw_server(sending(OK + b"Transfer-Encoding: chunked\r\n\r\n", body)) as url:
        assert fetcher.fetch(url).body == line * 110_000


DRIPPING = {
    "the head": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "the body": (OK + b"\r\n", b"x"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}


@pytest.mark.parametrize(("head", "drop"), DRIPPING.values(), ids=DRIPPING.keys())
def test_a_server_that_drips_ends_with_the_fetch(make_fetcher: MakeFetcher, head: bytes, drop: bytes) -> None:
    began = time.monotonic()
    with raw_server(sending(head, itertools.repeat(drop), pause=0.05)) as url:
        assert failure(make_fetcher(fetch_timeout=0.4), url).kind is FetchFailure.TIMEOUT
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x40\x00"], ids=["nothing", "the beginning of a handshake"])
def test_a_handshake_that_never_ends_ends_with_the_fetch(make_fetcher: MakeFetcher, said: bytes) -> None:
    with raw_server(sending(said, itertools.repeat(b""), pause=0.05)) as url:
        error = failure(make_fetcher(fetch_timeout=0.4), url.replace("http:", "https:"))
    assert error.kind in {FetchFailure.TIMEOUT, FetchFailure.TLS}


def test_what_an_answer_has_too_much_is_never_taken_for_the_next(fetcher: Fetcher) -> None:
    forged = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"

    def answer(connection: socket.socket) -> None:
        for number in itertools.count():
            body = b"page %d" % number
            surplus = forged if number == 0 else b""
            connection.sendall(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body + surplus)
            if not connection.recv(65536):
                return

    with raw_server(answer) as url:
        assert fetcher.fetch(url + "a").body == b"page 0"
        assert fetcher.fetch(url + "b").body == b"page 0"


def test_a_connection_that_the_site_has_closed_meanwhile_costs_no_poll(fetcher: Fetcher) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(OK + b"Content-Length: 6\r\n\r\n<rss/>")
        # It takes the next request and hangs up on it, as servers do whose patience ends just then.
        connection.recv(65536)

    with raw_server(answer) as url:
        assert [fetcher.fetch(url).body for _ in range(3)] == [BODY] * 3


@pytest.mark.parametrize("status", [b"100 Continue", b"102 Processing", b"199 What"])
def test_an_interim_answer_alone_is_no_answer(fetcher: Fetcher, status: bytes) -> None:
    with raw_server(sending(b"HTTP/1.1 " + status + b"\r\n\r\n", ())) as url:
        assert failure(fetcher, url).kind is FetchFailure.BROKEN


def test_unchanged_is_no_answer_to_who_did_not_ask(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    """Else a first scan would take stock of nothing, and alert everything at the second."""
    httpserver.expect_request("/feed").respond_with_data("", 304)
    error = failure(fetcher, httpserver.url_for("/feed"))
    assert error.kind is FetchFailure.BROKEN
    assert "HTTP 304" in str(error)


@contextlib.contextmanager
def tls_server(context: ssl.SSLContext) -> Iterator[str]:
    """Answer every request over TLS; yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer_over_tls, args=(listener, context), daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/"


def _answer_over_tls(listener: socket.socket, context: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
                tls.recv(65536)
                tls.sendall(OK + b"Content-Length: 6\r\n\r\n" + BODY)


def fetch_over_tls(folder: Path, server: ssl.SSLContext, trust: ssl.SSLContext | None) -> bytes:
    """Fetch the one page; raise what the client raises."""
    fetcher = Fetcher(make_settings(folder), trust=trust)
    try:
        with tls_server(server) as url:
            return fetcher.fetch(url).body
    finally:
        fetcher.close()


def test_a_good_certificate_is_accepted(tmp_path: Path) -> None:
    server, file = make_certificate(tmp_path, "127.0.0.1")
    assert fetch_over_tls(tmp_path, server, ssl.create_default_context(cafile=str(file))) == BODY


@pytest.mark.parametrize(
    ("name", "is_trusted", "words"),
    [("127.0.0.1", False, "signed by nobody"), ("10.9.8.7", True, "another name")],
    ids=["signed by itself", "for another name"],
)
def test_what_is_wrong_with_a_certificate_is_said(
    tmp_path: Path,
    name: str,
    is_trusted: bool,  # noqa: FBT001 - a table
    words: str,
) -> None:
    server, file = make_certificate(tmp_path, name)
    trust = ssl.create_default_context(cafile=str(file)) if is_trusted else None
    with pytest.raises(FetchError, match=words) as caught:
        fetch_over_tls(tmp_path, server, trust)
    assert caught.value.kind is FetchFailure.TLS


def test_an_outdated_version_of_tls_is_said(tmp_path: Path) -> None:
    server, file = make_certificate(tmp_path, "127.0.0.1")
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    trust = ssl.create_default_context(cafile=str(file))
    trust.minimum_version = ssl.TLSVersion.TLSv1_3
    with pytest.raises(FetchError, match="not safe any more") as caught:
        fetch_over_tls(tmp_path, server, trust)
    assert caught.value.kind is FetchFailure.TLS


@pytest.mark.parametrize(("code", "words"), [(10, "has expired"), (9, "not valid yet"), (23, "is not valid.")])
def test_other_verdicts_of_openssl_have_their_words(code: int, words: str) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    outer = ConnectionError("the connection")
    outer.__cause__ = error
    assert words in tls_sentence(outer)
    assert tls_sentence(ConnectionRefusedError("refused")) == ""
