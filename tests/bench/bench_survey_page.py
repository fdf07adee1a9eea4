"""How fast the survey page is: `python -m tests.bench.bench_survey_page`.

Two gunicorn servers with the same options (one worker, gthread) on this machine: our application and a Flask
application that says hello. The same client asks both in turn, so that the ratio means something where the
absolute figures do not. Every POST answers a survey of its own and is on disk before its thanks: SQLite in FULL,
PostgreSQL with fsync.
"""

import contextlib
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from feedback_service import schema
from feedback_service.bootstrap import build
from feedback_service.settings import Settings, load_settings
from tests.support import load
from tests.support.builders import SECRET
from tests.support.invitations import invite_many
from tests.support.load import Load
from tests.support.postgres import running_postgres

ROUNDS = 5
REQUESTS = 1500
CLIENTS = 16
THREADS = Settings.model_fields["web_threads"].default
_FORM: dict[str, object] = {"rating": 4, "effort": 6, "reasons": "too_small", "text": "Une lampe un peu petite."}
# Two in ten are low, and open a story each.
_RATINGS = (5, 4, 1, 5, 3, 4, 5, 2, 4, 5)
_TARGETS = {"survey GET": 0.5, "survey POST": 0.3}


def hello() -> Flask:
    """Make the application to compare with."""
    app = Flask("hello")
    app.add_url_rule("/", "hello", lambda: "hello")
    return app


@dataclass(frozen=True, slots=True)
class Round:
    """One look at each, taken one after the other."""

    loads: dict[str, Load]

    def ratio(self, name: str) -> float:
        """Return the rate of `name` by that of the bare hello of the same round."""
        return self.loads[name].rate / self.loads["bare hello"].rate


def main() -> None:
    """Measure and print, in requests a second and as a ratio to the bare hello."""
    for kind in sys.argv[1:] or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as name, _database(kind, Path(name)) as url:
            _report(kind, _measure(Path(name), url))


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'feedback.sqlite'}"
        return
    with running_postgres(durable=True) as url:
        yield url


def _measure(folder: Path, url: str) -> list[Round]:
    services = build(load_settings({}, instance=folder, secret_key=SECRET, database_url=url))
    schema.upgrade(services.database)
    tokens = iter(invite_many(services, 2 * ROUNDS * REQUESTS))
    services.close()
    environment = {"FEEDBACK_INSTANCE": str(folder), "FEEDBACK_SECRET_KEY": SECRET, "FEEDBACK_DATABASE_URL": url}
    with (
        load.gunicorn("tests.bench.bench_survey_page:hello()", {}, THREADS) as bare,
        load.gunicorn("feedback_service.wsgi:make()", environment, THREADS) as ours,
    ):
        return [_round(bare, ours, tokens) for _ in range(ROUNDS)]


def _round(bare: int, ours: int, tokens: Iterator[str]) -> Round:
    plain, mixed = ([next(tokens) for _ in range(REQUESTS)] for _ in range(2))
    posts = [load.post(f"/s/{token}", _FORM) for token in plain]
    ratings = [_RATINGS[number % len(_RATINGS)] for number in range(REQUESTS)]
    mixed_posts = [
        load.post(f"/s/{token}", _FORM | {"rating": rating}) for token, rating in zip(mixed, ratings, strict=True)
    ]
    return Round(
        {
            "bare hello": _drive(bare, [load.get("/")] * REQUESTS, 200),
            "survey GET": _drive(ours, [load.get(f"/s/{token}?r=4") for token in plain], 200),
            "survey POST": _drive(ours, posts, 303),
            "POST, 2 in 10 low": _drive(ours, mixed_posts, 303),
        }
    )


def _drive(port: int, requests: list[bytes], status: int) -> Load:
    done = load.drive(port, requests, CLIENTS)
    others = sorted(set(done.statuses) - {status})
    if others:
        message = f"Some answers were not {status}: {others}"
        raise RuntimeError(message)
    return done


def _report(kind: str, rounds: list[Round]) -> None:
    print(f"{kind}, {CLIENTS} clients, {THREADS} threads, median of {len(rounds)} rounds")
    for name in rounds[0].loads:
        rate = statistics.median(each.loads[name].rate for each in rounds)
        ratio = statistics.median(each.ratio(name) for each in rounds)
        middle, late = (
            statistics.median(each.loads[name].quantile(share) for each in rounds) * 1000 for share in (0.5, 0.99)
        )
        target = f" (target {_TARGETS[name]})" if name in _TARGETS else ""
        print(
            f"{name:18} {rate:7.0f} requests/s, {ratio:.2f} of the bare hello{target}; "
            f"p50 {middle:.1f} ms, p99 {late:.1f} ms, {late / middle:.1f} times"
        )


if __name__ == "__main__":
    main()
