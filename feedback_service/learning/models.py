"""ShopModel: what a shop's own texts taught, the figures that decide whether it is used, and when it learns again."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from feedback_service.claims import Claimable


class ShopModel(Claimable):
    """One row per shop. `due_at` is when it learns again; at once after a person's data were erased."""

    __tablename__ = "shop_model"
    __table_args__ = (sa.UniqueConstraint("shop_id"),)

    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    is_on: Mapped[bool] = mapped_column(default=True, doc="The switch of the staff: off means never used.")
    is_better: Mapped[bool] = mapped_column(default=False, doc="On texts held back it judged better than the base.")
    weights: Mapped[bytes | None] = mapped_column(doc="As `LinearModel.to_bytes` gives them; hashed, holds no word.")
    digest: Mapped[str] = mapped_column(default="", doc="Of the weights: tells processes that there are new ones.")
    learned_at: Mapped[datetime | None]
    lessons: Mapped[int] = mapped_column(default=0)
    negatives: Mapped[int] = mapped_column(default=0)
    base_auc: Mapped[float | None]
    auc: Mapped[float | None]
    base_loss: Mapped[float | None]
    loss: Mapped[float | None]

    @property
    def is_used(self) -> bool:
        """Tell whether mentions are judged with it."""
        return self.is_on and self.is_better and self.weights is not None
