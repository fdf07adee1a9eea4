"""What came back of the mails that were sent: figures for who sends them, and for each mail what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager

from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import Audience, IncomingMail, MailState, OutboxMail

PERIOD = timedelta(days=30)
RECENT = timedelta(days=7)
PAUSE_AT, STOP_AT = 0.001, 0.003
"""The shares of complaints at which providers begin to refuse, and refuse (R25)."""

_LEAST_COMPLAINTS = 2  # One person among a few hundred is no rate.
_PEOPLE = sa.func.count(sa.distinct(sa.func.coalesce(sa.func.nullif(IncomingMail.recipient_key, ""), IncomingMail.key)))
"""Complaints are counted by who complains: a provider may tell of one twice, and again of each mail it holds back.
Those who were erased are one each.
"""


class Reputation(StrEnum):
    """What complaints leave of a shop's right to ask: nothing new is asked, or what waits is dropped, too (R25)."""

    GOOD = "good"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server said when it refused us by policy, and how often it did of late."""

    diagnosis: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back to some shops.

    Attributes:
        sent: mails to customers in the last 30 days.
        counts: arrivals that were matched, by class, in the last 30 days, complaints by person; warnings of a delay
            are left out.
        refusals: by policy, in the last 7 days, the most frequent first.
        lost_alerts: mails to staff that came back in the last 7 days: nobody reads those.
        unmatched: arrivals in the last 30 days that are about no mail of ours, of all shops.
    """

    sent: int
    counts: dict[MailClass, int]
    refusals: Sequence[Refusal]
    lost_alerts: int
    unmatched: int

    @property
    def complaint_share(self) -> float:
        """Complaints among the mails sent; 0 where a single one, or nothing, says nothing."""
        return _share(self.counts.get(MailClass.COMPLAINT, 0), self.sent)


def reputation(session: Session, shop_id: int, now: datetime) -> Reputation:
    """Return how a shop stands with those whom it has written to in the last 30 days."""
    about = (IncomingMail.shop_id == shop_id, IncomingMail.kind == MailClass.COMPLAINT)
    complaints = session.scalar(sa.select(_PEOPLE).where(*about, IncomingMail.came_at > now - PERIOD)) or 0
    if complaints < _LEAST_COMPLAINTS:
        return Reputation.GOOD
    share = _share(complaints, _count(session, OutboxMail.id, *_sent_to_customers([shop_id], now)))
    if share >= STOP_AT:
        return Reputation.STOPPED
    return Reputation.PAUSED if share >= PAUSE_AT else Reputation.GOOD


def returned_mail(session: Session, shop_ids: Collection[int], now: datetime) -> Returned:
    """Return what came back to the shops."""
    ours = IncomingMail.shop_id.in_(shop_ids)
    counted = session.execute(
        sa.select(IncomingMail.kind, sa.func.count(), _PEOPLE)
        .where(ours, IncomingMail.came_at > now - PERIOD, IncomingMail.is_delayed.is_(False))
        .group_by(IncomingMail.kind)
    )
    strange = (IncomingMail.mail_id.is_(None), IncomingMail.shop_id.is_(None), IncomingMail.came_at > now - PERIOD)
    return Returned(
        sent=_count(session, OutboxMail.id, *_sent_to_customers(shop_ids, now)),
        counts={kind: people if kind is MailClass.COMPLAINT else count for kind, count, people in counted},
        refusals=_refusals(session, ours, now),
        lost_alerts=_lost_alerts(session, ours, now),
        unmatched=_count(session, IncomingMail.id, *strange),
    )


def came_back(session: Session, causes: Collection[str], mail_ids: Collection[int]) -> Sequence[IncomingMail]:
    """Return what came back of the mails with these causes or ids, with the mails, the latest first."""
    about = sa.or_(OutboxMail.cause.in_(causes), OutboxMail.id.in_(mail_ids))
    chosen = sa.select(IncomingMail).join(IncomingMail.mail).where(about).options(contains_eager(IncomingMail.mail))
    return session.scalars(chosen.order_by(IncomingMail.came_at.desc(), IncomingMail.id.desc())).all()


def _share(complaints: int, sent: int) -> float:
    return complaints / sent if sent and complaints >= _LEAST_COMPLAINTS else 0.0


def _sent_to_customers(shop_ids: Collection[int], now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        OutboxMail.shop_id.in_(shop_ids),
        OutboxMail.sent_at > now - PERIOD,
        OutboxMail.state == MailState.SENT,
        OutboxMail.audience == Audience.CUSTOMER,
    )


def _refusals(session: Session, ours: sa.ColumnElement[bool], now: datetime) -> list[Refusal]:
    count = sa.func.count()
    rows = session.execute(
        sa.select(IncomingMail.diagnosis, count, sa.func.max(IncomingMail.came_at))
        .where(ours, IncomingMail.kind == MailClass.POLICY, IncomingMail.came_at > now - RECENT)
        .group_by(IncomingMail.diagnosis)
        .order_by(count.desc(), IncomingMail.diagnosis)
        .limit(5)
    )
    return [Refusal(diagnosis, found, last_at) for diagnosis, found, last_at in rows]


def _lost_alerts(session: Session, ours: sa.ColumnElement[bool], now: datetime) -> int:
    lost = (IncomingMail.kind.in_((MailClass.HARD, MailClass.SOFT, MailClass.POLICY, MailClass.COMPLAINT)),
            IncomingMail.is_delayed.is_(False), IncomingMail.came_at > now - RECENT)  # fmt: skip
    chosen = sa.select(sa.func.count()).select_from(IncomingMail).join(IncomingMail.mail)
    return session.scalar(chosen.where(ours, *lost, OutboxMail.audience == Audience.STAFF)) or 0


def _count(session: Session, column: InstrumentedAttribute[int], *where: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count(column)).where(*where)) or 0
