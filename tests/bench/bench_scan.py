"""How fast sources are scanned: `python -m tests.bench.bench_scan`.

A server on this machine serves 40 feeds of 50 items of about 1,000 characters. Measured, in one run:
`feedparser.parse` of the same bytes alone; the first read (fetched, parsed, cleaned, matched, scored,
stored); the second one, answered by 304; the third, identical bytes without validators.
"""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import feedparser

from feedback_service import logs, schema
from feedback_service.bootstrap import Services, build
from feedback_service.clock import ManualClock
from feedback_service.settings import load_settings
from feedback_service.sources.models import SourceKind
from feedback_service.sources.registry import add_source, make_all_due
from jobs import scan_sources
from tests.support.builders import NOW, SECRET, make_shop
from tests.support.feeds import rss, rss_item

FEEDS, ITEMS = 40, 50
_SENTENCES = (
    "La lampe est arrivée hier matin dans un carton bien fermé, et le salon a changé de lumière.",
    "J'ai attendu trois semaines un remboursement que personne ne m'a jamais confirmé par écrit.",
    "The colour is softer than on the pictures, which suits the room rather well in the evening.",
    "Le service client répond vite au téléphone, mais le bon de retour n'est jamais arrivé.",
    "Nobody answered my three messages about the broken switch, so I asked my bank for help.",
)


def _text(number: int) -> str:
    sentences = [_SENTENCES[(number + step) % len(_SENTENCES)] for step in range(11)]
    name = "Atelier Lumen" if number % 5 == 0 else "un magasin"
    return f"<p>{name}, commande {number}. {' '.join(sentences)}</p>"


def _feed(feed: int) -> bytes:
    first = datetime(2026, 11, 1, tzinfo=UTC)
    return rss(
        *(
            rss_item(
                _text(feed * ITEMS + item),
                title=f"Note {feed}-{item}",
                guid=f"g-{feed}-{item}",
                link=f"https://blog{feed}.example.com/{item}",
                at=first + timedelta(minutes=item),
            )
            for item in range(ITEMS)
        )
    )


@contextmanager
def _served(bodies: list[bytes]) -> Iterator[tuple[str, list[bool]]]:
    has_validators = [True]

    class Handler(BaseHTTPRequestHandler):
        """Serves feed n at /n, with an ETag unless told otherwise."""

        protocol_version = "HTTP/1.1"
        # Headers and body are two writes: without this each body waits 40 ms for the reader's acknowledgement.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = bodies[int(self.path.strip("/"))]
            known = has_validators[0] and self.headers.get("If-None-Match") == '"1"'
            self.send_response(304 if known else 200)
            if has_validators[0]:
                self.send_header("ETag", '"1"')
            self.send_header("Content-Length", "0" if known else str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if known else body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", has_validators
    server.shutdown()
    thread.join()
    server.server_close()


def _parse_only(bodies: list[bytes]) -> float:
    began = time.perf_counter()
    for body in bodies:
        assert len(feedparser.parse(BytesIO(body)).entries) == ITEMS
    return time.perf_counter() - began


def _scan(services: Services) -> float:
    with services.database.writing() as session:
        make_all_due(session, services.clock.now())
    began = time.perf_counter()
    assert scan_sources.run(services) == FEEDS
    return time.perf_counter() - began


def _tell(what: str, seconds: float, parse: float) -> None:
    items = FEEDS * ITEMS
    print(f"{what:<34} {seconds:6.2f} s {items / seconds:9,.0f} items/s {parse / seconds:7.2f} x feedparser")


def main() -> None:
    """Measure and print."""
    logs.configure("warning", "text")
    bodies = [_feed(number) for number in range(FEEDS)]
    with tempfile.TemporaryDirectory() as folder, _served(bodies) as (address, has_validators):
        settings = load_settings({}, instance=Path(folder), secret_key=SECRET, fetch_allow_private="127.0.0.0/8")
        services = build(settings).with_clock(ManualClock(NOW))
        schema.upgrade(services.database)
        with services.database.writing() as session:
            shop = make_shop(session)
            for number in range(FEEDS):
                add_source(session, shop, f"{address}/{number}", SourceKind.FEED, NOW)
        services.scorers.scorer_for(shop).score("Les listes de mots sont lues au premier usage.")
        parse = _parse_only(bodies)
        _tell("feedparser.parse alone", parse, parse)
        _tell("first read", _scan(services), parse)
        _tell("unchanged, 304", _scan(services), parse)
        has_validators[0] = False
        _tell("unchanged bytes, no validators", _scan(services), parse)
        services.close()


if __name__ == "__main__":
    main()
