"""The jobs by name: what each does and how often. A job is a module with `run(services) -> int`."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from feedback_service.bootstrap import Services
from feedback_service.errors import NotFoundError

_LEAST_INTERVAL = timedelta(seconds=1)
_UNITS = ((86_400, "day"), (3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True)
class Job:
    """One job: `every` is the length of its slots, of which each is run by one process only."""

    name: str
    every: timedelta
    does: str

    @property
    def often(self) -> str:
        """How often the job runs at the pace of every day, in words such as '5 min'."""
        seconds = int(self.every.total_seconds())
        return next(f"{seconds // unit} {name}" for unit, name in _UNITS if seconds % unit == 0)

    def interval(self, pace: int) -> timedelta:
        """Return how often the job runs at that pace (`jobs_pace`), at most once a second."""
        return max(_LEAST_INTERVAL, self.every / pace)

    def run(self, services: Services) -> int:
        """Do what is due; return how much was done. The module is loaded at the first run."""
        module = importlib.import_module(f"jobs.{self.name}")
        return cast("Callable[[Services], int]", module.run)(services)


JOBS = (
    Job("send_mail", timedelta(seconds=10), "sends the mails of the outbox that are due"),
    Job("read_mail", timedelta(minutes=5), "reads the mailbox that bounces and replies come to"),
    Job("send_surveys", timedelta(minutes=5), "queues the surveys and the reminders that are due"),
    Job("scan_sources", timedelta(minutes=1), "reads the sources that are due and opens stories"),
    Job("renew_websub", timedelta(minutes=1), "asks hubs to push the feeds that offer it, and again before that ends"),
    Job("watch_scans", timedelta(minutes=15), "tells the operator when no source is read any more"),
    Job("send_digests", timedelta(minutes=15), "builds and queues the weekly digests that are due"),
    Job("learn", timedelta(hours=1), "lets the shops learn from their own rated texts, each once a week"),
    Job("prune", timedelta(days=1), "removes what may no longer be kept"),
)


def find(name: str) -> Job:
    """Return the job of that name; `NotFoundError` names those there are."""
    for job in JOBS:
        if job.name == name:
            return job
    sentence = f"There is no job {name!r}; there are: {', '.join(job.name for job in JOBS)}."
    raise NotFoundError(sentence)
