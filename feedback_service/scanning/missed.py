"""The missed-scan switch: when no source has been read for a while though some are due, somebody is told.

By another way than the scan: a job of its own queues the mail, staff pages show it even where no job runs at all,
`/readyz` says it to whatever watches the service, and a heartbeat to the outside stops.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.letters import staff_letter
from feedback_service.links import Links
from feedback_service.mail.letters import Letter
from feedback_service.mail.outbox import Outbox
from feedback_service.shops.models import Shop, Staff
from feedback_service.shops.operators import operators
from feedback_service.sources.models import Source
from feedback_service.ticks import JobRun

SCAN_JOB = "scan_sources"
_AT_WORK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class MissedScan:
    """No source was read since `last_at` (None: never), though some have been due for longer than is allowed."""

    last_at: datetime | None
    overdue: dict[int, int]
    """How many sources are overdue, by the id of their shop."""


def missed_scan(session: Session, now: datetime, allowed: timedelta) -> MissedScan | None:
    """Return the outage of the scan, None where it does its work.

    It does so when no source is overdue by more than `allowed`, or one was read within it: a scan that is behind is
    no scan that stands still.
    """
    late = now - allowed
    counted = sa.select(Source.shop_id, sa.func.count()).where(Source.due_at < late).group_by(Source.shop_id)
    overdue = {row[0]: row[1] for row in session.execute(counted)}
    if not overdue:
        return None
    last_at = session.scalar(sa.select(sa.func.max(Source.last_polled_at)))
    return MissedScan(last_at, overdue) if last_at is None or last_at < late else None


def scan_went_well(session: Session, now: datetime, allowed: timedelta) -> bool:
    """Tell whether the last scan ended without an error, and not longer ago than `allowed`."""
    ended = (JobRun.job == SCAN_JOB, JobRun.finished_at.is_not(None))
    last = session.scalar(sa.select(JobRun).where(*ended).order_by(JobRun.id.desc()).limit(1))
    if last is None or last.finished_at is None or last.error is not None:
        return False
    return last.finished_at >= now - allowed and missed_scan(session, now, allowed) is None


def tell_operators(session: Session, outbox: Outbox, links: Links, now: datetime, allowed: timedelta) -> int:
    """Queue a mail to the operators of each shop whose sources are overdue; once an outage. Return how many.

    A scan that has just begun, after the machine was switched on again, gets its chance first.
    """
    found = missed_scan(session, now, allowed)
    if found is None or _is_at_work(session, now):
        return 0
    shops = session.scalars(sa.select(Shop).where(Shop.id.in_(found.overdue)).order_by(Shop.id)).all()
    letters = [_letter(shop, staff, found, links) for shop in shops for staff in operators(session, shop)]
    return sum(outbox.post(session, letter, now) is not None for letter in letters)


def _is_at_work(session: Session, now: datetime) -> bool:
    begun = (JobRun.job == SCAN_JOB, JobRun.finished_at.is_(None), JobRun.started_at > now - _AT_WORK)
    return session.scalar(sa.select(JobRun.id).where(*begun).limit(1)) is not None


def _letter(shop: Shop, staff: Staff, found: MissedScan, links: Links) -> Letter:
    # The outage is known by the last reading before it: the next one begins after another.
    began = found.last_at.isoformat() if found.last_at else "never"
    context = {"last_at": found.last_at, "overdue": found.overdue[shop.id], "sources_url": links.sources()}
    return staff_letter("scan_missed", shop, staff, context, cause=f"scan-missed:{shop.id}:{began}:{staff.id}")
