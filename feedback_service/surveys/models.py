"""Invitation, answer, and why a return got no survey."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_service.db import Base, enum_column
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.models import Customer, Return
from feedback_service.shops.models import Shop
from feedback_service.surveys.questions import Survey


class NotSentReason(StrEnum):
    """Why a return got no survey, or a customer no periodic one (yet). `surveys.rules` says which of them pass."""

    OPEN = "open"
    PERIODIC_OFF = "periodic_off"
    NO_ORDER = "no_order"
    RETURNING = "returning"
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
    REFUND_LATE = "refund_late"
    OTHER_SURVEY = "other_survey"
    CONSENT_MISSING = "consent_missing"
    WAITING = "waiting"
    UNDELIVERED = "undelivered"
    COMPLAINTS = "complaints"


class Subject(StrEnum):
    """Which of the two subject lines of a trial a mail carries."""

    A = "a"
    B = "b"


class StoredQuestionnaire(Base):
    """One version of a shop's questionnaire: written once and never changed (`surveys.questionnaire`)."""

    __tablename__ = "questionnaire"

    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, doc="From 1; 0 is the one that ships.")
    contents: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="SET NULL"))


class SubjectTrial(Base):
    """Two subject lines tried against each other in one language; how long is said before it begins."""

    __tablename__ = "subject_trial"
    __table_args__ = (sa.Index(None, "shop_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    language: Mapped[str]
    subject_a: Mapped[str]
    subject_b: Mapped[str]
    expected_rate: Mapped[float] = mapped_column(doc="Response that was expected when it began, 0-1.")
    least_gap: Mapped[float] = mapped_column(doc="Smallest difference of the response worth knowing, 0-1.")
    per_subject: Mapped[int] = mapped_column(doc="Surveys with each subject that the answer needs.")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(doc="No more surveys join it from then on.")


class Invitation(Base):
    """One survey: of one return, or the periodic one. Only the tokens' digests are kept (R45)."""

    __tablename__ = "invitation"
    __table_args__ = (
        sa.Index(None, "shop_id", "created_at"),
        sa.Index(None, "recipient_key"),
        sa.Index(None, "reminder_digest", unique=True),
        sa.Index(None, "subject_trial_id", "subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    survey: Mapped[Survey] = mapped_column(
        enum_column(Survey), default=Survey.RETURN, server_default=Survey.RETURN.value
    )
    return_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("return.id", ondelete="CASCADE"), unique=True, doc="NULL for the periodic survey."
    )
    customer_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("customer.id", ondelete="SET NULL"), index=True, doc="Of the periodic survey."
    )
    mail_id: Mapped[int | None] = mapped_column(sa.ForeignKey("outbox_mail.id", ondelete="SET NULL"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    reminder_digest: Mapped[str | None] = mapped_column(doc="Of the token in the reminder.")
    reminder_mail_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("outbox_mail.id", ondelete="SET NULL"), index=True
    )
    reminded_at: Mapped[datetime | None]
    subject_trial_id: Mapped[int | None] = mapped_column(sa.ForeignKey("subject_trial.id", ondelete="SET NULL"))
    subject: Mapped[Subject | None] = mapped_column(enum_column(Subject))
    recipient_key: Mapped[str]
    has_consent: Mapped[bool] = mapped_column(
        default=False, server_default=sa.false(), doc="Asked on the ground of a stored consent (R11)."
    )
    language: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    objected_at: Mapped[datetime | None]

    shop: Mapped[Shop] = relationship()
    returned: Mapped[Return | None] = relationship()
    customer: Mapped[Customer | None] = relationship()
    mail: Mapped[OutboxMail | None] = relationship(foreign_keys=[mail_id])
    reminder_mail: Mapped[OutboxMail | None] = relationship(foreign_keys=[reminder_mail_id])
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
    questionnaire_version: Mapped[int] = mapped_column(
        default=0, server_default="0", doc="Of the shop's questionnaire that it was given to; 0 the shipped one."
    )
    rating: Mapped[int | None] = mapped_column(doc="CSAT, 1-5; NULL in the periodic survey.")
    nps: Mapped[int | None] = mapped_column(doc="0-10; NULL but in the periodic survey.")
    effort: Mapped[int | None] = mapped_column(doc="CES 2.0, 1-7.")
    reasons: Mapped[list[str]] = mapped_column(default=list, doc="Reason codes, several; `own:...` the shop's own.")
    other_reason: Mapped[str | None] = mapped_column(doc="The reason `other` in own words, masked (R17).")
    text: Mapped[str | None] = mapped_column(doc="Free text with e-mail, phone and IBAN masked (R17).")
    contact_permitted_at: Mapped[datetime | None] = mapped_column(doc="When the shop was allowed to write back.")
    flags: Mapped[list[str]] = mapped_column(default=list, doc="Signs of a machine: for staff, never a filter (R31).")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    anonymised_at: Mapped[datetime | None]

    invitation: Mapped[Invitation | None] = relationship(back_populates="answer")
    returned: Mapped[Return | None] = relationship()

    asked: Mapped[StoredQuestionnaire | None] = relationship(
        primaryjoin=lambda: sa.and_(
            sa.orm.foreign(Answer.shop_id) == StoredQuestionnaire.shop_id,
            sa.orm.foreign(Answer.questionnaire_version) == StoredQuestionnaire.version,
        ),
        viewonly=True,
    )

    @property
    def stars(self) -> int:
        """The rating of an answer that has one, as every answer of a story has; `ValueError` for another."""
        if self.rating is None:
            msg = "an answer to the periodic survey has no rating"
            raise ValueError(msg)
        return self.rating


class NotSent(Base):
    """Why a closed return has no survey (yet): one row per return, the latest verdict."""

    __tablename__ = "survey_not_sent"

    return_id: Mapped[int] = mapped_column(sa.ForeignKey("return.id", ondelete="CASCADE"), primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"), index=True)
    reason: Mapped[NotSentReason] = mapped_column(enum_column(NotSentReason))
    is_final: Mapped[bool]
    at: Mapped[datetime]


class PeriodicNotSent(Base):
    """Why a customer has no periodic survey (yet): one row per customer, the latest verdict."""

    __tablename__ = "periodic_not_sent"

    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"), index=True)
    reason: Mapped[NotSentReason] = mapped_column(enum_column(NotSentReason))
    looked_at: Mapped[datetime] = mapped_column(doc="When the job came to this verdict; it looks again a day later.")
