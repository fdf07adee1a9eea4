"""A server of feeds in a process of its own, so that its work is not counted as the reader's.

    with FeedServer(40) as server:
        server.show(Stage(with_etag=True))
        server.address(7)

Each feed has an address of its own on the loopback network (Linux has all of 127.0.0.0/8), as each blog has its own.
"""

import multiprocessing
import random
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any, Self

from feedback_service.sentiment.training import read_corpus

ITEMS = 50
_LENGTH = 1000
_LETTERS = "abcdefghijklm"  # A letter, because a digit that changes is no edit.
_FIRST = datetime(2026, 11, 1, tzinfo=UTC)
_LANGUAGES = ("fr", "fr", "fr", "en")
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
)


@cache
def _corpus(language: str) -> tuple[str, ...]:
    """Texts that were written for this project; each is one sentence or a few."""
    return tuple(text.text for text in read_corpus(language) if text.is_plain)


@dataclass(frozen=True, slots=True)
class Stage:
    """What all feeds show: items `first` to `first + items`, and what differs from the last time.

    `stamp` changes one byte outside of the items, `edit` one byte in the text of the newest item. One item of
    `named_in` names the shop.
    """

    with_etag: bool = True
    first: int = 0
    items: int = ITEMS
    stamp: int = 0
    edit: int = 0
    named_in: int = 5


def written(feed: int, item: int, edit: int = 0, named_in: int = 5) -> str:
    """Return a text of about 1,000 characters in HTML, all of it in one language; one of `named_in` names the shop."""
    chance = random.Random(feed * 1_000_003 + item)  # noqa: S311 - texts, not secrets
    corpus = _corpus(chance.choice(_LANGUAGES))
    name = "Atelier Lumen" if item % named_in == 0 else "un magasin"
    sentences = [f"{name} &amp; co, {feed}-{item} {_LETTERS[edit]}."]
    while sum(map(len, sentences)) < _LENGTH:
        sentences.append(escape(chance.choice(corpus), quote=False))
    half = len(sentences) // 2
    link = f"<a href='https://blog{feed}.example.com/more'>suite</a>"
    first, strong, rest = " ".join(sentences[:half]), sentences[half], " ".join(sentences[half + 1 :])
    return f"<p>{first}</p>\n<p><strong>{strong}</strong> {rest} {link}</p>"


def _item(feed: int, number: int, text: str) -> str:
    at = format_datetime(_FIRST + timedelta(minutes=number))
    return (
        f"<item>\n<title>Note {feed}-{number}</title>\n<link>https://blog{feed}.example.com/{number}/</link>\n"
        f"<dc:creator><![CDATA[Camille Exemple]]></dc:creator>\n<pubDate>{at}</pubDate>\n"
        f"<category><![CDATA[Lampes]]></category>\n<category><![CDATA[Avis]]></category>\n"
        f'<guid isPermaLink="false">https://blog{feed}.example.com/?p={number}</guid>\n'
        f"<description><![CDATA[{text}]]></description>\n</item>\n"
    )


def feed_body(feed: int, stage: Stage) -> bytes:
    """Return feed number `feed` as it stands at a stage, the newest item first, in the form of a common blog."""
    numbers = range(stage.first + stage.items - 1, stage.first - 1, -1)
    newest = numbers[0]
    built = format_datetime(_FIRST + timedelta(seconds=stage.stamp))
    texts = (written(feed, number, stage.edit if number == newest else 0, stage.named_in) for number in numbers)
    items = (_item(feed, number, text) for number, text in zip(numbers, texts, strict=True))
    about = (
        f"<title>Blog {feed}</title><link>https://blog{feed}.example.com</link><lastBuildDate>{built}</lastBuildDate>"
    )
    return f"{_HEAD}{about}{''.join(items)}</channel></rss>".encode()


class FeedServer:
    """Serves `feeds` feeds, all at one stage, from a process of its own."""

    def __init__(self, feeds: int) -> None:
        self.feeds = feeds
        self._pipe, there = multiprocessing.get_context("spawn").Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, feeds), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self._port = self._pipe.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.send(None)
        self._process.join(10)

    def address(self, feed: int) -> str:
        """Return where feed number `feed` stands."""
        return f"http://127.0.{1 + feed // 250}.{1 + feed % 250}:{self._port}/{feed}"

    def show(self, stage: Stage) -> None:
        """Show another stage; all bodies are ready when this returns."""
        self._pipe.send(stage)
        self._pipe.recv()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    bodies: tuple[bytes, ...] = ()
    etag = ""

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ANN401 - as the library has it
        """Serve this machine alone."""
        del request
        return str(client_address[0]).startswith("127.")


class _Handler(BaseHTTPRequestHandler):
    """Serves feed n at /n, with an ETag where the stage has one."""

    protocol_version = "HTTP/1.1"
    # Headers and body are two writes: without this each body waits 40 ms for the reader's acknowledgement.
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        body, etag = self.server.bodies[int(self.path.strip("/"))], self.server.etag
        is_known = bool(etag) and self.headers.get("If-None-Match") == etag
        self.send_response(304 if is_known else 200)
        if etag:
            self.send_header("ETag", etag)
        self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
        self.send_header("Content-Length", "0" if is_known else str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if is_known else body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _serve(pipe: Connection, feeds: int) -> None:
    server = _Server(("0.0.0.0", 0), _Handler)  # noqa: S104 - one socket for all of 127.0.0.0/8; others are sent away
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(server.server_port)
    while (stage := pipe.recv()) is not None:
        server.bodies = tuple(feed_body(feed, stage) for feed in range(feeds))
        server.etag = f'"{stage.first}.{stage.items}.{stage.stamp}.{stage.edit}"' if stage.with_etag else ""
        pipe.send("ready")
    server.shutdown()
