"""Mails a second: the outbox, claims and settling included, against a bare loop of smtplib into the same sink.

`python -m tests.bench.bench_send [MAILS]` prints one line for each figure. Bare and ours take turns and
the medians are compared, because the ratio is what can be compared between machines. Both hand over the same
messages, written before, to postfix's `smtp-sink`; the databases write through to the disk (SQLite `synchronous=FULL`,
PostgreSQL `fsync=on`).
"""

import contextlib
import smtplib
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from feedback_service import schema
from feedback_service.bootstrap import Services
from feedback_service.clock import SystemClock
from feedback_service.db import Database
from feedback_service.mail.models import MailState
from feedback_service.mail.wire import message_bytes
from feedback_service.settings import load_settings
from jobs import send_mail
from tests.mail.stack import letter, queue_prepared, states
from tests.support.builders import SECRET
from tests.support.postgres import running_postgres
from tests.support.smtp_sink import smtp_sink

MAILS = 2000
BARE_CONNECTIONS = 4
OUR_CONNECTIONS = (4, 8)
ROUNDS = 3
PAGE = "<p>" + "Votre retour est arrivé, merci de votre confiance. " * 120 + "</p>"
HEADERS = {
    "List-Unsubscribe": f"<https://feedback.example.com/u/{'t' * 32}>, <mailto:b@example.com?subject=unsubscribe>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _values() -> dict[str, Any]:
    now = SystemClock().now()
    return {"html": PAGE, "headers": HEADERS, "created_at": now, "due_at": now}


def _bare(port: int, messages: list[bytes], connections: int) -> None:
    def lane(number: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, "[127.0.0.1]") as smtp:
            for place, message in enumerate(messages[number::connections]):
                smtp.sendmail("bonjour@example.com", [f"client{place}@example.com"], message)

    threads = [threading.Thread(target=lane, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _ours(url: str, port: int, count: int, connections: int) -> float:
    """Queue `count` mails and return how long it takes to send them."""
    settings = load_settings(
        {}, database_url=url, secret_key=SECRET, smtp_port=port, smtp_connections=connections, log_level="error"
    )
    database = Database(url)
    before = states(database)[MailState.SENT]
    queue_prepared(database, count, **_values())
    seconds = _seconds(lambda: send_mail.run(Services(settings, SystemClock(), database)))
    assert states(database) == {MailState.SENT: before + count}
    database.close()
    return seconds


@contextlib.contextmanager
def _databases() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder, running_postgres(durable=True) as postgres:
        yield {"sqlite": f"sqlite:///{Path(folder) / 'bench.sqlite'}", "postgresql": postgres}


def _compare(port: int, urls: dict[str, str], count: int) -> None:
    now = SystemClock().now()
    messages = [message_bytes(letter(1, number, **_values()), now) for number in range(1, count + 1)]
    shapes = [(name, connections) for name in urls for connections in OUR_CONNECTIONS]
    bare, ours = list[float](), {shape: list[float]() for shape in shapes}
    for _ in range(ROUNDS):
        bare.append(_seconds(lambda: _bare(port, messages, BARE_CONNECTIONS)))
        for name, connections in shapes:
            ours[name, connections].append(_ours(urls[name], port, count, connections))
    taken, size = statistics.median(bare), len(messages[0])
    print(f"send.bare.{BARE_CONNECTIONS}               {count / taken:8.0f} mails/s  {size} bytes each")
    for (name, connections), times in ours.items():
        seconds = statistics.median(times)
        print(
            f"send.outbox.{name}.{connections:<3}  {count / seconds:8.0f} mails/s  RATIO {taken / seconds:.3f} of bare"
        )


def main() -> None:
    """Compare and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MAILS
    with smtp_sink() as port, _databases() as urls:
        for url in urls.values():
            database = Database(url)
            schema.upgrade(database)
            database.close()
        _compare(port, urls, count)


if __name__ == "__main__":
    main()
