"""Story: mentions and answers that tell one complaint, with one owner; and what was done about it."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_service.db import Base, enum_column
from feedback_service.mentions.models import Mention
from feedback_service.returns.models import Order, Return
from feedback_service.shops.models import Shop, Staff
from feedback_service.surveys.models import Answer
from feedback_service.surveys.replies import CustomerReply


class Level(StrEnum):
    """How urgent a story is (R51)."""

    DIGEST = "digest"
    SAME_DAY = "same_day"
    CRISIS = "crisis"


class StoryState(StrEnum):
    """Where a story stands."""

    OPEN = "open"
    TAKEN = "taken"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


CLOSED = (StoryState.RESOLVED, StoryState.DISMISSED)
"""The states in which nobody has to do anything more about a story."""


class Story(Base):
    """One complaint. `key` ties together what belongs together: a thread, an answer."""

    __tablename__ = "story"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "key"),
        sa.Index(None, "shop_id", "state", "severity"),
        sa.Index(None, "shop_id", "opened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    key: Mapped[str]
    title: Mapped[str]
    why: Mapped[str] = mapped_column(doc="In one sentence, why this is a story.")
    level: Mapped[Level] = mapped_column(enum_column(Level))
    severity: Mapped[float] = mapped_column(doc="0-100; orders the inbox.")
    state: Mapped[StoryState] = mapped_column(enum_column(StoryState), default=StoryState.OPEN)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="SET NULL"))
    return_id: Mapped[int | None] = mapped_column(sa.ForeignKey("return.id", ondelete="SET NULL"))
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("order.id", ondelete="SET NULL"))
    published_at: Mapped[datetime | None] = mapped_column(doc="Earliest publication; time to detect starts here.")
    fetched_at: Mapped[datetime | None] = mapped_column(doc="Earliest fetch.")
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    shop: Mapped[Shop] = relationship()
    owner: Mapped[Staff | None] = relationship()
    returned: Mapped[Return | None] = relationship()
    order: Mapped[Order | None] = relationship()
    items: Mapped[list["StoryItem"]] = relationship(cascade="all, delete-orphan", order_by="StoryItem.id")
    events: Mapped[list["StoryEvent"]] = relationship(cascade="all, delete-orphan", order_by="StoryEvent.id")


class StoryItem(Base):
    """A mention, an answer or a reply by mail that belongs to a story; each belongs to one story only."""

    __tablename__ = "story_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(sa.ForeignKey("story.id", ondelete="CASCADE"), index=True)
    mention_id: Mapped[int | None] = mapped_column(sa.ForeignKey("mention.id", ondelete="CASCADE"), unique=True)
    answer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("answer.id", ondelete="CASCADE"), unique=True)
    reply_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer_reply.id", ondelete="CASCADE"), unique=True)
    added_at: Mapped[datetime]

    mention: Mapped[Mention | None] = relationship()
    answer: Mapped[Answer | None] = relationship()
    reply: Mapped[CustomerReply | None] = relationship()


class StoryEvent(Base):
    """What happened to a story and who did it; `staff_id` NULL for the service itself."""

    __tablename__ = "story_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(sa.ForeignKey("story.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(doc="opened, item_added, alerted, taken, edited, went, resolved, dismissed...")
    note: Mapped[str] = mapped_column(default="")
    mention_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("mention.id", ondelete="SET NULL"),
        index=True,
        doc="The review that was answered.",
    )

    staff: Mapped[Staff | None] = relationship()
