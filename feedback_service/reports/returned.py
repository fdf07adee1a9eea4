"""Orders and returns: counts, the return rates, reasons, the course over time and by product."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.formats import zone
from feedback_service.reports.figures import LateRefunds, ProductFigure, RatePoint, ReasonCount, ReturnFigures, Span
from feedback_service.reports.spans import bucket, within
from feedback_service.reports.statistics import LEAST_SHOWN, Total, ratio, wilson
from feedback_service.returns.models import Order, OrderLine, Return, ReturnLine, ReturnState
from feedback_service.shops.models import Shop

# An order counts once however often it comes back; a return of unknown order counts as an order of its own.
_RETURNED_ORDERS = sa.func.count(sa.distinct(Return.order_id)) + sa.func.count(
    sa.case((Return.order_id.is_(None), Return.id))
)


def return_figures(session: Session, shop_id: int, span: Span) -> ReturnFigures:
    """Return the counts, rates and reasons of the orders and returns of `span`."""
    ordered = sa.and_(Order.shop_id == shop_id, within(Order.ordered_at, span))
    came_back = sa.and_(Return.shop_id == shop_id, within(Return.requested_at, span))
    currency, in_currency, orders = _currency(session, shop_id, ordered)
    returns, unknown, rejected, returned_orders = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((Return.order_id.is_(None), 1))),
            sa.func.count(sa.case((Return.state == ReturnState.REJECTED, 1))),
            _RETURNED_ORDERS,
        ).where(came_back)
    ).one()
    units_sold, sales = _sold(session, ordered, currency)
    units_back, value_back = _brought_back(session, came_back, currency)
    return ReturnFigures(
        orders=orders,
        returns=returns,
        returns_of_unknown_order=unknown,
        returns_rejected=rejected,
        returned_orders=returned_orders,
        rate_orders=wilson(returned_orders, orders),
        rate_cohort=wilson(_orders_with_return(session, ordered), orders),
        rate_units=ratio(units_back, units_sold),
        rate_value=ratio(value_back, sales),
        currency=currency,
        other_currencies=orders - in_currency,
        reasons=_reasons(session, came_back),
    )


def return_rates(session: Session, shop_id: int, edges: Sequence[datetime]) -> tuple[RatePoint, ...]:
    """Return the return rate by order of each bucket between neighbouring `edges` (ascending instants)."""
    span = Span(edges[0], edges[-1])
    of_order, of_return = bucket(Order.ordered_at, edges).label("b"), bucket(Return.requested_at, edges).label("b")
    orders = session.execute(
        sa.select(of_order, sa.func.count())
        .where(Order.shop_id == shop_id, within(Order.ordered_at, span))
        .group_by("b")
    )
    returns = session.execute(
        sa.select(of_return, _RETURNED_ORDERS)
        .where(Return.shop_id == shop_id, within(Return.requested_at, span))
        .group_by("b")
    )
    ordered, brought_back = {row[0]: row[1] for row in orders}, {row[0]: row[1] for row in returns}
    return tuple(
        RatePoint(start, wilson(brought_back.get(number, 0), ordered.get(number, 0)))
        for number, start in enumerate(edges[:-1])
    )


def conspicuous_products(session: Session, shop_id: int, span: Span, limit: int = 5) -> tuple[ProductFigure, ...]:
    """Return the products that come back clearly more often than the shop's orders do, largest excess first.

    Cohort by order date: of the orders of `span` that hold the product, those of which that product came
    back by now. "Clearly": at least `LEAST_SHOWN` orders, and the whole interval above the shop's own rate.
    """
    ordered = sa.and_(Order.shop_id == shop_id, within(Order.ordered_at, span))
    back = sa.select(Return.order_id, ReturnLine.sku).select_from(ReturnLine).join(Return)
    returned = back.where(Return.shop_id == shop_id).distinct().subquery()
    rows = session.execute(
        sa.select(
            OrderLine.sku,
            sa.func.max(OrderLine.product),
            sa.func.count(sa.distinct(Order.id)),
            sa.func.count(sa.distinct(returned.c.order_id)),
        )
        .select_from(OrderLine)
        .join(Order)
        .outerjoin(returned, sa.and_(returned.c.order_id == Order.id, returned.c.sku == OrderLine.sku))
        .where(ordered)
        .group_by(OrderLine.sku)
    ).all()
    pairs, backs = sum(row[2] for row in rows), sum(row[3] for row in rows)
    usual = backs / pairs if pairs else 0.0
    figures = [ProductFigure(sku, product or sku, wilson(k, n), k - n * usual) for sku, product, n, k in rows]
    clear = [item for item in figures if item.rate.n >= LEAST_SHOWN and (item.rate.low or 0) > usual]
    return tuple(sorted(clear, key=lambda item: (-item.excess, item.sku))[:limit])


def late_refunds(session: Session, shop: Shop, now: datetime) -> LateRefunds:
    """Return how many returns came in but are not closed past the shop's term.

    As `returns.deadlines.refund_due_on` and `refund_late` count it: the last day is `refund_days` after the
    local day of the request, or the local day of receipt if that is later; on the next day it is late.
    """
    today = now.astimezone(zone(shop.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    waiting = sa.and_(
        Return.shop_id == shop.id,
        Return.closed_at.is_(None),
        Return.received_at < today,
        Return.requested_at < today - timedelta(days=shop.refund_days),
    )
    count = session.scalar(sa.select(sa.func.count()).select_from(Return).where(waiting)) or 0
    oldest = session.execute(
        sa.select(Return.id, Return.requested_at).where(waiting).order_by(Return.requested_at, Return.id).limit(1)
    ).first()
    return LateRefunds(count, oldest[1] if oldest else None, oldest[0] if oldest else None)


def _currency(session: Session, shop_id: int, ordered: sa.ColumnElement[bool]) -> tuple[str, int, int]:
    """Return the currency of most orders, how many have it, and how many orders there are."""
    rows = session.execute(
        sa.select(Order.currency, sa.func.count().label("n"))
        .where(ordered)
        .group_by(Order.currency)
        .order_by(sa.desc("n"), Order.currency)
    ).all()
    if not rows:
        return session.scalar(sa.select(Shop.currency).where(Shop.id == shop_id)) or "", 0, 0
    return rows[0][0], rows[0][1], sum(row[1] for row in rows)


def _sold(session: Session, ordered: sa.ColumnElement[bool], currency: str) -> tuple[Total, Total]:
    """Return units sold and gross sales, one case per order."""
    value = sa.cast(OrderLine.quantity * OrderLine.unit_price, sa.Float)
    cases = (
        sa.select(
            sa.func.sum(OrderLine.quantity).label("units"),
            sa.func.sum(sa.case((Order.currency == currency, value))).label("value"),
        )
        .join(Order)
        .where(ordered)
        .group_by(Order.id)
    )
    return _totals(session, cases.subquery())


def _brought_back(session: Session, came_back: sa.ColumnElement[bool], currency: str) -> tuple[Total, Total]:
    """Return units and value returned, one case per return."""
    value = sa.cast(ReturnLine.quantity * ReturnLine.unit_price, sa.Float)
    cases = (
        sa.select(
            sa.func.sum(ReturnLine.quantity).label("units"),
            sa.func.sum(sa.case((Return.currency == currency, value))).label("value"),
        )
        .join(Return)
        .where(came_back)
        .group_by(Return.id)
    )
    return _totals(session, cases.subquery())


def _totals(session: Session, cases: sa.Subquery) -> tuple[Total, Total]:
    units, value = sa.cast(cases.c.units, sa.Float), cases.c.value
    row = session.execute(
        sa.select(
            sa.func.count(units),
            sa.func.sum(units),
            sa.func.sum(units * units),
            sa.func.count(value),
            sa.func.sum(value),
            sa.func.sum(value * value),
        )
    ).one()
    return (
        Total(row[0], float(row[1] or 0), float(row[2] or 0)),
        Total(row[3], round(float(row[4] or 0), 2), float(row[5] or 0)),
    )


def _orders_with_return(session: Session, ordered: sa.ColumnElement[bool]) -> int:
    has_return = sa.exists().where(Return.order_id == Order.id)
    return session.scalar(sa.select(sa.func.count()).select_from(Order).where(ordered, has_return)) or 0


def _reasons(session: Session, came_back: sa.ColumnElement[bool]) -> tuple[ReasonCount, ...]:
    rows = session.execute(
        sa.select(Return.reason, sa.func.count().label("n"))
        .where(came_back)
        .group_by(Return.reason)
        .order_by(sa.desc("n"), Return.reason)
    )
    return tuple(ReasonCount(reason, count) for reason, count in rows)
