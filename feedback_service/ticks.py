"""Ticks: which process runs a job in which slot, with no leader. The first to write the row does.

The job functions are idempotent, so a tick that is lost with its process is made up by the next slot.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from feedback_service.db import Base, Database, insert_for


class JobTick(Base):
    """One slot of one job, taken by one process."""

    __tablename__ = "job_tick"

    job: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)


class JobRun(Base):
    """One run of a job, for the operator: when, how much it did, what went wrong."""

    __tablename__ = "job_run"
    __table_args__ = (sa.Index(None, "job", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    done: Mapped[int | None]
    error: Mapped[str | None]


def slot_of(now: datetime, every: timedelta) -> datetime:
    """Return the start of the slot of length `every` in which `now` lies; the same on every machine."""
    seconds = int(now.timestamp())
    length = max(1, int(every.total_seconds()))
    return datetime.fromtimestamp(seconds - seconds % length, tz=now.tzinfo)


def take_slot(database: Database, job: str, slot: datetime) -> bool:
    """Take the slot for this process; False when another process already has it."""
    with database.writing() as session:
        taken = session.execute(
            insert_for(session, JobTick).values(job=job, slot=slot).on_conflict_do_nothing().returning(JobTick.job)
        )
        return taken.first() is not None
