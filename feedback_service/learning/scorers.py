"""The scorer of each shop: its languages, and what its own texts taught where that is used."""

import threading

import sqlalchemy as sa
import structlog

from feedback_service.db import Database
from feedback_service.learning.models import ShopModel
from feedback_service.sentiment.linear import LinearModel
from feedback_service.sentiment.scorer import Scorer
from feedback_service.shops.models import Shop

log = structlog.get_logger()
_Key = tuple[tuple[str, ...], str]


class ShopScorers:
    """Hands out scorers; one is made anew when the shop's languages or its learned model have changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._made: dict[int, tuple[_Key, Scorer]] = {}
        self._lock = threading.Lock()

    def scorer_for(self, shop: Shop) -> Scorer:
        """Return the scorer of `shop` as it stands now: one short query, and nothing more while nothing changed."""
        with self._database.reading() as session:
            used = (ShopModel.shop_id == shop.id, ShopModel.is_on, ShopModel.is_better)
            digest = session.scalar(sa.select(ShopModel.digest).where(*used)) or ""
        key = (tuple(shop.languages), digest)
        with self._lock:
            known = self._made.get(shop.id)
            if known is None or known[0] != key:
                known = self._made[shop.id] = (key, Scorer(shop.languages, self._model(shop, digest)))
            return known[1]

    def _model(self, shop: Shop, digest: str) -> LinearModel | None:
        if not digest:
            return None
        with self._database.reading() as session:
            chosen = sa.select(ShopModel.weights).where(ShopModel.shop_id == shop.id, ShopModel.digest == digest)
            weights = session.scalar(chosen)
        try:
            return LinearModel.from_bytes(weights) if weights else None
        except ValueError as error:
            # An older form: the base judges until the shop has learned again.
            log.warning("learned model not used", shop=shop.slug, why=str(error))
            return None
