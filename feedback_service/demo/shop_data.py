"""Some five months of orders and returns of the fictional shop, relative to an instant; the same for the same instant.

No row depends on the machine: a seeded generator makes everything. What "happened" after `now` has not
happened yet, so some returns are still on their way.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from feedback_service.demo.catalogue import CATALOGUE, Product
from feedback_service.demo.people import Buyer, make_buyer
from feedback_service.returns.models import ReturnState
from feedback_service.returns.payloads import (
    CustomerIn,
    OrderIn,
    OrderLineIn,
    ReturnEventIn,
    ReturnIn,
    ReturnLineIn,
)

DAYS = 150
ORDERS = 900
WEEKEND_RETURNS = 8
"""Returns refunded a day before `now`: their surveys are due at once."""

FORGOTTEN_DAYS = 19
"""So long ago the return was requested that came in and was never refunded: the shop has 14 days for that."""

_SEED = 20
_FIRST_NUMBER = 10_001
_LEAST_AGE = timedelta(hours=2)
_NO_REASON_SHARE = 0.12
_AGAIN_SHARE = 0.18
_REJECTED, _REPLACED = 0.04, 0.18
_TYPICAL_AGE_OF_RETURNED_ORDER = timedelta(days=16)


@dataclass(frozen=True, slots=True)
class Sales:
    """Everything that was ordered and sent back, oldest first."""

    orders: tuple[OrderIn, ...]
    returns: tuple[ReturnIn, ...]


def make_sales(now: datetime) -> Sales:
    """Return the sales of the `DAYS` days before `now` (aware, UTC)."""
    random = Random(_SEED)  # noqa: S311 - sample data, no secret
    buyers: list[Buyer] = []
    orders: list[OrderIn] = []
    returns: list[ReturnIn] = []
    for position, ordered_at in enumerate(_order_times(random, now)):
        buyer = _buyer(random, buyers)
        products = _basket(random)
        orders.append(_order(random, _FIRST_NUMBER + position, ordered_at, buyer, products))
        back = next((product for product in products if random.random() < product.returned), None)
        if back:
            returns.append(_return(random, orders[-1], back, now, closed_at=None))
    weekend = _weekend_returns(random, orders, returns, now)
    begun = [item for item in returns if item.requested_at <= now]
    forgotten = _forgotten_return(random, orders, [*returns, *weekend], now)
    return Sales(tuple(orders), tuple(sorted((*begun, *weekend, forgotten), key=lambda item: item.requested_at)))


def _order_times(random: Random, now: datetime) -> list[datetime]:
    """Return the instants of the orders: growing towards the season, in waking hours."""
    times = []
    for _ in range(ORDERS):
        age = DAYS * (1 - random.random() ** 0.65)
        day = (now - timedelta(days=age)).replace(minute=0, second=0, microsecond=0)
        at = day.replace(hour=min(22, max(6, int(random.gauss(15, 4))))) + timedelta(seconds=random.randrange(3600))
        times.append(min(at, now - _LEAST_AGE - timedelta(minutes=random.randrange(600))))
    return sorted(times)


def _buyer(random: Random, buyers: list[Buyer]) -> Buyer:
    if buyers and random.random() < _AGAIN_SHARE:
        return random.choice(buyers)
    buyers.append(make_buyer(random, len(buyers) + 1))
    return buyers[-1]


def _basket(random: Random) -> tuple[Product, ...]:
    size = random.choices((1, 2, 3), (60, 28, 12))[0]
    picked = random.choices(CATALOGUE, [product.popularity for product in CATALOGUE], k=size)
    return tuple(dict.fromkeys(picked))


def _order(random: Random, number: int, at: datetime, buyer: Buyer, products: tuple[Product, ...]) -> OrderIn:
    lines = tuple(
        OrderLineIn(product.sku, random.choices((1, 2, 3), (80, 16, 4))[0], product.price, product.name)
        for product in products
    )
    return OrderIn(
        external_id=f"{number}",
        number=f"AL-{number}",
        ordered_at=at,
        lines=lines,
        currency="EUR",
        language=buyer.language,
        customer=CustomerIn(buyer.number, buyer.email, buyer.name, buyer.language, buyer.country),
    )


def _return(random: Random, order: OrderIn, product: Product, now: datetime, closed_at: datetime | None) -> ReturnIn:
    """Return the return of `product`; with `closed_at`, refunded at that instant whatever chance says."""
    line = next(line for line in order.lines if line.sku == product.sku)
    quantity = 1 if random.random() < 0.7 else line.quantity  # noqa: PLR2004 - most send back one of several
    reason = _reason(random, product)
    events = _refunded(random, closed_at) if closed_at else _life(random, order.ordered_at)
    happened = tuple(event for event in events if event.happened_at <= now)
    refunded = any(event.kind is ReturnState.REFUNDED for event in happened)
    return ReturnIn(
        external_id=f"R-{order.external_id}",
        requested_at=events[0].happened_at,
        lines=(ReturnLineIn(product.sku, quantity, product.price, product.name, reason),),
        order_reference=order.external_id,
        currency="EUR",
        language=order.language,
        customer=order.customer,
        reason=reason,
        refund_amount=Decimal(quantity) * product.price if refunded else None,
        events=happened,
    )


def _reason(random: Random, product: Product) -> str:
    if random.random() < _NO_REASON_SHARE:
        return ""
    codes, weights = zip(*product.reasons, strict=True)
    return str(random.choices(codes, weights)[0])


def _life(random: Random, ordered_at: datetime) -> list[ReturnEventIn]:
    """Return the events of a return, each some days after the one before."""
    end = random.choices(
        (ReturnState.REJECTED, ReturnState.REPLACED, ReturnState.REFUNDED),
        (_REJECTED, _REPLACED, 1 - _REJECTED - _REPLACED),
    )[0]
    steps = (
        (ReturnState.REQUESTED, random.uniform(3, 12)),
        (ReturnState.APPROVED, random.uniform(0.1, 1)),
        (ReturnState.IN_TRANSIT, random.uniform(0.5, 2)),
        (ReturnState.RECEIVED, random.uniform(1, 4)),
        (end, random.uniform(0.3, 5)),
    )
    return _dated(ordered_at, steps)


def _refunded(random: Random, closed_at: datetime) -> list[ReturnEventIn]:
    steps = (
        (ReturnState.REQUESTED, 0.0),
        (ReturnState.APPROVED, random.uniform(0.1, 0.5)),
        (ReturnState.IN_TRANSIT, random.uniform(0.5, 1)),
        (ReturnState.RECEIVED, random.uniform(1, 3)),
    )
    begun = _dated(closed_at - timedelta(days=7), steps)
    return [*begun, ReturnEventIn(ReturnState.REFUNDED, closed_at)]


def _dated(start: datetime, steps: tuple[tuple[ReturnState, float], ...]) -> list[ReturnEventIn]:
    events: list[ReturnEventIn] = []
    at = start
    for kind, days in steps:
        at += timedelta(days=days)
        events.append(ReturnEventIn(kind, at.replace(microsecond=0)))
    return events


def _weekend_returns(random: Random, orders: list[OrderIn], returns: list[ReturnIn], now: datetime) -> list[ReturnIn]:
    """Return the returns refunded 25 to 44 hours ago: those whose surveys are due now."""
    taken = {_number(item) for item in returns}
    old_enough = (
        order
        for order in reversed(orders)
        if order.ordered_at < now - _TYPICAL_AGE_OF_RETURNED_ORDER and _number(order) not in taken
    )
    chosen: dict[str, ReturnIn] = {}
    for order in old_enough:
        closed_at = now - timedelta(hours=25 + 2.5 * len(chosen))
        product = next(product for product in CATALOGUE if product.sku == order.lines[0].sku)
        chosen.setdefault(_number(order), _return(random, order, product, now, closed_at))
        if len(chosen) == WEEKEND_RETURNS:
            break
    return list(chosen.values())


def _forgotten_return(random: Random, orders: list[OrderIn], returns: list[ReturnIn], now: datetime) -> ReturnIn:
    """Return a return that came in and was not refunded in time: what a manager should look at first."""
    taken = {_number(item) for item in returns}
    requested_at = now - timedelta(days=FORGOTTEN_DAYS)
    order = next(
        order
        for order in reversed(orders)
        if order.ordered_at < requested_at - timedelta(days=5) and _number(order) not in taken
    )
    product = next(product for product in CATALOGUE if product.sku == order.lines[0].sku)
    whole = _return(random, order, product, now, closed_at=requested_at + timedelta(days=7))
    events = tuple(event for event in whole.events if event.kind is not ReturnState.REFUNDED)
    return replace(whole, events=events, refund_amount=None)


def _number(bought: OrderIn | ReturnIn) -> str:
    return (bought.customer.external_id if bought.customer else None) or ""
