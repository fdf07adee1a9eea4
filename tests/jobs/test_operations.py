"""`doctor` says what to do, `backup` copies a database that is in use."""

import contextlib
import sqlite3
import stat
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.cli import checks
from feedback_service.clock import SystemClock
from feedback_service.db import Database
from feedback_service.mail.models import Audience, MailState, OutboxMail
from feedback_service.settings import Settings
from feedback_service.shops.models import Role, Shop
from feedback_service.ticks import JobRun
from jobs.registry import JOBS
from tests.support.builders import make_shop, make_staff
from tests.support.commands import environment, free_port, run
from tests.support.mail_catcher import catching
from tests.support.postgres import programs_folder


def _healthy(services: Services) -> None:
    now = SystemClock().now()
    with services.database.writing() as session:
        make_staff(session, make_shop(session), role=Role.ADMIN)
        session.add_all([JobRun(job=job.name, started_at=now, finished_at=now, done=0) for job in JOBS])


def _mail(shop: Shop, now: datetime, **values: Any) -> OutboxMail:  # noqa: ANN401 - any column
    defaults: dict[str, Any] = {
        "kind": "survey",
        "audience": Audience.CUSTOMER,
        "cause": "old",
        "message_id": "<old@example.com>",
        "state": MailState.QUEUED,
        "sender": "a@example.com",
        "recipient": "b@example.com",
        "recipient_key": "b",
        "subject": "",
        "created_at": now,
        "due_at": now,
    }
    return OutboxMail(shop_id=shop.id, **(defaults | values))


def test_doctor_has_nothing_to_say_where_all_is_well(services: Services, settings: Settings) -> None:
    _healthy(services)
    with catching() as catcher:
        done = run("doctor", "--local", environ=environment(settings, smtp_port=catcher.port, jobs_pace=1))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "!!" not in done.stdout
    assert "All have run lately" in done.stdout


def test_doctor_says_what_to_do(services: Services, settings: Settings) -> None:
    port = free_port()
    with services.database.writing() as session:
        shop = make_shop(session)
        session.add(_mail(shop, services.clock.now() - timedelta(days=400)))

    environ = environment(settings, smtp_port=port, public_url="http://127.0.0.1:8000")
    done = run("doctor", "--local", environ=environ)

    assert done.returncode == 1
    for words in (
        "Nobody can sign in", "feedback-service staff add", "is this computer only", f"127.0.0.1:{port}",
        "Have not run lately: send_mail", "1 have waited for more than an hour",
    ):  # fmt: skip
        assert words in done.stdout


@pytest.mark.parametrize(
    ("role", "wants_alerts", "told"),
    [(Role.AGENT, True, True), (Role.ADMIN, True, True), (Role.MANAGER, True, False), (Role.AGENT, False, False)],
)
def test_doctor_names_shops_in_which_nobody_is_alerted(
    services: Services,
    role: Role,
    wants_alerts: bool,  # noqa: FBT001 - a table column
    told: bool,  # noqa: FBT001 - a table column
) -> None:
    with services.database.writing() as session:
        make_staff(session, make_shop(session), role=role, wants_alerts=wants_alerts)

    finding = checks.check_alerts(services)

    assert bool(finding.to_do) is not told
    assert ("atelier" in finding.found) is not told


def test_doctor_says_what_to_do_about_failed_and_doubtful_mails(services: Services) -> None:
    _healthy(services)
    assert not checks.check_waiting_mails(services).to_do
    with services.database.writing() as session:
        shop = session.scalars(sa.select(Shop)).one()
        for number, state in enumerate((MailState.FAILED, MailState.FAILED, MailState.AMBIGUOUS)):
            session.add(_mail(shop, services.clock.now(), state=state, cause=str(number), message_id=f"<{number}@a>"))

    finding = checks.check_waiting_mails(services)

    assert finding.found == "0 wait; in the last 7 days 2 failed, 1 may have arrived."
    assert "2 were refused for good" in finding.to_do
    assert "1 may have arrived: docs/mail.md" in finding.to_do


def test_doctor_says_that_the_database_is_away(tmp_path: Path, settings: Settings) -> None:
    done = run("doctor", environ=environment(settings, database_url=f"sqlite:///{tmp_path}/none/at/all.sqlite"))

    assert done.returncode == 1
    assert "cannot be reached" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_of_sqlite_holds_everything_and_overwrites_nothing(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    target = tmp_path / "copy.sqlite"
    with database.writing() as session:
        make_shop(session)
        session.commit()
        done = run("backup", str(target), environ=environment(settings))
    again = run("backup", str(target), environ=environment(settings))

    assert done.returncode == 0, done.stderr
    with contextlib.closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT slug FROM shop").fetchall() == [("atelier",)]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert again.returncode == 2
    assert "never overwrites" in again.stderr
    assert list(tmp_path.glob(".copy*")) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_backup_of_postgresql_names_the_command_where_pg_dump_is_missing(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("backup", str(tmp_path / "copy.dump"), environ=environment(settings) | {"PATH": str(tmp_path / "empty")})

    assert done.returncode == 2
    assert "pg_dump --format=custom --file=FILE" in done.stderr
    assert list(tmp_path.glob("*copy*")) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_backup_of_postgresql_is_one_that_pg_restore_reads(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    with database.writing() as session:
        make_shop(session)
    target, programs = tmp_path / "copy.dump", programs_folder() / "bin"
    done = run("backup", str(target), environ=environment(settings) | {"PATH": str(programs)})

    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    rows = subprocess.run(
        [programs / "pg_restore", "--data-only", "--table=shop", "--file=-", target],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Atelier Lumen" in rows.stdout


def test_a_backup_that_cannot_be_written_says_so(settings: Settings) -> None:
    done = run("backup", "/nowhere/copy.sqlite", environ=environment(settings))

    assert done.returncode == 2
    assert "cannot be written to /nowhere/copy.sqlite" in done.stderr
