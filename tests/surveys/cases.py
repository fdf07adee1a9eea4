"""What may stand against asking somebody, made in a database of one shop: for the tests that show each reason."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.mail.models import Suppression, SuppressionReason
from feedback_service.returns.models import Customer
from feedback_service.shops.models import Shop
from tests.support.builders import NOW

Case = Callable[[Session, Shop], object]


def shop_with(**values: object) -> Case:
    """Let the shop have these values."""
    return lambda session, shop: session.execute(sa.update(Shop).where(Shop.id == shop.id).values(**values))


def customer_with(**values: object) -> Case:
    """Let every customer have these values."""
    return lambda session, _shop: session.execute(sa.update(Customer).values(**values))


def suppressed(key: str, reason: SuppressionReason) -> Case:
    """Put the address of that key on the shop's list."""
    return lambda session, shop: session.add(
        Suppression(shop_id=shop.id, address_key=key, reason=reason, created_at=NOW)
    )
