"""The engine of the jobs: APScheduler in memory. No other file knows it.

Any number of processes may run it: each slot of a job is taken by the first process that writes its
row (`feedback_service.ticks`), so no leader is needed and nothing is done twice.
"""

import logging
import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from feedback_service.bootstrap import Services
from feedback_service.errors import DatabaseUnavailableError
from feedback_service.ticks import slot_of, take_slot
from jobs import urgent_mail
from jobs.registry import JOBS, Job
from jobs.runs import run_recorded

_LONGEST_WAIT = timedelta(seconds=30)
_MISFIRE_SECONDS = 3600

log = structlog.get_logger()


class Ticker:
    """Runs a job in each slot that this process is the first to take."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._last_slot: dict[str, datetime] = {}

    def tick(self, job: Job) -> bool:
        """Run `job` if its present slot is free; True when it ran here. Never raises."""
        every = job.interval(self._services.settings.jobs_pace)
        slot = slot_of(self._services.clock.now(), every)
        if self._services.stopping.is_set() or self._last_slot.get(job.name) == slot:
            return False
        try:
            taken = take_slot(self._services.database, job.name, slot)
            self._last_slot[job.name] = slot
            if taken:
                run_recorded(self._services, job)
        except DatabaseUnavailableError as error:
            # The next tick tries again.
            log.error("tick failed", job=job.name, why=str(error))  # noqa: TRY400 - the sentence says all
            return False
        except Exception:
            log.exception("tick failed", job=job.name)
            return False
        return taken


def serve(services: Services) -> None:
    """Run the jobs until `services.stopping` is set; then let those at work finish and return."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(len(JOBS))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _MISFIRE_SECONDS},
    )
    ticker = Ticker(services)
    for job in JOBS:
        # Twice as often as the slots change, so that no slot is missed; a slot already seen costs nothing.
        wait = min(_LONGEST_WAIT, job.interval(services.settings.jobs_pace) / 2)
        scheduler.add_job(
            partial(ticker.tick, job),
            "interval",
            seconds=wait.total_seconds(),
            next_run_time=datetime.now(UTC),  # the engine keeps the machine's time
            id=job.name,
        )
    urgent = threading.Thread(target=urgent_mail.serve, args=(services,), name="urgent-mail")
    urgent.start()
    scheduler.start()
    log.info("jobs started", jobs=[job.name for job in JOBS])
    services.stopping.wait()
    scheduler.shutdown(wait=True)
    urgent.join()
    log.info("jobs ended")
