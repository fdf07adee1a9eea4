"""Subscriptions at WebSub hubs: the row, and what a hub that calls back may change of it (R56)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback_service.claims import Claimable
from feedback_service.db import enum_column, table_of
from feedback_service.hashing import token_digest
from feedback_service.sources.models import Source
from feedback_service.sources.push import websub
from feedback_service.sources.push.websub import Mode
from feedback_service.sources.texts.plain import one_line

_LONGEST_TOKEN = 100
_LONGEST_REASON = 200


class SubscriptionState(StrEnum):
    """Where a subscription stands. `LEAVING`: no longer wanted, and the hub is told so."""

    PENDING = "pending"
    ACTIVE = "active"
    LEAVING = "leaving"
    ENDED = "ended"


class WebSubSubscription(Claimable):
    """One feed at one hub. `due_at` is the next request to the hub; on an ended row the first instant to try again.

    The row outlives its source, or a hub could not be told that nobody listens any more.
    """

    __tablename__ = "websub_subscription"
    __table_args__ = (sa.UniqueConstraint("source_id", "hub", "topic"), sa.Index(None, "due_at"))

    source_id: Mapped[int | None] = mapped_column(sa.ForeignKey("source.id", ondelete="SET NULL"))
    hub: Mapped[str] = mapped_column(doc="Address that is asked.")
    topic: Mapped[str] = mapped_column(doc="What is subscribed to: the feed's address of itself.")
    nonce: Mapped[str] = mapped_column(doc="Callback and secret follow from it and the installation's key.")
    token_digest: Mapped[str] = mapped_column(unique=True, doc="Digest of the callback's token.")
    state: Mapped[SubscriptionState] = mapped_column(enum_column(SubscriptionState), default=SubscriptionState.PENDING)
    state_since: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="", doc="Why it stands so, in words.")
    failures: Mapped[int] = mapped_column(default=0, doc="Requests in a row that came to nothing.")
    asked_mode: Mapped[Mode | None] = mapped_column(enum_column(Mode), doc="What the last request asked for.")
    asked_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None] = mapped_column(doc="When the hub last asked back, and was told yes.")
    lease_until: Mapped[datetime | None]
    last_push_at: Mapped[datetime | None] = mapped_column(doc="Last signed push.")

    def become(self, state: SubscriptionState, now: datetime, reason: str) -> None:
        """Enter `state`, with the reason in words."""
        if self.state is not state:
            self.state_since = now
        self.state, self.reason = state, reason


_ROW = table_of(WebSubSubscription)
_NOTE_PUSH = sa.update(_ROW).where(_ROW.c.id == sa.bindparam("row_id")).values(last_push_at=sa.bindparam("now"))


@dataclass(frozen=True, slots=True)
class Question:
    """What a hub asks or says at the callback, as it came: `hub.mode`, `hub.topic` and so on."""

    mode: str
    topic: str
    challenge: str = ""
    lease_seconds: str = ""
    reason: str = ""


def find_by_token(session: Session, token: str, *, locked: bool = False) -> WebSubSubscription | None:
    """Return the subscription whose callback has that token; None for none."""
    if not token or len(token) > _LONGEST_TOKEN:
        return None
    chosen = sa.select(WebSubSubscription).where(WebSubSubscription.token_digest == token_digest(token))
    return session.scalar(chosen.with_for_update() if locked else chosen)


def answer_hub(session: Session, token: str, question: Question, now: datetime, chance: float) -> bool:
    """Note what a hub asks or says at the callback; False for everything that was not asked for (R56).

    A hub that asks twice, because our yes was lost, gets it twice; the second time changes nothing. `chance` (0-1)
    spreads the renewals.
    """
    row = find_by_token(session, token, locked=True)
    if row is None or row.topic != question.topic:
        return False
    if question.mode == Mode.DENIED:
        return _denied(row, question, now)
    if not (0 < len(question.challenge) <= websub.LONGEST_CHALLENGE) or not _was_asked(row, question.mode, now):
        return False
    if question.mode == Mode.UNSUBSCRIBE:
        return _left(row, now)
    return _confirmed(row, question, now, chance)


def _was_asked(row: WebSubSubscription, mode: str, now: datetime) -> bool:
    return row.asked_at is not None and row.asked_mode == mode and now - row.asked_at <= websub.CONFIRMED_WITHIN


def _confirmed(row: WebSubSubscription, question: Question, now: datetime, chance: float) -> bool:
    if row.state not in {SubscriptionState.PENDING, SubscriptionState.ACTIVE}:
        return False
    if is_confirmed(row):
        return True
    lease = websub.lease_of(question.lease_seconds)
    row.become(SubscriptionState.ACTIVE, now, "")
    row.verified_at, row.lease_until, row.failures = now, now + lease, 0
    row.due_at = now + websub.renewal_after(lease, chance)
    return True


def is_confirmed(row: WebSubSubscription) -> bool:
    """Tell whether the hub has asked back since our last request."""
    return row.verified_at is not None and row.asked_at is not None and row.verified_at >= row.asked_at


def _left(row: WebSubSubscription, now: datetime) -> bool:
    if row.state is SubscriptionState.LEAVING:
        row.become(SubscriptionState.ENDED, now, "")
        row.due_at, row.lease_until = None, None
    return row.state is SubscriptionState.ENDED


def _denied(row: WebSubSubscription, question: Question, now: datetime) -> bool:
    if row.state is SubscriptionState.ENDED:
        return False
    said = one_line(question.reason)[:_LONGEST_REASON]
    row.become(SubscriptionState.ENDED, now, f"The hub has denied the subscription{f': {said}' if said else ''}.")
    row.due_at, row.lease_until = now + websub.AFTER_DENIAL, None
    return True


def note_push(row_id: int, session: Session, now: datetime) -> None:
    """Note that a signed push came in."""
    session.connection().execute(_NOTE_PUSH, {"row_id": row_id, "now": now})


def is_pushed(session: Session, source: Source, now: datetime) -> bool:
    """Tell whether a hub can be relied on for `source`, which may then be polled more slowly."""
    active = sa.select(sa.func.max(WebSubSubscription.last_push_at)).where(
        WebSubSubscription.source_id == source.id,
        WebSubSubscription.state == SubscriptionState.ACTIVE,
        WebSubSubscription.lease_until > now,
    )
    return websub.is_trusted(session.scalar(active), source.last_new_at)
