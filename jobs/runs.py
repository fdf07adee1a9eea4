"""One run of a job, written down for the operator: when, how much it did, what went wrong."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog

from feedback_service.bootstrap import Services
from feedback_service.errors import FeedbackError
from feedback_service.logs import mask_tokens
from feedback_service.ticks import JobRun
from jobs.registry import Job

_LONGEST_ERROR = 2000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: `done` items, or an error in words."""

    done: int
    error: str | None = None


def run_recorded(services: Services, job: Job) -> Outcome:
    """Run `job` once and write it down. An error of the job is logged and recorded, never raised.

    An error of ours is a sentence for the operator and makes one line of the log; a fault of this program
    comes with its traceback. Raises `DatabaseUnavailableError` when the run cannot be written down.
    """
    run_id = _begin(services, job)
    try:
        outcome = Outcome(job.run(services))
    except FeedbackError as error:
        log.error("job failed", job=job.name, why=str(error))  # noqa: TRY400 - the sentence says all
        outcome = Outcome(0, mask_tokens(str(error))[:_LONGEST_ERROR])
    except Exception as error:
        log.exception("job failed", job=job.name)
        outcome = Outcome(0, mask_tokens(f"{type(error).__name__}: {error}")[:_LONGEST_ERROR])
    _finish(services, job, run_id, outcome)
    if outcome.done:
        log.info("job done", job=job.name, done=outcome.done)
    return outcome


def _begin(services: Services, job: Job) -> int:
    with services.database.writing() as session:
        run = JobRun(job=job.name, started_at=services.clock.now())
        session.add(run)
        session.flush()
        return run.id


def _finish(services: Services, job: Job, run_id: int, outcome: Outcome) -> None:
    with services.database.writing() as session:
        session.execute(
            sa.update(JobRun)
            .where(JobRun.id == run_id)
            .values(finished_at=services.clock.now(), done=outcome.done, error=outcome.error)
        )
        # Of the runs that found nothing to do only the latest says something.
        idle = (JobRun.job == job.name, JobRun.done == 0, JobRun.error.is_(None), JobRun.id < run_id)
        session.execute(sa.delete(JobRun).where(*idle))


def last_finished(services: Services) -> dict[str, tuple[datetime, str | None]]:
    """Return when each job last finished, and the error of that run if it had one."""
    latest = sa.select(sa.func.max(JobRun.id)).where(JobRun.finished_at.is_not(None)).group_by(JobRun.job)
    with services.database.reading() as session:
        runs = session.scalars(sa.select(JobRun).where(JobRun.id.in_(latest))).all()
    return {run.job: (run.finished_at, run.error) for run in runs if run.finished_at}
