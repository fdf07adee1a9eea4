"""The order behind a mention: an order number that stands in its text."""

import re
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.returns.models import Order

_SEARCHED = 20_000
_MAX_NUMBERS = 20


def order_numbers(text: str, pattern: str) -> tuple[str, ...]:
    """Return what looks like order numbers of the shop, in the order of the text, without repeats.

    `pattern` is the shop's regular expression; it matches whole words whatever their case. A pattern
    that is none gives nothing: a typing error in a setting must not stop the scan.
    """
    compiled = _compiled(pattern)
    if compiled is None:
        return ()
    found = (match[0] for match in compiled.finditer(text[:_SEARCHED]) if match[0])
    return tuple(dict.fromkeys(found))[:_MAX_NUMBERS]


def find_order(session: Session, shop_id: int, numbers: tuple[str, ...]) -> Order | None:
    """Return the shop's order of the first number that is one; None when none is known."""
    spelled = {spelling: rank for rank, number in enumerate(numbers) for spelling in _spellings(number)}
    if not spelled:
        return None
    orders = session.scalars(sa.select(Order).where(Order.shop_id == shop_id, Order.number.in_(spelled))).all()
    return min(orders, key=lambda order: spelled[order.number], default=None)


def _spellings(number: str) -> tuple[str, ...]:
    return number, number.upper(), number.lower()


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    if not pattern:
        return None
    try:
        return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
    except (re.error, RecursionError, OverflowError):
        return None
