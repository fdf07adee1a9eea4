"""ShopModel: what a shop's own texts taught, the figures that decide whether it is used, and when it learns again."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from feedback_service.claims import Claimable
from feedback_service.sentiment.learning import are_enough


class State(StrEnum):
    """Whether mentions are judged with what the shop's texts taught, or why not."""

    USED = "used"
    OFF = "off"
    NEW = "new"
    TOO_FEW = "too_few"
    ERASED = "erased"
    NOT_BETTER = "not_better"


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

    @property
    def learns(self) -> bool:
        """Tell whether the job lets it learn again: not once what was learned is deleted, until it is switched on."""
        return self.is_on or self.weights is not None

    @property
    def state(self) -> State:
        """Return whether mentions are judged with it, or the first reason why not."""
        if not self.is_on:
            return State.OFF
        if self.is_used:
            return State.USED
        if self.learned_at is None:
            return State.NEW
        if not are_enough(self.lessons, self.negatives):
            return State.TOO_FEW
        return State.ERASED if self.weights is None else State.NOT_BETTER
