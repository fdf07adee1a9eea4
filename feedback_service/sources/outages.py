"""When a source was not heard: one row from its loss to its return, and whether somebody must be told. Mostly pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.sources.models import UNHEARD, Source, SourceOutage, SourceState

_FAILURES_OF_A_LOSS = 3
_LONGEST_HICCUP = timedelta(hours=24)


class News(StrEnum):
    """What there is to tell of a source."""

    LOST = "lost"
    HEARD = "heard"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands after a poll: its state, since when it is not heard (None: it is), its failures in a row."""

    state: SourceState
    unheard_since: datetime | None
    failures: int
    is_told: bool
    has_ended: bool = False


def news_of(standing: Standing, now: datetime) -> News | None:
    """Return what must be told now: the loss once, and the return once if the loss was told.

    A site that cannot be reached may be back in an hour: that is a loss after three failures, or after a day. Every
    other loss is one at once: a refusal, a page instead of the feed, a silence, an address that is gone for good.
    """
    if standing.unheard_since is None:
        return News.HEARD if standing.is_told else None
    if standing.is_told:
        return None
    lasts = now - standing.unheard_since >= _LONGEST_HICCUP or standing.failures >= _FAILURES_OF_A_LOSS
    if standing.state is SourceState.DOWN and not lasts and not standing.has_ended:
        return None
    return News.LOST


def note_state(session: Session, source: Source, state: SourceState, now: datetime) -> SourceOutage | None:
    """Open, keep or close the outage of `source`, which is in `state` now; return the one that is open or just closed.

    A source that goes from one unheard state to another stays in one outage, under the latest of its names.
    """
    chosen = sa.select(SourceOutage).where(SourceOutage.source_id == source.id, SourceOutage.until.is_(None))
    outage = session.scalar(chosen.order_by(SourceOutage.id.desc()).limit(1))
    if state in UNHEARD:
        if outage is None:
            outage = SourceOutage(source_id=source.id, since=now, state=state)
            session.add(outage)
        outage.state = state
    elif outage is not None:
        outage.until = now
    session.flush()
    return outage
