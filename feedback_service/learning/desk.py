"""LearningDesk: when a shop learns, and what staff can do about it.

A shop that is switched off goes on learning, so that what it learned never outlives the texts (R15) and its figures
help to decide. One whose learning was deleted is passed over until it is switched on.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.claims import claim_due, settle
from feedback_service.db import Database, insert_for
from feedback_service.learning.lessons import shop_lessons
from feedback_service.learning.models import ShopModel
from feedback_service.sentiment.learning import Learned, enough, learn
from feedback_service.sentiment.scorer import Scorer
from feedback_service.shops.models import AuditEntry, Shop

EVERY = timedelta(days=7)
_LEASE = timedelta(minutes=15)
_MAX_CRASHES = 3


class LearningDesk:
    """Lets shops learn, one at a time; a worker that dies in the middle is followed by another."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def learn_next(self, now: datetime) -> bool:
        """Let the shop learn whose turn it is; False when it is nobody's."""
        with self._database.writing() as session:
            _add_missing(session, now)
            wants = sa.or_(ShopModel.is_on, ShopModel.weights.is_not(None))
            rows = claim_due(session, ShopModel, now=now, lease=_LEASE, limit=1, where=(wants,))
            row = rows[0] if rows else None
        if row is None:
            return False
        self._learn(row, now)
        return True

    def learn_now(self, shop: Shop, now: datetime) -> ShopModel:
        """Let `shop` learn at once, switched off or not, and return how it stands then."""
        with self._database.writing() as session:
            _add_missing(session, now)
            free = {"due_at": now, "claimed_until": None, "attempts": 0}
            session.execute(sa.update(ShopModel).where(ShopModel.shop_id == shop.id).values(**free))
            [row] = claim_due(session, ShopModel, now=now, lease=_LEASE, limit=1, where=(ShopModel.shop_id == shop.id,))
        self._learn(row, now)
        with self._database.reading() as session:
            return model_of(session, shop.id)

    def _learn(self, row: ShopModel, now: datetime) -> None:
        with self._database.reading() as session:
            shop = session.get_one(Shop, row.shop_id)
            lessons = shop_lessons(session, row.shop_id) if row.attempts <= _MAX_CRASHES else []
        # No transaction is open while it learns: that takes seconds.
        learned = learn(lessons, Scorer(shop.languages)) if enough(lessons) else None
        values = _values(learned) | {"lessons": len(lessons), "negatives": sum(one.is_negative for one in lessons)}
        with self._database.writing() as session:
            settle(session, row, values=values | {"learned_at": now, "due_at": now + EVERY, "attempts": 0})


def model_of(session: Session, shop_id: int) -> ShopModel:
    """Return how the learning of a shop stands; one that has never learned has a blank one."""
    known = session.scalar(sa.select(ShopModel).where(ShopModel.shop_id == shop_id))
    return known or ShopModel(shop_id=shop_id, is_on=True, is_better=False, digest="", lessons=0, negatives=0)


def learn_soon(session: Session, shop_id: int, now: datetime, *, staff_id: int | None = None) -> None:
    """Let the shop learn at the next run of the job instead of a week after the last one."""
    _add_missing(session, now)
    session.execute(sa.update(ShopModel).where(ShopModel.shop_id == shop_id).values(due_at=now))
    session.add(AuditEntry(at=now, staff_id=staff_id, action="learning.asked", subject=f"shop:{shop_id}"))


def switch(session: Session, shop_id: int, *, is_on: bool, now: datetime, staff_id: int | None = None) -> None:
    """Use what the shop's texts taught, where it judges better, or never use it."""
    _add_missing(session, now)
    session.execute(sa.update(ShopModel).where(ShopModel.shop_id == shop_id).values(is_on=is_on))
    session.add(
        AuditEntry(at=now, staff_id=staff_id, action=f"learning.{'on' if is_on else 'off'}", subject=f"shop:{shop_id}")
    )


def forget(session: Session, shop_id: int, now: datetime, *, staff_id: int | None = None) -> None:
    """Delete what was learned and leave it switched off; the shop's texts are not touched."""
    _add_missing(session, now)
    gone = _NOTHING | {"lessons": 0, "negatives": 0, "learned_at": None, "is_on": False}
    gone |= {"due_at": now, "claim": None, "claimed_until": None}
    session.execute(sa.update(ShopModel).where(ShopModel.shop_id == shop_id).values(**gone))
    session.add(AuditEntry(at=now, staff_id=staff_id, action="learning.forgotten", subject=f"shop:{shop_id}"))


def learn_anew(session: Session, shop_id: int, now: datetime) -> None:
    """Drop what was learned at once and let the shop learn again: texts that taught it were erased (R16).

    A worker that is learning at this moment loses its claim, so that what it learned is not kept.
    """
    again = _NOTHING | {"due_at": now, "claim": None, "claimed_until": None}
    session.execute(sa.update(ShopModel).where(ShopModel.shop_id == shop_id).values(**again))


_NOTHING: dict[str, Any] = {
    "weights": None,
    "digest": "",
    "is_better": False,
    "base_auc": None,
    "auc": None,
    "base_loss": None,
    "loss": None,
}


def _values(learned: Learned | None) -> dict[str, Any]:
    if learned is None:
        return dict(_NOTHING)
    weights, figures = learned.model.to_bytes(), learned.figures
    return {
        "weights": weights,
        "digest": hashlib.sha256(weights).hexdigest()[:16],
        "is_better": figures.is_better,
        "base_auc": figures.base_auc,
        "auc": figures.auc,
        "base_loss": figures.base_loss,
        "loss": figures.loss,
    }


def _add_missing(session: Session, now: datetime) -> None:
    """Give each shop its row; two processes that do so at once make one."""
    known = sa.select(ShopModel.shop_id)
    for shop_id in session.scalars(sa.select(Shop.id).where(Shop.id.not_in(known))).all():
        row = insert_for(session, ShopModel).values(
            shop_id=shop_id, due_at=now, is_on=True, is_better=False, digest="", lessons=0, negatives=0
        )
        session.execute(row.on_conflict_do_nothing(index_elements=["shop_id"]))
