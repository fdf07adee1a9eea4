"""Invitation, answer, and why a return got no survey."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_service.db import Base, enum_column
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.models import Return
from feedback_service.shops.models import Shop


class NotSentReason(StrEnum):
    """Why a closed return got no survey; `TOO_EARLY` and `NIGHT` pass, the others stay."""

    SURVEYS_OFF = "surveys_off"
    REJECTED = "rejected"
    NO_ADDRESS = "no_address"
    BAD_ADDRESS = "bad_address"
    OBJECTED = "objected"
    SUPPRESSED = "suppressed"
    QUARANTINE = "quarantine"
    TOO_LATE = "too_late"
    TOO_EARLY = "too_early"
    NIGHT = "night"
    DISPUTED = "disputed"
    CONSENT_MISSING = "consent_missing"


class Invitation(Base):
    """One survey for one return. Only the token's digest is kept (R45)."""

    __tablename__ = "invitation"
    __table_args__ = (sa.Index(None, "shop_id", "created_at"), sa.Index(None, "recipient_key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    return_id: Mapped[int] = mapped_column(sa.ForeignKey("return.id", ondelete="CASCADE"), unique=True)
    mail_id: Mapped[int | None] = mapped_column(sa.ForeignKey("outbox_mail.id", ondelete="SET NULL"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    recipient_key: Mapped[str]
    language: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    objected_at: Mapped[datetime | None]

    shop: Mapped[Shop] = relationship()
    returned: Mapped[Return] = relationship()
    mail: Mapped[OutboxMail | None] = relationship()
    answer: Mapped["Answer | None"] = relationship(back_populates="invitation")


class Answer(Base):
    """What the customer said. One per invitation, editable for a while."""

    __tablename__ = "answer"
    __table_args__ = (sa.Index(None, "shop_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitation.id", ondelete="SET NULL"), unique=True)
    return_id: Mapped[int | None] = mapped_column(sa.ForeignKey("return.id", ondelete="SET NULL"), index=True)
    language: Mapped[str]
    rating: Mapped[int] = mapped_column(doc="CSAT, 1-5.")
    effort: Mapped[int | None] = mapped_column(doc="CES 2.0, 1-7.")
    reasons: Mapped[list[str]] = mapped_column(default=list, doc="Our reason codes, several.")
    text: Mapped[str | None] = mapped_column(doc="Free text with e-mail, phone and IBAN masked (R17).")
    flags: Mapped[list[str]] = mapped_column(default=list, doc="Signs of a machine: for staff, never a filter (R31).")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    anonymised_at: Mapped[datetime | None]

    invitation: Mapped[Invitation | None] = relationship(back_populates="answer")
    returned: Mapped[Return | None] = relationship()


class NotSent(Base):
    """Why a closed return has no survey (yet): one row per return, the latest verdict."""

    __tablename__ = "survey_not_sent"

    return_id: Mapped[int] = mapped_column(sa.ForeignKey("return.id", ondelete="CASCADE"), primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"), index=True)
    reason: Mapped[NotSentReason] = mapped_column(enum_column(NotSentReason))
    is_final: Mapped[bool]
    at: Mapped[datetime]
