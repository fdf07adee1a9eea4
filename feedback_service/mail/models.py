"""The outbox and the suppression list."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_service.claims import Claimable
from feedback_service.db import Base, enum_column


class MailState(StrEnum):
    """Life of an outbox row. `SENDING` is committed before SMTP; found stale, it is ambiguous."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    AMBIGUOUS = "ambiguous"


UNSENT = (MailState.QUEUED, MailState.SENDING)
"""The states in which a mail is still under way; every other one is its end."""


class Audience(StrEnum):
    """Who reads the mail. An ambiguous customer mail is not sent again, a staff mail is."""

    CUSTOMER = "customer"
    STAFF = "staff"


class OutboxMail(Claimable):
    """One mail to send. Bodies are wiped once it is sent: they carry tokens and personal data."""

    __tablename__ = "outbox_mail"
    __table_args__ = (sa.Index(None, "due_at", "priority"), sa.Index(None, "state"), sa.Index(None, "shop_id", "kind"))

    shop_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(doc="Template name: 'survey', 'return_received', 'story_alert', 'digest'...")
    audience: Mapped[Audience] = mapped_column(enum_column(Audience))
    cause: Mapped[str] = mapped_column(unique=True, doc="Key of what caused it: the same cause never mails twice.")
    message_id: Mapped[str] = mapped_column(unique=True, doc="With angle brackets; the same on every attempt.")
    state: Mapped[MailState] = mapped_column(enum_column(MailState), default=MailState.QUEUED)
    priority: Mapped[int] = mapped_column(default=50, doc="Smaller goes first: alerts 10, notices 30, surveys 50.")
    language: Mapped[str] = mapped_column(default="en")
    sender: Mapped[str] = mapped_column(doc="From header.")
    recipient: Mapped[str | None] = mapped_column(doc="Address; NULL once pseudonymised.")
    recipient_key: Mapped[str] = mapped_column(index=True, doc="Keyed hash of the address.")
    reply_to: Mapped[str] = mapped_column(default="")
    return_path: Mapped[str] = mapped_column(default="", doc="Envelope sender (VERP).")
    subject: Mapped[str]
    text: Mapped[str | None]
    html: Mapped[str | None]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict, doc="Further headers, such as List-Unsubscribe.")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(doc="Not sent after this instant.")
    first_tried_at: Mapped[datetime | None] = mapped_column(doc="Retries are counted from here (R29).")
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    last_error: Mapped[str | None]

    images: Mapped[list["MailImage"]] = relationship(cascade="all, delete-orphan", lazy="select")


class MailImage(Base):
    """An image shown inside the HTML part by its Content-ID."""

    __tablename__ = "mail_image"

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(sa.ForeignKey("outbox_mail.id", ondelete="CASCADE"), index=True)
    content_id: Mapped[str]
    png: Mapped[bytes]


class SuppressionReason(StrEnum):
    """Why an address gets no more survey mail."""

    OBJECTION = "objection"
    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    ERASURE = "erasure"


class Suppression(Base):
    """An address, as a keyed hash, that a shop must not send surveys to (R16)."""

    __tablename__ = "suppression"
    __table_args__ = (sa.UniqueConstraint("shop_id", "address_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    address_key: Mapped[str] = mapped_column(index=True)
    reason: Mapped[SuppressionReason] = mapped_column(enum_column(SuppressionReason))
    created_at: Mapped[datetime]
