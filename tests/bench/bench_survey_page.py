"""How fast the survey page is: `python -m tests.bench.bench_survey_page`.

Two gunicorn servers with the same options (one worker, gthread, SQLite) on this machine: our application
and a Flask application that says hello. The same client asks both in turn, so that the ratio means
something where the absolute figures do not. Every POST answers a survey of its own and is on disk (FULL).
"""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask

from feedback_service import schema
from feedback_service.bootstrap import build
from feedback_service.hashing import new_token, token_digest
from feedback_service.settings import load_settings
from feedback_service.surveys.models import Invitation
from tests.support.builders import SECRET, make_return, make_shop

SURVEYS = 600
CLIENTS = 4
ROUNDS = 3
_READY_SECONDS = 20
_FORM = urlencode({"rating": 4, "effort": 6, "reasons": "too_small", "text": "Une lampe un peu petite."})


def hello() -> Flask:
    """Make the application to compare with."""
    app = Flask("hello")
    app.add_url_rule("/", "hello", lambda: "hello")
    return app


def main() -> None:
    """Measure and print, in requests a second and as a ratio to the bare hello."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tokens = _prepare(folder)
        with (
            _serving("tests.bench.bench_survey_page:hello()", folder) as bare,
            _serving("feedback_service.wsgi:make()", folder) as ours,
        ):
            size = SURVEYS // ROUNDS
            shares = [tokens[start : start + size] for start in range(0, SURVEYS, size)]
            plain, get, post = [], [], []
            for share in shares:
                plain.append(_rate(bare, "GET", ["/"] * size, 200))
                get.append(_rate(ours, "GET", [f"/s/{token}?r=4" for token in share], 200))
                post.append(_rate(ours, "POST", [f"/s/{token}" for token in share], 303))
    base = max(plain)
    print(f"bare hello   {base:8.0f} requests/s")
    print(f"survey GET   {max(get):8.0f} requests/s, {max(get) / base:.2f} of the bare hello")
    print(f"survey POST  {max(post):8.0f} requests/s, {max(post) / base:.2f} of the bare hello")


def _prepare(folder: Path) -> list[str]:
    services = build(load_settings({}, instance=folder, secret_key=SECRET))
    schema.upgrade(services.database)
    now = datetime.now(UTC)
    tokens = [new_token() for _ in range(SURVEYS)]
    with services.database.writing() as session:
        shop = make_shop(session)
        for number, token in enumerate(tokens):
            returned = make_return(session, shop, external_id=f"R-{number}")
            session.add(
                Invitation(
                    shop_id=shop.id,
                    return_id=returned.id,
                    token_digest=token_digest(token),
                    recipient_key=str(number),
                    language="fr",
                    created_at=now,
                    expires_at=now + timedelta(days=30),
                )
            )
    services.close()
    return tokens


@contextlib.contextmanager
def _serving(application: str, folder: Path) -> Iterator[int]:
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "1", "--threads", "8"]
    command += ["--keep-alive", "30", "--log-level", "error", "--bind", f"127.0.0.1:{port}", application]
    environment = {"FEEDBACK_INSTANCE": str(folder), "FEEDBACK_SECRET_KEY": SECRET, "PATH": os.environ["PATH"]}
    with subprocess.Popen(command, env=environment) as server:
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _rate(port: int, method: str, paths: Sequence[str], status: int) -> float:
    """Return requests per second of `CLIENTS` clients that share `paths`; every answer must have `status`."""
    failures: list[int] = []

    def work(mine: Sequence[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        for path in mine:
            connection.request(method, path, _FORM if method == "POST" else None, headers)
            response = connection.getresponse()
            response.read()
            if response.status != status:
                failures.append(response.status)
        connection.close()

    threads = [threading.Thread(target=work, args=(paths[start::CLIENTS],)) for start in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    if failures:
        message = f"{len(failures)} answers were not {status}: {sorted(set(failures))}"
        raise RuntimeError(message)
    return len(paths) / elapsed


if __name__ == "__main__":
    main()
