"""From a hub's push to the alert that the mail server has accepted: `python -m tests.bench.bench_push [PUSHES]`.

Ours is `feedback-service run` in its own processes: verified, read, matched, judged, stored, made a story, and
mailed. The peer is the least that could be called a push to a mail: a bare server that takes the POST, parses it
with feedparser, commits one row to SQLite, and sends one mail with smtplib. Both run in turns against the same
mail server, one push at a time; printed are p50 and p99 of each in milliseconds, and their ratio.
"""

import http.client
import multiprocessing
import smtplib
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles

import feedparser
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from feedback_service import schema
from feedback_service.bootstrap import Services, build
from feedback_service.hashing import new_token, token_digest
from feedback_service.sentiment.training import read_corpus
from feedback_service.settings import Settings, load_settings
from feedback_service.sources.push import websub
from feedback_service.sources.push.subscriptions import SubscriptionState, WebSubSubscription
from tests.support.builders import SECRET, make_shop, make_staff
from tests.support.commands import environment, eventually, free_port
from tests.support.feeds import rss, rss_item
from tests.support.hub import sign
from tests.support.stories import make_source

PUSHES = 100  # With those before, no more than there are complaints: one said again is a copy.
BLOCK = 25
WARM_UP = 10
_PATIENCE_SECONDS = 30.0
_TOPIC = "https://blog.example.com/feed"
_SENTENCES = 5
_ANGRY = "Atelier Lumen, une arnaque."


class _Sink:
    """Accepts every mail and tells the instant at which it did; the clock is the machine's, one for all processes."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Accept."""
        self._pipe.send(time.monotonic())
        return "250 OK"


def _sink(pipe: Connection, port: int) -> None:
    controller = Controller(_Sink(pipe), hostname="127.0.0.1", port=port)
    controller.start()
    pipe.send("ready")
    pipe.recv()
    controller.stop(no_assert=True)


def _bare(port: int, smtp_port: int, path: str) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE item (id TEXT PRIMARY KEY, text TEXT)")

    class Handler(BaseHTTPRequestHandler):
        """Takes a push and mails it."""

        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            [entry] = feedparser.parse(BytesIO(body)).entries
            with sqlite3.connect(path) as database:
                database.execute("PRAGMA synchronous=FULL")
                database.execute("INSERT INTO item VALUES (?, ?)", (entry.id, entry.summary))
            database.close()
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = "a@example.com", "agent@example.com", entry.title
            mail.set_content(entry.summary)
            with smtplib.SMTP("127.0.0.1", smtp_port, "[127.0.0.1]") as smtp:
                smtp.send_message(mail)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def _installed(settings: Settings) -> tuple[str, str]:
    """Make a shop, somebody who is told, and a feed that a hub pushes; return path and secret of the callback."""
    services: Services = build(settings)
    schema.upgrade(services.database)
    now, nonce = datetime.now(UTC), new_token()
    token = websub.callback_token(SECRET, nonce)
    with services.database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop)
        later = {"baseline_at": now, "due_at": now + timedelta(days=1)}
        source = make_source(session, shop, _TOPIC, topic=_TOPIC, hub="https://hub.example.com/", **later)
        session.add(
            WebSubSubscription(
                source_id=source.id,
                hub="https://hub.example.com/",
                topic=_TOPIC,
                nonce=nonce,
                token_digest=token_digest(token),
                state=SubscriptionState.ACTIVE,
                state_since=now,
                lease_until=now + timedelta(days=9),
                due_at=now + timedelta(days=8),
            )
        )
    services.close()
    return f"/hooks/websub/{token}", websub.signing_secret(SECRET, nonce)


@contextmanager
def _running(settings: Settings) -> Iterator[None]:
    environ = environment(settings, jobs_pace=1, smtp_port=settings.smtp_port, web_port=settings.web_port)
    environ |= {"FEEDBACK_FETCH_ALLOW_PRIVATE": "127.0.0.0/8"}
    command = [sys.executable, "-m", "feedback_service", "run"]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _answers(settings.web_port))
        yield
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status > 0
    except OSError:
        return False
    finally:
        connection.close()


def _text(number: int) -> str:
    """Return a complaint in words of its own: what another one says again is a copy, and alerts nobody."""
    complaints = _complaints()
    chosen = (complaints[(_SENTENCES * number + step) % len(complaints)] for step in range(_SENTENCES))
    return f"{_ANGRY} {' '.join(chosen)}"


@cache
def _complaints() -> tuple[str, ...]:
    return tuple(text.text for text in read_corpus("fr") if text.mark == "-" and text.is_plain)


def _push(port: int, path: str, secret: str, number: int) -> None:
    title, link = f"Avis {number}", f"https://blog.example.com/{number}"
    body = rss(rss_item(_text(number), title=title, guid=f"g{number}", link=link, at=datetime.now(UTC)))
    headers = {"Content-Type": "application/rss+xml", "X-Hub-Signature": sign(body, secret)}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
    connection.request("POST", path, body, headers)
    status = connection.getresponse().status
    connection.close()
    assert status == http.client.ACCEPTED, status


def _seconds(push: Callable[[int], None], sink: Connection, first: int, count: int) -> list[float]:
    taken = []
    for number in range(first, first + count):
        began = time.monotonic()
        push(number)
        assert sink.poll(_PATIENCE_SECONDS), f"no mail for push {number}"
        taken.append(sink.recv() - began)
    return taken


def _tell(what: str, taken: list[float]) -> float:
    cuts = quantiles([seconds * 1000 for seconds in taken], n=100, method="inclusive")
    print(f"{what:<14} p50 {cuts[49]:7.1f} ms   p99 {cuts[98]:7.1f} ms   of {len(taken)} pushes")
    return cuts[98]


def _compare(sink: Connection, settings: Settings, bare_port: int, count: int) -> None:
    path, secret = _installed(settings)

    def to_bare(number: int) -> None:
        _push(bare_port, "/", secret, number)

    def to_us(number: int) -> None:
        _push(settings.web_port, path, secret, number)

    bare, ours = list[float](), list[float]()
    with _running(settings):
        _seconds(to_bare, sink, 0, WARM_UP)
        # The word lists are read at the first push; a listener that is not there yet leaves a mail to the tick.
        _seconds(to_us, sink, 0, WARM_UP)
        for first in range(WARM_UP, WARM_UP + count, BLOCK):
            bare += _seconds(to_bare, sink, first, BLOCK)
            ours += _seconds(to_us, sink, first, BLOCK)
    ratio = _tell("push.ours", ours) / _tell("push.bare", bare)
    print(f"push.ratio     {ratio:.2f} times the p99 of the bare loop")


def main() -> None:
    """Run both and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PUSHES
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    smtp_port, web_port, bare_port = free_port(), free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        sink = context.Process(target=_sink, args=(there, smtp_port))
        bare = context.Process(target=_bare, args=(bare_port, smtp_port, str(Path(folder) / "bare.sqlite")))
        sink.start()
        bare.start()
        try:
            here.recv()
            eventually(lambda: _answers(bare_port))
            address = f"http://127.0.0.1:{web_port}"
            ports = {"web_port": web_port, "smtp_port": smtp_port}
            settings = load_settings({}, instance=Path(folder), secret_key=SECRET, public_url=address, **ports)
            _compare(here, settings, bare_port, count)
        finally:
            here.send("stop")
            sink.join(10)
            bare.terminate()
            bare.join(10)


if __name__ == "__main__":
    main()
