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
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any, Self

from tests.support.feeds import rss, rss_item

ITEMS = 50
_NAMES_SHOP = 5
_LENGTH = 1000
_LETTERS = "abcdefghijklm"  # A letter, because a digit that changes is no edit.
_FIRST = datetime(2026, 11, 1, tzinfo=UTC)
_PARTS = (
    (
        ("La lampe", "Le colis", "Mon fauteuil", "Le miroir", "La commode", "Leur livreur", "Ma table", "Le bureau"),
        ("est arrivé hier", "se monte sans outil", "a changé le salon", "attend depuis lundi", "tient bien au mur"),
        ("dans un carton fermé", "près de la fenêtre", "avec une notice courte", "sous la pluie", "au troisième étage"),
        ("et nous en parlerons encore", "comme sur la photo", "ce qui surprend un peu", "sans une rayure", "à midi"),
    ),
    (
        ("Le service client", "Le vendeur", "La boutique", "Personne", "Le standard", "Leur équipe", "Le conseiller"),
        ("ne répond jamais", "a remboursé en retard", "refuse le retour", "promet sans rien faire", "rappelle enfin"),
        ("malgré trois messages", "depuis trois semaines", "par écrit ou par téléphone", "après ma plainte", "lundi"),
        ("et je suis très déçu", "pour une ampoule cassée", "sans la moindre excuse", "ce qui est lamentable", "hélas"),
    ),
    (
        ("The colour", "My order", "The switch", "Their courier", "The shade", "A friend's desk", "The invoice"),
        ("is softer than shown", "never arrived", "broke on day two", "suits the room", "came without a word"),
        ("in the evening light", "in spite of two calls", "after a long wait", "next to the old sofa", "on a Friday"),
        ("so I asked for help", "which we like", "and nobody answered", "as the pictures say", "for a fair price"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """What all feeds show: items `first` to `first + items`, and what differs from the last time.

    `stamp` changes one byte outside of the items, `edit` one byte in the text of the newest item.
    """

    with_etag: bool = True
    first: int = 0
    items: int = ITEMS
    stamp: int = 0
    edit: int = 0


def written(feed: int, item: int, edit: int = 0) -> str:
    """Return a text of about 1,000 characters in HTML; one in five names the shop, no two are alike."""
    chance = random.Random(feed * 1_000_003 + item)  # noqa: S311 - texts, not secrets
    name = "Atelier Lumen" if item % _NAMES_SHOP == 0 else "un magasin"
    sentences = [f"Chez {name} &amp; ailleurs, commande {feed}-{item} {_LETTERS[edit]}."]
    while sum(map(len, sentences)) < _LENGTH:
        parts = chance.choice(_PARTS)
        sentences.append(escape(" ".join(map(chance.choice, parts)), quote=False) + ".")
    half = len(sentences) // 2
    return f"<p>{' '.join(sentences[:half])}</p>\n<p>{' '.join(sentences[half:])} <a href='/s'>suite</a></p>"


def feed_body(feed: int, stage: Stage) -> bytes:
    """Return feed number `feed` as it stands at a stage, the newest item first."""
    numbers = range(stage.first + stage.items - 1, stage.first - 1, -1)
    newest = numbers[0]
    built = format_datetime(_FIRST + timedelta(seconds=stage.stamp))
    items = (
        rss_item(
            written(feed, number, stage.edit if number == newest else 0),
            title=f"Note {feed}-{number}",
            guid=f"g-{feed}-{number}",
            link=f"https://blog{feed}.example.com/{number}",
            at=_FIRST + timedelta(minutes=number),
        )
        for number in numbers
    )
    return rss(f"<lastBuildDate>{built}</lastBuildDate>", *items)


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
