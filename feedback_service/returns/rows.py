"""Rows made from what came in: lines, events; amounts to the cent."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from feedback_service.returns.models import Origin, ReturnEvent, ReturnLine
from feedback_service.returns.payloads import OrderLineIn, ReturnEventIn, ReturnLineIn
from feedback_service.returns.reasons import Reason, map_reason

_CENT = Decimal("0.01")


def cents(amount: Decimal | None) -> Decimal | None:
    """Return an amount rounded half up to the cent; None stays None."""
    return None if amount is None else amount.quantize(_CENT, ROUND_HALF_UP)


def order_line(order_id: int, position: int, line: OrderLineIn) -> dict[str, object]:
    """Return the values of one order line's row."""
    return {
        "order_id": order_id,
        "position": position,
        "sku": line.sku,
        "product": line.product,
        "quantity": line.quantity,
        "unit_price": line.unit_price.quantize(_CENT, ROUND_HALF_UP),
    }


def return_line(position: int, line: ReturnLineIn, reason: str, prices: dict[str, Decimal]) -> ReturnLine:
    """Return the row of one return line; `reason` and `prices` (by sku) serve where the line names none."""
    raw = line.reason or reason
    return ReturnLine(
        position=position,
        sku=line.sku,
        product=line.product,
        quantity=line.quantity,
        unit_price=prices.get(line.sku, Decimal(0)) if line.unit_price is None else cents(line.unit_price),
        reason=map_reason(raw) if raw else Reason.UNKNOWN,
        raw_reason=raw,
    )


def event_row(event: ReturnEventIn, origin: Origin, now: datetime) -> ReturnEvent:
    """Return the row of one event, not yet judged."""
    return ReturnEvent(
        event_key=event.event_key, kind=event.kind, origin=origin, happened_at=event.happened_at, recorded_at=now
    )
