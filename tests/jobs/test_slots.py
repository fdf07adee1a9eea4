"""A job runs once in each slot, whoever runs it, and an error stays its own."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.errors import NotFoundError, OutsideError
from feedback_service.ticks import JobRun
from jobs import registry
from jobs.registry import Job
from jobs.runs import last_finished, run_recorded
from jobs.scheduler import Ticker


@dataclass(frozen=True)
class CountingJob(Job):
    """A job that counts its runs and does as much as it is told."""

    name: str = "counting"
    every: timedelta = timedelta(minutes=1)
    does: str = "counts"
    does_now: int | Exception = 0
    runs: list[datetime] = field(default_factory=list)

    def run(self, services: Services) -> int:
        """Count."""
        self.runs.append(services.clock.now())
        if isinstance(self.does_now, Exception):
            raise self.does_now
        return self.does_now


def _runs(services: Services) -> list[JobRun]:
    with services.database.reading() as session:
        return list(session.scalars(sa.select(JobRun).order_by(JobRun.id)))


def test_of_two_processes_one_runs_the_slot(services: Services, clock: ManualClock) -> None:
    job = CountingJob()
    here, there = Ticker(services), Ticker(services)

    ran = [here.tick(job), there.tick(job), here.tick(job)]
    clock.advance(timedelta(minutes=1))
    ran += [there.tick(job), here.tick(job)]

    assert ran == [True, False, False, True, False]
    assert len(job.runs) == 2


def test_an_error_is_recorded_and_stops_nothing(services: Services) -> None:
    ticker = Ticker(services)

    assert ticker.tick(
        CountingJob("broken", does_now=OSError("https://feedback.example.com/s/abcdefghijklmnopqrstuvwxyz"))
    )
    assert ticker.tick(CountingJob("sound", does_now=3))

    broken, sound = _runs(services)
    assert broken.error == "OSError: https://feedback.example.com/s/***"
    assert broken.finished_at is not None
    assert (sound.done, sound.error) == (3, None)


def test_an_error_of_ours_is_told_in_a_sentence_and_a_fault_with_its_traceback(services: Services) -> None:
    down = OutsideError("The mail server is away. Mails wait.", subject="mail.example.com", permanent=False)

    with capture_logs() as lines:
        outcome = run_recorded(services, CountingJob(does_now=down))
        run_recorded(services, CountingJob(does_now=ZeroDivisionError("three by zero")))

    assert outcome.error == "The mail server is away. Mails wait."
    told, fault = lines
    assert told["why"] == "The mail server is away. Mails wait."
    assert "exc_info" not in told
    assert fault["exc_info"]


def test_of_idle_runs_only_the_latest_is_kept(services: Services, clock: ManualClock) -> None:
    run_recorded(services, CountingJob(does_now=2))
    for _ in range(3):
        clock.advance(timedelta(minutes=1))
        run_recorded(services, CountingJob())

    assert [run.done for run in _runs(services)] == [2, 0]
    assert last_finished(services) == {"counting": (clock.now(), None)}


def test_a_process_that_is_asked_to_end_starts_nothing(services: Services) -> None:
    services.stopping.set()
    job = CountingJob()

    assert not Ticker(services).tick(job)
    assert job.runs == []


def test_a_database_that_is_away_is_no_reason_to_end(services: Services) -> None:
    job = CountingJob()
    with services.database.writing() as session:
        session.execute(sa.text("ALTER TABLE job_tick RENAME TO job_tick_away"))
    assert not Ticker(services).tick(job)

    with services.database.writing() as session:
        session.execute(sa.text("ALTER TABLE job_tick_away RENAME TO job_tick"))
    assert Ticker(services).tick(job)


def test_a_tick_without_its_database_is_told_in_a_sentence(services: Services) -> None:
    lost = Database("postgresql+psycopg://feedback:secret@127.0.0.1:9/none")

    with capture_logs() as lines:
        assert not Ticker(replace(services, database=lost)).tick(CountingJob())

    [told] = lines
    assert "cannot be used" in told["why"]
    assert "secret" not in told["why"]
    assert "exc_info" not in told


def test_every_job_has_a_module_that_runs_on_an_empty_installation(services: Services) -> None:
    for job in registry.JOBS:
        if job.name != "send_mail":  # it needs a mail server
            assert job.run(services) == 0


def test_an_unknown_job_is_told_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match=r"no job 'sned_mail'.*send_mail, read_mail, send_surveys"):
        registry.find("sned_mail")


def test_the_pace_shortens_the_slots_down_to_a_second() -> None:
    job = registry.find("send_mail")

    assert job.interval(1) == timedelta(seconds=10)
    assert job.interval(5) == timedelta(seconds=2)
    assert job.interval(3600) == timedelta(seconds=1)
