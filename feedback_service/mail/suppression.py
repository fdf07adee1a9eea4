"""The suppression list: whom a shop must not send surveys to, kept as keyed hashes (R16)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback_service.db import insert_for
from feedback_service.mail.models import Suppression, SuppressionReason

_BY_WEIGHT = (
    SuppressionReason.SOFT_BOUNCE,
    SuppressionReason.HARD_BOUNCE,
    SuppressionReason.OBJECTION,
    SuppressionReason.COMPLAINT,
    SuppressionReason.ERASURE,
)


def suppress(session: Session, shop_id: int, address_key: str, reason: SuppressionReason, now: datetime) -> bool:
    """Put an address (as `hashing.address_key` gives it) on the shop's list; False when it is there already.

    A reason stays until a weightier one comes: a person's own word outranks a bounce, and what holds for
    good (a complaint, an erasure) what ends.
    """
    added = session.execute(
        insert_for(session, Suppression)
        .values(shop_id=shop_id, address_key=address_key, reason=reason, created_at=now)
        .on_conflict_do_nothing(index_elements=["shop_id", "address_key"])
        .returning(Suppression.id)
    ).first()
    if added is None:
        listed = (Suppression.id.in_(matching(shop_id, address_key)), Suppression.reason.in_(_lighter(reason)))
        session.execute(sa.update(Suppression).where(*listed).values(reason=reason))
    return added is not None


def is_suppressed(session: Session, shop_id: int, address_key: str) -> bool:
    """Tell whether the shop must not send surveys to that address."""
    return session.scalar(matching(shop_id, address_key)) is not None


def reason_of(session: Session, shop_id: int, address_key: str) -> SuppressionReason | None:
    """Return why that address is on the shop's list; None when it is not."""
    listed = matching(shop_id, address_key)
    return session.scalar(sa.select(Suppression.reason).where(Suppression.id.in_(listed)))


def matching(
    shop_id: int | InstrumentedAttribute[int | None], address_key: str | InstrumentedAttribute[str]
) -> sa.Select[int]:
    """Return the query for the list's entry of an address; values, or columns of another table."""
    return sa.select(Suppression.id).where(Suppression.shop_id == shop_id, Suppression.address_key == address_key)


def _lighter(reason: SuppressionReason) -> tuple[SuppressionReason, ...]:
    return _BY_WEIGHT[: _BY_WEIGHT.index(reason)]
