"""The outbox and the suppression list."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import (
    InstrumentedAttribute,
    Mapped,
    MappedSQLExpression,
    column_property,
    mapped_column,
    relationship,
)

from feedback_service.claims import Claimable
from feedback_service.db import Base, enum_column
from feedback_service.mail.incoming.kinds import MailClass

_WAITS = sa.text("due_at IS NOT NULL")


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

KEPT = (MailState.FAILED, MailState.AMBIGUOUS)
"""The ends in which the content is kept for a while, because the operator may send the mail again."""


class Audience(StrEnum):
    """Who reads the mail. An ambiguous customer mail is not sent again, a staff mail is."""

    CUSTOMER = "customer"
    STAFF = "staff"


class OutboxMail(Claimable):
    """One mail to send. Bodies are wiped once it is sent or dropped: they carry tokens and personal data."""

    __tablename__ = "outbox_mail"
    __table_args__ = (
        # In the order in which they are claimed, and only those that wait: it does not grow with what was sent.
        sa.Index(None, "priority", "due_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
        sa.Index(None, "state"),
        sa.Index(None, "shop_id", "kind"),
    )

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
    domain: Mapped[str] = mapped_column(
        default="",
        server_default="",
        doc="Domain of the recipient in punycode and lower case; rates and pauses go by it.",
    )
    reply_to: Mapped[str] = mapped_column(default="")
    return_path: Mapped[str] = mapped_column(default="", index=True, doc="Envelope sender (VERP).")
    subject: Mapped[str]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict, doc="Further headers, such as List-Unsubscribe.")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(doc="Not sent after this instant.")
    first_tried_at: Mapped[datetime | None] = mapped_column(doc="Retries are counted from here (R29).")
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    last_error: Mapped[str | None]
    failed_as: Mapped[MailClass | None] = mapped_column(
        enum_column(MailClass),
        doc="What its failure says of the address, as a bounce would; NULL where it says nothing.",
    )

    images: Mapped[list["MailImage"]] = relationship(cascade="all, delete-orphan", lazy="select")
    content: Mapped["MailContent | None"] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    if TYPE_CHECKING:  # they are read from `MailContent`, below
        text: Mapped[str | None]
        html: Mapped[str | None]
        wire: Mapped[bytes | None]

    def __init__(
        self,
        *,
        text: str | None = None,
        html: str | None = None,
        wire: bytes | None = None,
        **columns: Any,  # noqa: ANN401 - any column
    ) -> None:
        super().__init__(**columns)
        if text is not None or html is not None or wire is not None:
            self.content = MailContent(text=text, html=html, wire=wire)
        self.text, self.html, self.wire = text, html, wire


class MailContent(Base):
    """What a mail says, in a table of its own: claiming and settling long mails then writes little."""

    __tablename__ = "mail_content"

    mail_id: Mapped[int] = mapped_column(sa.ForeignKey("outbox_mail.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str | None]
    html: Mapped[str | None]
    wire: Mapped[bytes | None] = mapped_column(
        sa.LargeBinary, doc="The message as it goes out, but for its date; NULL where it is written when it is sent."
    )


def _of_content(column: InstrumentedAttribute[Any]) -> MappedSQLExpression[Any]:
    return column_property(sa.select(column).where(MailContent.mail_id == OutboxMail.id).scalar_subquery())


OutboxMail.text = _of_content(MailContent.text)
OutboxMail.html = _of_content(MailContent.html)
OutboxMail.wire = _of_content(MailContent.wire)


class MailPace(Base):
    """How fast the mail of a scope may go, and whether it waits (`mail.pacing` decides)."""

    __tablename__ = "mail_pace"

    scope: Mapped[str] = mapped_column(primary_key=True, doc="A recipient's domain, or '*' for all mail together.")
    minute_full_at: Mapped[datetime | None] = mapped_column(doc="When the limit of a minute is unused again.")
    hour_full_at: Mapped[datetime | None]
    day_full_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None] = mapped_column(doc="No mail of this scope before; rates and pause in one.")
    strikes: Mapped[int] = mapped_column(default=0, server_default="0", doc="Refusals in a row.")
    pauses: Mapped[int] = mapped_column(default=0, server_default="0", doc="Pauses in a row.")
    paused_until: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(default="", server_default="", doc="The latest refusal, in words.")
    changed_at: Mapped[datetime] = mapped_column(index=True)


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
    SOFT_BOUNCE = "soft_bounce"
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


class IncomingMail(Base):
    """A mail, or a provider's report of an event, that came back to us; each is taken in once."""

    __tablename__ = "incoming_mail"
    __table_args__ = (sa.Index(None, "shop_id", "came_at"), sa.Index(None, "kind", "came_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True, doc="Digest by which one that comes twice is known.")
    channel: Mapped[str] = mapped_column(doc="Where it came in: 'mailbox', 'pipe', or the provider's name.")
    kind: Mapped[MailClass] = mapped_column(enum_column(MailClass))
    is_delayed: Mapped[bool] = mapped_column(default=False, doc="Only a warning: the server goes on trying.")
    status: Mapped[str] = mapped_column(default="", doc="'x.y.z' of RFC 3463.")
    diagnosis: Mapped[str] = mapped_column(default="", doc="What the server said, without addresses.")
    shop_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    mail_id: Mapped[int | None] = mapped_column(sa.ForeignKey("outbox_mail.id", ondelete="SET NULL"), index=True)
    recipient_key: Mapped[str] = mapped_column(default="", index=True, doc="Keyed hash of whom our mail went to.")
    came_at: Mapped[datetime]

    mail: Mapped[OutboxMail | None] = relationship()
