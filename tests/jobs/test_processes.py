"""The commands as processes: two at once, killed, asked to end, wrongly set."""

import signal
import socket
import subprocess
from pathlib import Path

import httpx
import psutil
import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.mail.models import MailState, OutboxMail
from feedback_service.settings import Settings
from feedback_service.ticks import JobTick
from jobs.registry import JOBS
from tests.support.builders import make_shop
from tests.support.commands import ended, environment, eventually, free_port, run, running
from tests.support.letters import return_letter
from tests.support.mail_catcher import MailCatcher, catching

pytestmark = pytest.mark.slow
MAILS = 25


def _queue_mails(services: Services) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        for number in range(MAILS):
            address, now = f"customer{number}@example.com", services.clock.now()
            letter = return_letter(shop, address, now, cause=f"test:{number}")
            services.outbox.post(session, letter, services.clock.now())


def _unsent(services: Services) -> int:
    with services.database.reading() as session:
        left = sa.select(sa.func.count()).where(OutboxMail.state.in_((MailState.QUEUED, MailState.SENDING)))
        return session.scalar(left) or 0


def _arrived_once(catcher: MailCatcher) -> bool:
    return sorted(catcher.recipients) == sorted(f"customer{number}@example.com" for number in range(MAILS))


def test_two_processes_started_by_mistake_send_nothing_twice(services: Services, settings: Settings) -> None:
    _queue_mails(services)
    with catching() as catcher:
        environ = environment(settings, smtp_port=catcher.port)
        with running("jobs", environ=environ) as one, running("jobs", environ=environ) as other:
            eventually(lambda: not _unsent(services))
            assert (ended(one), ended(other)) == (0, 0)
        assert _arrived_once(catcher)
    with services.database.reading() as session:
        slots = session.execute(sa.select(JobTick.job, JobTick.slot)).all()
    assert len(slots) == len(set(slots)) > 0


