"""`feedback-service mail-in`: from a pipe, and `--dry-run` on files."""

import json
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.mail.models import IncomingMail, OutboxMail, Suppression
from feedback_service.settings import Settings
from tests.inbound.conftest import BOUNCES
from tests.support.commands import environment, free_port, run
from tests.support.returned_mail import complaint, delivery_report, written


def _piped(raw: bytes, settings: Settings, **changes: object) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "feedback_service", "mail-in"]
    environ = environment(settings, bounce_address=BOUNCES, **changes)
    return subprocess.run(command, input=raw, env=environ, capture_output=True, timeout=120, check=False)


def test_a_mail_from_a_pipe_is_taken_in_once(services: Services, settings: Settings, survey: OutboxMail) -> None:
    first, second = (_piped(delivery_report(survey), settings) for _ in range(2))

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert b"hard, about a mail of ours." in first.stderr
    assert b"known already" in second.stderr
    with services.database.reading() as session:
        assert len(session.scalars(sa.select(IncomingMail)).all()) == 1
        assert len(session.scalars(sa.select(Suppression)).all()) == 1


def test_while_the_database_is_away_the_mail_server_is_asked_to_come_again(settings: Settings) -> None:
    away = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    done = _piped(b"Subject: x\r\n\r\n", settings, database_url=away)

    assert done.returncode == 75
    assert b"Traceback" not in done.stderr


def test_wrong_settings_lose_no_mail(settings: Settings) -> None:
    done = _piped(b"Subject: x\r\n\r\n", settings, smtp_port="none")

    assert done.returncode == 75
    assert b"smtp_port" in done.stderr


def test_a_dry_run_says_what_files_are_and_needs_nothing(tmp_path: Path) -> None:
    mail = OutboxMail(
        id=1,
        recipient="ines@example.com",
        return_path="b@example.com",
        message_id="<1@x.example>",
        subject="s",
        sender="a",
    )
    full = ("5.2.2", "smtp; 552 5.2.2 full")
    files = {
        "hard": delivery_report(mail), "soft": delivery_report(mail, *full), "complaint": complaint(mail),
        "auto-reply": written(mail, "Absent", headers="Auto-Submitted: auto-replied\n"), "none": written(mail, "Merci"),
        "policy": delivery_report(mail, "5.7.1", "smtp; 550 5.7.1 no"),
    }  # fmt: skip
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
    done = run("mail-in", "--dry-run", *(str(tmp_path / name) for name in files), environ={"PATH": "/usr/bin"})

    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["class"] for line in lines] == list(files)
    assert lines[0] == {
        "file": str(tmp_path / "hard"), "class": "hard", "status": "5.1.1", "recipients": ["ines@example.com"]
    }  # fmt: skip
    assert lines[4] == {"file": str(tmp_path / "none"), "class": "none", "recipients": []}


def test_a_file_that_cannot_be_read_is_told_in_its_line(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    names = [str(tmp_path / "missing"), str(tmp_path), str(tmp_path / "empty")]
    done = run("mail-in", "--dry-run", *names, environ={"PATH": "/usr/bin"})

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [("error" in line, line["class"], line["recipients"]) for line in lines] == [
        (True, "none", []), (True, "none", []), (False, "none", []),
    ]  # fmt: skip


def test_files_without_dry_run_are_an_error_in_words() -> None:
    done = run("mail-in", "somefile", environ={"PATH": "/usr/bin"})

    assert done.returncode == 2
    assert "only looked at with --dry-run" in done.stderr
