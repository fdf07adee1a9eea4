"""The digest of one shop and week, frozen when it is built: what was sent stays what is shown."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_service.db import Base
from feedback_service.shops.models import Shop


class Digest(Base):
    """One week of one shop. `contents` is the frozen `digest.builder.Contents` as JSON."""

    __tablename__ = "digest"
    __table_args__ = (sa.UniqueConstraint("shop_id", "week_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    week_on: Mapped[date] = mapped_column(doc="The Monday of the ISO week, in the shop's zone.")
    contents: Mapped[dict[str, Any]]
    built_at: Mapped[datetime]

    shop: Mapped[Shop] = relationship()
