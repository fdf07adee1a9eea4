"""Kills sending processes at random moments and counts at the mail server: none lost, no customer's mail twice.

`python -m tests.bench.kill_senders [MAILS] [SEED]` prints one line for each of SQLite and PostgreSQL, by 1 and 4
senders of 1 and 4 connections, and ends with an error where a promise is broken. With the default of 5,000 mails each
line is of at least 100 kills. PostgreSQL writes through to the disk (`fsync=on`), as SQLite does.
"""

import contextlib
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from feedback_service import logs, schema
from feedback_service.db import Database
from feedback_service.mail.models import MailState
from tests.mail.killing import Outcome, Plan, run
from tests.support.postgres import running_postgres
from tests.support.smtp import recording_server

MAILS = 5000
MAILS_PER_KILL = 15
LEAST_KILLS = 100
SHAPES = ((1, 1), (1, 4), (4, 1), (4, 4))


@contextlib.contextmanager
def _fresh(kind: str, postgres: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'kills.sqlite'}"
        if kind == "postgresql":
            name = f"kills_{random.randrange(10**9)}"  # noqa: S311 - a name
            engine = sa.create_engine(postgres, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
            with engine.connect() as connection:
                connection.execute(sa.text(f"CREATE DATABASE {name}"))
            url = sa.make_url(postgres).set(database=name).render_as_string(hide_password=False)
        database = Database(url)
        schema.upgrade(database)
        database.close()
        yield url


def _tell(kind: str, plan: Plan, outcome: Outcome, seconds: float) -> None:
    flagged = outcome.states[MailState.AMBIGUOUS]
    print(
        f"kills.{kind:<10} {plan.senders} senders x {plan.connections} connections: {plan.mails} mails,"
        f" {outcome.kills} kills, lost {outcome.lost}, customers twice {outcome.customers_twice},"
        f" staff twice {outcome.staff_twice}, ambiguous {flagged} ({outcome.arrived} had arrived),"
        f" {flagged / outcome.kills:.2f} a kill; in doubt with staff's {len(outcome.doubtful)}, at most"
        f" {outcome.most_at_once} a kill and {outcome.most_in_one_hand} a connection and kill; in {seconds:.0f} s",
        flush=True,
    )


def main() -> None:
    """Kill, count, print, and assert."""
    mails, seed = (*map(int, sys.argv[1:]), *(MAILS, 20261126)[len(sys.argv) - 1 :])
    logs.configure("error", "text")
    with running_postgres(durable=True) as postgres:
        for senders, connections in SHAPES:
            for kind in ("sqlite", "postgresql"):
                plan = Plan(mails, senders, connections, MAILS_PER_KILL)
                with _fresh(kind, postgres) as url, recording_server() as server:
                    began = time.monotonic()
                    outcome = run(url, server, plan, seed)
                _tell(kind, plan, outcome, time.monotonic() - began)
                outcome.check(plan)
                assert mails < MAILS or outcome.kills >= LEAST_KILLS


if __name__ == "__main__":
    main()
