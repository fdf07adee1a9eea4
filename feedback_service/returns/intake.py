"""Intake: orders, returns and events come in, each known again by the shop's own id.

The same payload twice changes nothing; a changed one updates. A return may come before its order: it is
kept as a return of unknown order and linked when the order arrives. Customers are told in the same
transaction (`notices`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.errors import ConflictError
from feedback_service.hashing import content_digest
from feedback_service.mail.outbox import Outbox
from feedback_service.returns import notices, rows
from feedback_service.returns.customers import record_customer
from feedback_service.returns.lifecycle import Happening, Standing, standing
from feedback_service.returns.models import (
    Order,
    OrderLine,
    Origin,
    Return,
    ReturnEvent,
    ReturnState,
)
from feedback_service.returns.payloads import (
    CustomerIn,
    OrderIn,
    OrderLineIn,
    Outcome,
    ReturnEventIn,
    ReturnIn,
)
from feedback_service.returns.reasons import map_reason
from feedback_service.shops.models import Shop

_LOCK = 0x0F33D  # First half of the advisory lock's name; the second is the shop.


def find_return(session: Session, shop: Shop, external_id: str) -> Return | None:
    """Return the shop's return of that external id, if there is one."""
    return session.scalar(sa.select(Return).where(Return.shop_id == shop.id, Return.external_id == external_id))


class Intake:
    """Records what comes in. Every method works inside the caller's write transaction."""

    def __init__(self, outbox: Outbox, secret: str) -> None:
        self._outbox = outbox
        self._secret = secret

    def record_order(self, session: Session, shop: Shop, order_in: OrderIn, now: datetime) -> Outcome:
        """Record one order, known by its external id, and link the returns that were waiting for it."""
        _one_at_a_time(session, shop)
        keys = (*_consent_key(order_in.customer), *_delivery_key(order_in))
        digest = content_digest(self._secret, repr(order_in), *keys)
        order = session.scalar(
            sa.select(Order).where(Order.shop_id == shop.id, Order.external_id == order_in.external_id)
        )
        if order and order.content_digest == digest:
            return Outcome.UNCHANGED
        outcome = Outcome.UPDATED if order else Outcome.CREATED
        if order is None:
            order = Order(shop_id=shop.id, external_id=order_in.external_id, created_at=now)
        customer = record_customer(session, shop, order_in.customer, self._secret, now, dated=order_in.ordered_at)
        order.number = order_in.number or order_in.external_id
        order.customer_id = customer.id if customer else order.customer_id
        order.language = order_in.language
        order.ordered_at = order_in.ordered_at
        order.delivered_at = order_in.delivered_at or order.delivered_at
        order.currency = order_in.currency or shop.currency
        order.content_digest = digest
        order.updated_at = now
        session.add(order)
        session.flush()
        _write_lines(session, order, order_in.lines, afresh=outcome is Outcome.UPDATED)
        _link_waiting_returns(session, shop, order)
        return outcome

    def record_return(
        self, session: Session, shop: Shop, return_in: ReturnIn, now: datetime, origin: Origin, *, notify: bool = True
    ) -> Outcome:
        """Record one return with its events; tell the customer about the state it reached now.

        A contradiction raises `ConflictError` when staff enter it; a platform's is kept and flagged.
        Events are only ever added: what a platform once said is not unsaid by leaving it out.
        """
        _one_at_a_time(session, shop)
        keys = tuple(event.event_key for event in return_in.events)
        keys += _consent_key(return_in.customer)
        digest = content_digest(self._secret, repr(replace(return_in, events=())), *keys)
        returned = find_return(session, shop, return_in.external_id)
        if returned and returned.content_digest == digest:
            return Outcome.UNCHANGED
        outcome = Outcome.UPDATED if returned else Outcome.CREATED
        if returned is None:
            returned = Return(shop_id=shop.id, external_id=return_in.external_id, created_at=now)
        self._fill(session, shop, returned, return_in, now)
        returned.content_digest = digest
        events = return_in.events
        if not any(event.kind is ReturnState.REQUESTED for event in events):
            events = (ReturnEventIn(ReturnState.REQUESTED, return_in.requested_at, key="requested"), *events)
        self._add_events(session, shop, returned, events, now, origin, notify=notify)
        return outcome

    def record_event(
        self,
        session: Session,
        returned: Return,
        kind: ReturnState,
        happened_at: datetime,
        event_key: str,
        origin: Origin,
        now: datetime,
    ) -> Outcome:
        """Record one event; `event_key` empty for kind and instant. A repetition changes nothing.

        Raises:
            ConflictError: staff entered what contradicts the other events; nothing is stored.
        """
        shop = session.get_one(Shop, returned.shop_id)
        _one_at_a_time(session, shop)
        session.refresh(returned)
        event = ReturnEventIn(kind, happened_at, event_key)
        return self._add_events(session, shop, returned, (event,), now, origin, notify=True)

    def _fill(self, session: Session, shop: Shop, returned: Return, return_in: ReturnIn, now: datetime) -> None:
        order = _find_order(session, shop, return_in.order_reference)
        customer = record_customer(session, shop, return_in.customer, self._secret, now, dated=return_in.requested_at)
        returned.order = order or (returned.order if returned.id else None)
        returned.order_reference = return_in.order_reference
        if customer:
            returned.customer_id = customer.id
        elif order and returned.customer_id is None:
            returned.customer_id = order.customer_id
        returned.language = return_in.language or (order.language if order else None)
        returned.currency = return_in.currency or (order.currency if order else shop.currency)
        returned.refund_amount = rows.cents(return_in.refund_amount)
        returned.requested_at = return_in.requested_at
        returned.updated_at = now
        prices = {line.sku: line.unit_price for line in order.lines} if order else {}
        returned.lines = [
            rows.return_line(position, line, return_in.reason, prices)
            for position, line in enumerate(return_in.lines, 1)
        ]
        returned.raw_reason = return_in.reason or next((line.reason for line in return_in.lines if line.reason), "")
        returned.reason = map_reason(returned.raw_reason)

    def _add_events(
        self,
        session: Session,
        shop: Shop,
        returned: Return,
        events: Iterable[ReturnEventIn],
        now: datetime,
        origin: Origin,
        *,
        notify: bool,
    ) -> Outcome:
        known = {event.event_key: event for event in returned.events} if returned.id else {}
        new = {event.event_key: event for event in events if event.event_key not in known}
        before = returned.state if known else None
        after = _standing(returned, (*(_happening(event) for event in known.values()), *map(_incoming, new.values())))
        already = {key for key, event in known.items() if event.conflict}
        contradicted = set(after.conflicts) - already
        if origin is Origin.STAFF and contradicted:
            raise ConflictError(after.conflicts[min(contradicted)])
        added = [rows.event_row(event, origin, now) for event in new.values()]
        for row in (*known.values(), *added):
            row.conflict = after.conflicts.get(row.event_key, "")
        returned.events.extend(added)
        _stand(returned, after, now if new else None)
        session.add(returned)
        session.flush()
        if notify and new and after.state is not before:
            notices.tell_customer(session, self._outbox, shop, returned, self._secret, now)
        if contradicted:
            return Outcome.FLAGGED
        return Outcome.CREATED if new else Outcome.UNCHANGED


