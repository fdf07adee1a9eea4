"""Mails a second: the outbox, claims and settling included, against a bare smtplib loop into the same server.

`python -m tests.bench.bench_send [MAILS]` prints one line for each figure; the ratio is what to compare between
machines. The server is aiosmtpd in its own process, which throws away what it accepts.
"""

import multiprocessing
import smtplib
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from feedback_service import schema
from feedback_service.clock import SystemClock
from feedback_service.db import Database
from feedback_service.mail.delivery import Delivery
from feedback_service.mail.models import MailState
from feedback_service.mail.transport import SmtpTransport
from feedback_service.mail.wire import message_bytes
from feedback_service.settings import load_settings
from tests.mail.stack import letter, queue, states
from tests.support.builders import SECRET
from tests.support.smtp import RecordingServer

MAILS = 300
PAGE = "<p>" + "Votre retour est arrivé, merci de votre confiance. " * 120 + "</p>"
HEADERS = {
    "List-Unsubscribe": f"<https://feedback.example.com/u/{'t' * 32}>, <mailto:b@example.com?subject=unsubscribe>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def _serve(pipe: Connection) -> None:
    server = RecordingServer()
    server.keeps = False
    server.start()
    pipe.send(server.port)
    pipe.recv()
    server.stop()


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _bare(port: int, messages: list[bytes]) -> None:
    with smtplib.SMTP("127.0.0.1", port, "[127.0.0.1]") as smtp:
        for number, message in enumerate(messages, 1):
            smtp.sendmail("bonjour@example.com", [f"client{number}@example.com"], message)


def _ours(port: int, database: Database) -> None:
    settings = load_settings({}, secret_key=SECRET, smtp_port=port)
    delivery = Delivery(database, SystemClock(), smtp_timeout=30, stopping=threading.Event())
    with SmtpTransport(settings).connect() as connection:
        while delivery.deliver_next(connection).claimed:
            pass


def _compare(port: int, folder: Path, count: int) -> None:
    now = SystemClock().now()
    values: dict[str, Any] = {"html": PAGE, "headers": HEADERS, "created_at": now, "due_at": now}
    began = time.perf_counter()
    messages = [message_bytes(letter(1, number, **values), now) for number in range(1, count + 1)]
    writing = time.perf_counter() - began
    database = Database(f"sqlite:///{folder / 'bench.sqlite'}")
    schema.upgrade(database)
    queue(database, count, **values)
    _bare(port, messages[:20])
    bare = _seconds(lambda: _bare(port, messages))
    ours = _seconds(lambda: _ours(port, database))
    assert states(database) == {MailState.SENT: count}
    database.close()
    print(f"send.bare_smtplib  {count / bare:8.1f} mails/s")
    print(f"send.outbox        {count / ours:8.1f} mails/s  RATIO {bare / ours:.3f} of bare smtplib")
    print(f"send.wire_bytes    {count / writing:8.1f} mails/s  {len(messages[0])} bytes each")


def main() -> None:
    """Run both and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MAILS
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=_serve, args=(there,))
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            _compare(here.recv(), Path(folder), count)
    finally:
        here.send("stop")
        server.join(10)


if __name__ == "__main__":
    main()