def test_a_killed_process_loses_no_mail_and_sends_none_twice(services: Services, settings: Settings) -> None:
    _queue_mails(services)
    with catching(seconds_each=0.05) as catcher:
        environ = environment(settings, smtp_port=catcher.port, smtp_timeout=1)
        with running("jobs", environ=environ) as process:
            eventually(lambda: len(catcher.recipients) > MAILS // 4)
            assert ended(process, signal.SIGKILL) == -signal.SIGKILL
        with running("jobs", environ=environ) as process:
            eventually(lambda: not _unsent(services))
            assert ended(process) == 0
        assert len(set(catcher.recipients)) == len(catcher.recipients)
    with services.database.reading() as session:
        flagged = session.scalars(sa.select(OutboxMail.recipient).where(OutboxMail.state == MailState.AMBIGUOUS)).all()
    # One for each connection that the killed process had.
    assert len(flagged) <= settings.smtp_connections
    expected = {f"customer{number}@example.com" for number in range(MAILS)}
    assert set(catcher.recipients) | set(flagged) == expected


def test_sigterm_finishes_the_mail_in_hand(services: Services, settings: Settings) -> None:
    _queue_mails(services)
    with catching(seconds_each=0.2) as catcher:
        with running("jobs", environ=environment(settings, smtp_port=catcher.port)) as process:
            eventually(lambda: catcher.recipients)
            assert ended(process) == 0
        with services.database.reading() as session:
            states = set(session.scalars(sa.select(OutboxMail.state)))
            sent = session.scalar(sa.select(sa.func.count()).where(OutboxMail.state == MailState.SENT))
        assert states == {MailState.QUEUED, MailState.SENT}
        assert sent == len(catcher.recipients)


def test_run_serves_pages_and_jobs_and_restarts_a_dead_web(services: Services, settings: Settings) -> None:
    _queue_mails(services)
    port = free_port()
    with catching() as catcher:
        environ = environment(settings, smtp_port=catcher.port, web_port=port)
        with running("run", environ=environ) as process:
            eventually(lambda: _is_served(port))
            eventually(lambda: not _unsent(services))
            web = psutil.Process(process.pid).children()[0]
            web.kill()
            eventually(lambda: not psutil.pid_exists(web.pid) or web.status() == psutil.STATUS_ZOMBIE)
            eventually(lambda: _is_served(port))
            family = psutil.Process(process.pid).children(recursive=True)
            assert ended(process) == 0
        gone, alive = psutil.wait_procs(family, 10)
        assert not alive, gone
        assert _arrived_once(catcher)


def test_web_ends_with_the_process_that_started_it(settings: Settings) -> None:
    port = free_port()
    with catching() as catcher:
        with running("run", environ=environment(settings, smtp_port=catcher.port, web_port=port)) as process:
            eventually(lambda: _is_served(port))
            family = psutil.Process(process.pid).children(recursive=True)
            assert ended(process, signal.SIGKILL) == -signal.SIGKILL
        _, alive = psutil.wait_procs(family, 20)
        assert not alive


def _is_served(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def test_job_runs_one_job_once_and_says_what_it_did(settings: Settings) -> None:
    done = run("job", "prune", environ=environment(settings))

    assert (done.returncode, done.stdout) == (0, "prune: 0 done.\n")


def test_job_lists_the_jobs_with_what_they_do_and_how_often(tmp_path: Path) -> None:
    listed = run("job", "--list", environ={"FEEDBACK_INSTANCE": str(tmp_path)})

    assert listed.returncode == 0, listed.stderr
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [job.name for job in JOBS]
    for job in JOBS:
        assert job.often in listed.stdout
        assert job.does in listed.stdout


def test_job_without_a_name_says_how_to_find_one(tmp_path: Path) -> None:
    refused = run("job", environ={"FEEDBACK_INSTANCE": str(tmp_path)})

    _assert_sentence(refused, "`feedback-service job --list` shows them")


def test_job_says_why_it_failed_in_one_sentence_and_loses_nothing(settings: Settings, services: Services) -> None:
    _queue_mails(services)

    failed = run("job", "send_mail", environ=environment(settings, smtp_port=free_port(), log_level="error"))

    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    logged, told = failed.stderr.splitlines()
    assert "cannot be used" in logged
    assert told.startswith("send_mail: The mail server 127.0.0.1")
    assert _unsent(services) == MAILS


def test_a_database_that_is_lost_is_told_by_every_command(tmp_path: Path) -> None:
    environ = {
        "FEEDBACK_INSTANCE": str(tmp_path),
        "FEEDBACK_SECRET_KEY": "a-secret-only-for-tests-0123456789",
        "FEEDBACK_DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:9/none",
    }
    (tmp_path / "orders.csv").write_text("order_id\n", encoding="utf-8")
    for command in (("job", "send_mail"), ("import", "orders", str(tmp_path / "orders.csv")), ("scan",)):
        _assert_sentence(run(*command, environ=environ), "cannot be reached")


@pytest.mark.parametrize("command", ["web", "run"])
def test_a_port_that_is_taken_stops_the_start_with_a_sentence(settings: Settings, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run(command, environ=environment(settings, web_port=port))

    _assert_sentence(refused, f"Cannot listen on 127.0.0.1:{port}")


def _assert_sentence(refused: "subprocess.CompletedProcess[str]", words: str) -> None:
    assert refused.returncode == 2
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("command", ["web", "jobs", "run", "doctor"])
def test_a_wrong_setting_stops_the_start_with_its_id(tmp_path: Path, command: str) -> None:
    environ = {"FEEDBACK_INSTANCE": str(tmp_path), "FEEDBACK_SECRET_KEY": "short", "FEEDBACK_SMPT_HOST": "localhost"}

    refused = run(command, environ=environ)

    _assert_sentence(refused, "[settings.unknown] The environment variable FEEDBACK_SMPT_HOST is not a setting.")
    assert "[settings.secret_key.invalid]" in refused.stderr


@pytest.mark.parametrize("command", ["web", "jobs", "run"])
@pytest.mark.parametrize(
    "url",
    ["postgresql://nobody:secret@127.0.0.1:9/none", "sqlite:////nowhere/at/all.sqlite"],
    ids=["postgresql", "sqlite"],
)
def test_a_database_that_cannot_be_reached_stops_the_start(tmp_path: Path, command: str, url: str) -> None:
    environ = {
        "FEEDBACK_INSTANCE": str(tmp_path),
        "FEEDBACK_SECRET_KEY": "a-secret-only-for-tests-0123456789",
        "FEEDBACK_DATABASE_URL": url,
    }

    refused = run(command, environ=environ)

    _assert_sentence(refused, "cannot be reached")
    assert "secret@" not in refused.stderr
