"""Why a return got no survey (R38): one row per closed return with the latest verdict, and an answer for each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback_service.db import insert_for
from feedback_service.mail.models import UNSENT, MailState
from feedback_service.returns.models import Return
from feedback_service.surveys.models import Invitation, NotSent, NotSentReason
from feedback_service.surveys.rules import Verdict

# How far back the job looks. A return that closed earlier and was never looked at is simply too late.
LOOKBACK = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Seen:
    """A return that was looked at and not asked, with the verdict to record."""

    return_id: int
    verdict: Verdict


def record(session: Session, shop_id: int, seen: Sequence[Seen], now: datetime) -> None:
    """Keep the verdicts in this transaction; an unchanged one is not written again.

    A return that another process invited meanwhile is left out: it has its survey.
    """
    if not seen:
        return
    ids = [item.return_id for item in seen]
    invited = set(session.scalars(sa.select(Invitation.return_id).where(Invitation.return_id.in_(ids))))
    known = {
        row.return_id: (row.reason, row.is_final)
        for row in session.scalars(sa.select(NotSent).where(NotSent.return_id.in_(ids)))
    }
    rows: list[dict[str, object]] = [
        {
            "return_id": item.return_id,
            "shop_id": shop_id,
            "reason": item.verdict.reason,
            "is_final": item.verdict.is_final,
            "at": now,
        }
        for item in seen
        if item.return_id not in invited and known.get(item.return_id) != (item.verdict.reason, item.verdict.is_final)
    ]
    if rows:
        _upsert(session, rows)


def forget(session: Session, return_ids: Collection[int]) -> None:
    """Drop the verdicts on returns that have their survey now."""
    session.execute(sa.delete(NotSent).where(NotSent.return_id.in_(return_ids)))


def why_not_sent(session: Session, returned: Return, now: datetime) -> NotSentReason | None:
    """Answer for one return, open or closed, why it got no survey; None when it got one.

    Returns that closed long before the job could look at them have no row; theirs is `TOO_LATE`.
    """
    if returned.closed_at is None or returned.closed_at > now:
        return NotSentReason.OPEN
    invitation = session.scalar(
        sa.select(Invitation).where(Invitation.return_id == returned.id).options(joinedload(Invitation.mail))
    )
    if invitation is not None:
        return why_not_delivered(invitation)
    row = session.get(NotSent, returned.id)
    if row is not None:
        return row.reason
    return NotSentReason.TOO_LATE if returned.closed_at <= now - LOOKBACK else NotSentReason.TOO_EARLY


def why_not_delivered(invitation: Invitation) -> NotSentReason | None:
    """Return why a survey that was queued was not sent; a doubtful one, and one of long ago, counts as sent."""
    mail = invitation.mail
    if mail is None or mail.state in {MailState.SENT, MailState.AMBIGUOUS}:
        return None
    if mail.state in UNSENT:
        return NotSentReason.WAITING
    return NotSentReason.OBJECTED if invitation.objected_at else NotSentReason.UNDELIVERED


def _upsert(session: Session, rows: list[dict[str, object]]) -> None:
    statement = insert_for(session, NotSent)
    new = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[NotSent.return_id], set_={"reason": new.reason, "is_final": new.is_final, "at": new.at}
        ),
        rows,
    )
