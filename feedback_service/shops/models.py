"""Shop, staff, API keys and the audit log."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_service.db import Base, enum_column


class Role(StrEnum):
    """What a member of staff may do: agents answer, managers read figures, admins change settings."""

    AGENT = "agent"
    MANAGER = "manager"
    ADMIN = "admin"


class Shop(Base):
    """One brand: its languages, zone, sender, policy and the terms to watch."""

    __tablename__ = "shop"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    controller: Mapped[str] = mapped_column(default="", doc="Legal name and address of the data controller (R14).")
    website: Mapped[str] = mapped_column(default="")
    privacy_url: Mapped[str] = mapped_column(default="")
    public_review_url: Mapped[str] = mapped_column(default="", doc="Same link for everyone (R20); empty for none.")
    country: Mapped[str] = mapped_column(default="FR", doc="ISO 3166-1 alpha-2; with `region` picks the calendar.")
    region: Mapped[str] = mapped_column(default="", doc="ISO 3166-2 without the country ('57'); empty for none.")
    time_zone: Mapped[str] = mapped_column(default="Europe/Paris")
    language: Mapped[str] = mapped_column(default="fr", doc="Where an order names no language.")
    languages: Mapped[list[str]] = mapped_column(default=lambda: ["fr", "en"], doc="Languages of mentions.")
    currency: Mapped[str] = mapped_column(default="EUR")
    sender_name: Mapped[str] = mapped_column(default="")
    sender_address: Mapped[str] = mapped_column(doc="From address; its domain carries the Message-IDs.")
    reply_to: Mapped[str] = mapped_column(default="", doc="Monitored mailbox of the shop's support.")
    survey_sender_name: Mapped[str] = mapped_column(default="", server_default="", doc="Empty for `sender_name`.")
    notice_sender_name: Mapped[str] = mapped_column(default="", server_default="", doc="Empty for `sender_name`.")
    accent: Mapped[str] = mapped_column(default="", server_default="", doc="The shop's colour, '#rrggbb'; empty: ours.")
    logo_digest: Mapped[str] = mapped_column(default="", server_default="", doc="The `ShopLogo`; empty for none.")
    logo_width: Mapped[int] = mapped_column(default=0, server_default="0", doc="In the picture's own pixels.")
    logo_height: Mapped[int] = mapped_column(default=0, server_default="0")
    notices_enabled: Mapped[bool] = mapped_column(default=True, doc="False where the platform tells the customer.")
    surveys_enabled: Mapped[bool] = mapped_column(default=True)
    survey_delay_hours: Mapped[int] = mapped_column(default=24)
    survey_window_hours: Mapped[int] = mapped_column(default=24, doc="How long after the delay a survey may start.")
    daytime_from: Mapped[int] = mapped_column(default=9, doc="First local hour in which surveys are sent.")
    daytime_until: Mapped[int] = mapped_column(default=20, doc="First local hour in which no more are sent.")
    quarantine_days: Mapped[int] = mapped_column(default=90)
    reminder_days: Mapped[int] = mapped_column(default=5, server_default="5", doc="4-7; 0 for no reminder (R38).")
    nps_enabled: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    nps_every_days: Mapped[int] = mapped_column(default=90, server_default="90")
    questionnaire_version: Mapped[int] = mapped_column(
        default=0, server_default="0", doc="What is asked now (`surveys.versions`); 0 is the questionnaire that ships."
    )
    withdrawal_days: Mapped[int] = mapped_column(default=14)
    refund_days: Mapped[int] = mapped_column(default=14)
    low_rating: Mapped[int] = mapped_column(default=2, doc="Ratings up to this open a story.")
    alert_threshold: Mapped[float] = mapped_column(default=0.75, doc="Least `negative` of a mention that alerts.")
    terms_any: Mapped[list[str]] = mapped_column(default=list)
    terms_all: Mapped[list[str]] = mapped_column(default=list)
    terms_none: Mapped[list[str]] = mapped_column(default=list)
    terms_context: Mapped[list[str]] = mapped_column(
        default=list,
        server_default="[]",
        doc="Words that make sure that an ambiguous name means the shop; empty where it is not ambiguous.",
    )
    order_number_pattern: Mapped[str] = mapped_column(default="", doc="Regular expression of the shop's order numbers.")
    created_at: Mapped[datetime]


class ShopLogo(Base):
    """A logo that a shop has or had: mails that wait may name one that is replaced by now."""

    __tablename__ = "shop_logo"
    __table_args__ = (sa.UniqueConstraint("shop_id", "digest"), sa.Index(None, "digest"))

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    digest: Mapped[str]
    data: Mapped[bytes] = mapped_column(doc="PNG or JPEG, as `shops.pictures` has checked it.")
    created_at: Mapped[datetime]


class Staff(Base):
    """A person of the shop's team who signs in."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True, doc="As `hashing.normal_address` gives it.")
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(enum_column(Role))
    language: Mapped[str] = mapped_column(default="fr")
    password_hash: Mapped[str] = mapped_column(doc="Argon2id.")
    session_version: Mapped[int] = mapped_column(default=1, doc="Rises to end every open session.")
    wants_alerts: Mapped[bool] = mapped_column(default=True)
    wants_digest: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    shops: Mapped[list[Shop]] = relationship(secondary="staff_shop", lazy="selectin", order_by=Shop.id)


class StaffShop(Base):
    """Which shops a member of staff works for."""

    __tablename__ = "staff_shop"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"), primary_key=True)


class ApiKey(Base):
    """A key with which a shop's platform calls the API; only its hash is kept."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    name: Mapped[str]
    prefix: Mapped[str] = mapped_column(doc="First characters, so that staff can tell keys apart.")
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    shop: Mapped[Shop] = relationship(lazy="joined")


class AuditEntry(Base):
    """Who did what and when; kept for the operator (R48)."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index(None, "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="SET NULL"))
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    detail: Mapped[str] = mapped_column(default="")
