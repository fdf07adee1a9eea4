"""Why a customer got no periodic survey (R38): one row per customer whom the job looked at, with its latest verdict."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback_service.db import insert_for
from feedback_service.surveys.models import Invitation, NotSentReason, PeriodicNotSent
from feedback_service.surveys.not_sent import why_not_delivered
from feedback_service.surveys.questions import Survey


@dataclass(frozen=True, slots=True)
class PeriodicStanding:
    """Where the periodic survey of one customer stands.

    Attributes:
        invitation: the last one they got; None where they got none.
        undelivered: why its mail has not gone out; None where it has, or there is none.
        reason: why no other one goes out now; None: it does, at the next run of the job.
        last_reason: what the job noted last while they could have been asked, where that is over.
    """

    invitation: Invitation | None
    undelivered: NotSentReason | None
    reason: NotSentReason | None
    last_reason: NotSentReason | None = None


def record(session: Session, shop_id: int, reasons: Mapping[int, NotSentReason], now: datetime) -> None:
    """Keep the verdicts on customers, by their id, in this transaction."""
    if not reasons:
        return
    statement = insert_for(session, PeriodicNotSent)
    new = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[PeriodicNotSent.customer_id], set_={"reason": new.reason, "looked_at": new.looked_at}
        ),
        [{"customer_id": id_, "shop_id": shop_id, "reason": why, "looked_at": now} for id_, why in reasons.items()],
    )


def forget(session: Session, customer_ids: Collection[int]) -> None:
    """Drop the verdicts on customers who have just been asked."""
    session.execute(sa.delete(PeriodicNotSent).where(PeriodicNotSent.customer_id.in_(customer_ids)))


def standing_of(session: Session, customer_id: int, reason: NotSentReason | None) -> PeriodicStanding:
    """Return where the periodic survey of a customer stands, of whom `reason` holds now."""
    invitation = session.scalar(
        sa.select(Invitation)
        .where(Invitation.customer_id == customer_id, Invitation.survey == Survey.PERIODIC)
        .options(joinedload(Invitation.mail))
        .order_by(Invitation.id.desc())
        .limit(1)
    )
    kept = session.get(PeriodicNotSent, customer_id) if reason is NotSentReason.NO_ORDER else None
    return PeriodicStanding(
        invitation,
        why_not_delivered(invitation) if invitation else None,
        reason,
        kept.reason if kept else None,
    )
