"""Customer, order, return and the events from which a return's state follows."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_service.db import Base, enum_column

Money = sa.Numeric(14, 2)


class ReturnState(StrEnum):
    """Life of a return. Receiving is not refunding."""

    REQUESTED = "requested"
    APPROVED = "approved"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    REFUNDED = "refunded"
    REPLACED = "replaced"
    REJECTED = "rejected"


class Origin(StrEnum):
    """Who says so: a platform's contradiction is kept and flagged, a person's is refused."""

    PLATFORM = "platform"
    STAFF = "staff"


class Customer(Base):
    """A person who bought from one shop. Name and address go away with `privacy`."""

    __tablename__ = "customer"
    __table_args__ = (sa.UniqueConstraint("shop_id", "external_id"), sa.UniqueConstraint("shop_id", "email_key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    external_id: Mapped[str | None] = mapped_column(doc="The shop's own customer number.")
    email: Mapped[str | None]
    email_key: Mapped[str | None] = mapped_column(doc="Keyed hash of the address; stays when the address goes.")
    name: Mapped[str | None]
    language: Mapped[str | None]
    country: Mapped[str | None]
    created_at: Mapped[datetime]
    pseudonymised_at: Mapped[datetime | None]


class SurveyConsent(Base):
    """A person's consent to survey mail of one shop, with its proof (R11); a row for each time it was given."""

    __tablename__ = "survey_consent"
    __table_args__ = (sa.UniqueConstraint("shop_id", "address_key", "given_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    address_key: Mapped[str] = mapped_column(doc="Keyed hash of the address.")
    given_at: Mapped[datetime]
    how: Mapped[str] = mapped_column(doc="The way it came here: 'api', 'csv', 'cli'.")
    proof: Mapped[str] = mapped_column(doc="What shows that it was given: the wording, the form, a reference.")
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_how: Mapped[str] = mapped_column(default="", doc="'api', 'csv', 'cli', 'objection'.")


class Order(Base):
    """One order, idempotent on the shop's own id."""

    __tablename__ = "order"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "external_id"),
        sa.Index(None, "shop_id", "ordered_at"),
        sa.Index(None, "shop_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    external_id: Mapped[str]
    number: Mapped[str] = mapped_column(doc="As the customer knows it.")
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer.id", ondelete="SET NULL"), index=True)
    language: Mapped[str | None]
    ordered_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None] = mapped_column(
        doc="When its last parcel reached the customer; NULL: unknown."
    )
    currency: Mapped[str]
    content_digest: Mapped[str] = mapped_column(doc="Of the payload: tells 'unchanged' from 'updated'.")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    lines: Mapped[list["OrderLine"]] = relationship(cascade="all, delete-orphan", order_by="OrderLine.position")
    customer: Mapped[Customer | None] = relationship()


class OrderLine(Base):
    """One line of an order."""

    __tablename__ = "order_line"
    __table_args__ = (sa.Index(None, "order_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id", ondelete="CASCADE"))
    position: Mapped[int]
    sku: Mapped[str]
    product: Mapped[str] = mapped_column(default="")
    quantity: Mapped[int]
    unit_price: Mapped[Decimal] = mapped_column(Money)


class Return(Base):
    """One return (RMA or credit). `order_id` NULL: the order is unknown, the return counts all the same."""

    __tablename__ = "return"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "external_id"),
        sa.Index(None, "shop_id", "requested_at"),
        sa.Index(None, "closed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    external_id: Mapped[str]
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("order.id", ondelete="SET NULL"), index=True)
    order_reference: Mapped[str] = mapped_column(default="", doc="The order as the platform named it, even if unknown.")
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer.id", ondelete="SET NULL"), index=True)
    language: Mapped[str | None]
    currency: Mapped[str]
    state: Mapped[ReturnState] = mapped_column(enum_column(ReturnState))
    reason: Mapped[str] = mapped_column(default="unknown", doc="Our reason code (returns.reasons).")
    raw_reason: Mapped[str] = mapped_column(default="", doc="The platform's code, verbatim.")
    requested_at: Mapped[datetime]
    state_at: Mapped[datetime] = mapped_column(doc="When the present state was reached.")
    received_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(doc="When refunded, replaced or rejected.")
    refund_amount: Mapped[Decimal | None] = mapped_column(Money)
    goodwill_at: Mapped[datetime | None] = mapped_column(doc="When staff accepted it as a favour, out of time (R7).")
    flag: Mapped[str] = mapped_column(default="", doc="A contradiction a platform sent, in words; empty for none.")
    content_digest: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    lines: Mapped[list["ReturnLine"]] = relationship(cascade="all, delete-orphan", order_by="ReturnLine.position")
    events: Mapped[list["ReturnEvent"]] = relationship(
        cascade="all, delete-orphan", order_by="ReturnEvent.happened_at, ReturnEvent.id"
    )
    order: Mapped[Order | None] = relationship()
    customer: Mapped[Customer | None] = relationship()


class ReturnLine(Base):
    """What came back: units and value are positive."""

    __tablename__ = "return_line"
    __table_args__ = (sa.Index(None, "return_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    return_id: Mapped[int] = mapped_column(sa.ForeignKey("return.id", ondelete="CASCADE"))
    position: Mapped[int]
    sku: Mapped[str]
    product: Mapped[str] = mapped_column(default="")
    quantity: Mapped[int]
    unit_price: Mapped[Decimal] = mapped_column(Money)
    reason: Mapped[str] = mapped_column(default="unknown")
    raw_reason: Mapped[str] = mapped_column(default="")


class ReturnEvent(Base):
    """Something that happened to a return. The state follows from the events that are not conflicts."""

    __tablename__ = "return_event"
    __table_args__ = (sa.UniqueConstraint("return_id", "event_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    return_id: Mapped[int] = mapped_column(sa.ForeignKey("return.id", ondelete="CASCADE"))
    event_key: Mapped[str] = mapped_column(doc="The platform's event id, or kind and instant.")
    kind: Mapped[ReturnState] = mapped_column(enum_column(ReturnState))
    origin: Mapped[Origin] = mapped_column(enum_column(Origin))
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    conflict: Mapped[str] = mapped_column(default="", doc="Why it contradicts the others, in words; empty if it fits.")