def _consent_key(customer: CustomerIn | None) -> tuple[str, ...]:
    return (customer.consent.key,) if customer and customer.consent else ()


def _delivery_key(order: OrderIn) -> tuple[str, ...]:
    return (f"delivered {order.delivered_at.isoformat()}",) if order.delivered_at else ()


def _one_at_a_time(session: Session, shop: Shop) -> None:
    # SQLite has one writer. On PostgreSQL two requests for one id would both find nothing and both insert.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, shop.id)))


def _write_lines(session: Session, order: Order, lines: Sequence[OrderLineIn], *, afresh: bool) -> None:
    # Plain inserts: as objects, the lines took most of the time of a large import.
    if afresh:
        session.execute(sa.delete(OrderLine).where(OrderLine.order_id == order.id))
    if lines:
        session.execute(sa.insert(OrderLine), [rows.order_line(order.id, *line) for line in enumerate(lines, 1)])
    session.expire(order, ["lines"])


def _find_order(session: Session, shop: Shop, reference: str) -> Order | None:
    if not reference:
        return None
    by_id = sa.select(Order).where(Order.shop_id == shop.id, Order.external_id == reference)
    by_number = sa.select(Order).where(Order.shop_id == shop.id, Order.number == reference).order_by(Order.id.desc())
    return session.scalar(by_id) or session.scalar(by_number.limit(1))


def _link_waiting_returns(session: Session, shop: Shop, order: Order) -> None:
    waiting = session.scalars(
        sa.select(Return).where(
            Return.shop_id == shop.id,
            Return.order_id.is_(None),
            Return.order_reference.in_({order.external_id, order.number}),
        )
    ).all()
    prices = {line.sku: line.unit_price for line in order.lines} if waiting else {}
    for returned in waiting:
        returned.order = order
        returned.customer_id = returned.customer_id or order.customer_id
        returned.language = returned.language or order.language
        for line in returned.lines:
            line.unit_price = line.unit_price or prices.get(line.sku, Decimal(0))


def _happening(event: ReturnEvent) -> Happening:
    return Happening(event.kind, event.happened_at, event.event_key)


def _incoming(event: ReturnEventIn) -> Happening:
    return Happening(event.kind, event.happened_at, event.event_key)


def _standing(returned: Return, happenings: Iterable[Happening]) -> Standing:
    return standing(happenings, returned.requested_at)


def _stand(returned: Return, after: Standing, changed_at: datetime | None) -> None:
    returned.state = after.state
    returned.state_at = after.state_at
    returned.received_at = after.received_at
    returned.closed_at = after.closed_at
    returned.flag = after.flag
    returned.updated_at = changed_at or returned.updated_at
