"""What a customer wrote back to a mail of ours: part of the case, like an answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from feedback_service.db import Base
from feedback_service.returns.models import Return


class CustomerReply(Base):
    """A person's reply, without what it quotes; e-mail, phone and IBAN are masked in it (R17)."""

    __tablename__ = "customer_reply"
    __table_args__ = (sa.Index(None, "shop_id", "came_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    incoming_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incoming_mail.id", ondelete="SET NULL"), unique=True)
    return_id: Mapped[int | None] = mapped_column(sa.ForeignKey("return.id", ondelete="SET NULL"), index=True)
    text: Mapped[str | None] = mapped_column(doc="Masked; NULL once anonymised.")
    language: Mapped[str]
    is_negative: Mapped[bool]
    negative: Mapped[float] = mapped_column(doc="0-1, as the scorer judged it.")
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list, doc="As that of a mention.")
    came_at: Mapped[datetime]
    anonymised_at: Mapped[datetime | None]

    returned: Mapped[Return | None] = relationship()


def replies_to(session: Session, return_id: int) -> Sequence[CustomerReply]:
    """Return what the customer wrote back about a return, the latest first."""
    chosen = sa.select(CustomerReply).where(CustomerReply.return_id == return_id)
    return session.scalars(chosen.order_by(CustomerReply.came_at.desc(), CustomerReply.id.desc())).all()
