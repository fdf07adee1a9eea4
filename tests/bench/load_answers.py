"""Ten thousand answers from 64 clients, none lost and none double: `python -m tests.bench.load_answers [ANSWERS]`.

A real gunicorn with the options of `feedback-service web`; SQLite in FULL, then PostgreSQL with fsync. Every fifth
form is sent twice at the same time, as by a double press or a customer who presses again after a dropped connection.
Two in ten ratings are low and open a story each. It fails when an answer is missing, changed or double, when a
status is not 303, and when the slowest hundredth waited 20 times as long as the middle.
"""

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from feedback_service import schema
from feedback_service.bootstrap import Services, build
from feedback_service.hashing import token_digest
from feedback_service.settings import Settings, load_settings
from feedback_service.surveys.models import Answer, Invitation
from tests.support import load
from tests.support.builders import SECRET
from tests.support.invitations import invite_many
from tests.support.load import Load
from tests.support.postgres import running_postgres

ANSWERS = 10_000
CLIENTS = 64
MOST_TIMES_THE_MIDDLE = 20
THREADS = Settings.model_fields["web_threads"].default
_RATINGS = (5, 4, 1, 5, 3, 4, 5, 2, 4, 5)
_TWICE = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was sent, as the rating by token, and what came back."""

    sent: Mapping[str, int]
    load: Load


def answer_all(services: Services, count: int, clients: int) -> Outcome:
    """Invite so many customers and let as many clients answer for them at once."""
    sent = {token: _RATINGS[index % len(_RATINGS)] for index, token in enumerate(invite_many(services, count))}
    requests = []
    for index, (token, rating) in enumerate(sent.items()):
        form = {"rating": rating, "effort": 6, "reasons": "too_small", "text": f"Réponse {index}"}
        requests += [load.post(f"/s/{token}", form)] * (2 if index % _TWICE == 0 else 1)
    settings = services.settings
    environment = {
        "FEEDBACK_INSTANCE": str(settings.instance),
        "FEEDBACK_SECRET_KEY": SECRET,
        "FEEDBACK_DATABASE_URL": services.database.url.render_as_string(hide_password=False),
        "FEEDBACK_LOG_LEVEL": "error",
    }
    with load.gunicorn("feedback_service.wsgi:make()", environment, THREADS) as port:
        return Outcome(sent, load.drive(port, requests, clients))


def lost_or_wrong(services: Services, sent: Mapping[str, int]) -> list[str]:
    """Return the tokens whose answer is missing, double, or not what was sent; and rows that nobody sent."""
    with services.database.reading() as session:
        rows = session.execute(
            sa.select(Invitation.token_digest, Answer.rating).join(Answer, Answer.invitation_id == Invitation.id)
        ).all()
    found: dict[str, list[int | None]] = {}
    for digest, rating in rows:
        found.setdefault(digest, []).append(rating)
    wrong = [token for token, rating in sent.items() if found.pop(token_digest(token), []) != [rating]]
    return wrong + sorted(found)


def main() -> None:
    """Run on both databases; print and judge."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ANSWERS
    with tempfile.TemporaryDirectory() as name:
        _judge(Path(name), f"sqlite:///{Path(name) / 'feedback.sqlite'}", count)
    with tempfile.TemporaryDirectory() as name, running_postgres(durable=True) as url:
        _judge(Path(name), url, count)


def _judge(folder: Path, url: str, count: int) -> None:
    services = build(load_settings({}, instance=folder, secret_key=SECRET, database_url=url))
    schema.upgrade(services.database)
    outcome = answer_all(services, count, CLIENTS)
    wrong = lost_or_wrong(services, outcome.sent)
    refused = sorted(set(outcome.load.statuses) - {303})
    services.close()
    middle, late = outcome.load.quantile(0.5), outcome.load.quantile(0.99)
    print(
        f"{services.database.url.get_backend_name()}: {count} answers from {CLIENTS} clients, "
        f"{len(outcome.load.statuses)} forms, {outcome.load.rate:.0f}/s; lost, double or wrong: {len(wrong)}; "
        f"p50 {middle * 1000:.0f} ms, p99 {late * 1000:.0f} ms, {late / middle:.1f} times"
    )
    if wrong or refused or late >= MOST_TIMES_THE_MIDDLE * middle:
        sys.exit(f"failed: {len(wrong)} wrong, statuses {refused}")


if __name__ == "__main__":
    os.environ.pop("FEEDBACK_CONFIG", None)
    main()
