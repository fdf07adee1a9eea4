"""Builders of rows with sensible values; a test names only what it is about."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from feedback_service.hashing import address_key
from feedback_service.returns.models import Customer, Order, OrderLine, Return, ReturnLine, ReturnState
from feedback_service.shops.models import Role, Shop, Staff

SECRET = "a-secret-only-for-tests-0123456789"  # noqa: S105 - for tests only
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # A Monday, 10:30 in Paris.


def make_shop(session: Session, slug: str = "atelier", **values: Any) -> Shop:  # noqa: ANN401 - any column
    """Add a shop."""
    defaults: dict[str, Any] = {
        "slug": slug,
        "name": "Atelier Lumen",
        "controller": "Atelier Lumen SAS, 1 rue Exemple, 75000 Paris",
        "website": "https://atelier-lumen.example.com",
        "sender_name": "Atelier Lumen",
        "sender_address": "bonjour@atelier-lumen.example.com",
        "reply_to": "support@atelier-lumen.example.com",
        "terms_any": ["Atelier Lumen"],
        "order_number_pattern": r"AL-\d{5}",
        "created_at": NOW - timedelta(days=200),
    }
    shop = Shop(**(defaults | values))
    session.add(shop)
    session.flush()
    return shop


def make_staff(session: Session, shop: Shop, email: str = "agent@example.com", **values: Any) -> Staff:  # noqa: ANN401 - any column
    """Add a member of staff who works for `shop`; no password fits."""
    defaults: dict[str, Any] = {
        "email": email,
        "name": "Agent",
        "role": Role.AGENT,
        "language": "fr",
        "password_hash": "!",
        "created_at": NOW - timedelta(days=100),
    }
    staff = Staff(**(defaults | values), shops=[shop])
    session.add(staff)
    session.flush()
    return staff


def make_customer(session: Session, shop: Shop, email: str | None = "client@example.com", **values: Any) -> Customer:  # noqa: ANN401 - any column
    """Add a customer."""
    defaults: dict[str, Any] = {
        "external_id": None,
        "email": email,
        "email_key": address_key(SECRET, email) if email else None,
        "name": "Camille Exemple",
        "language": "fr",
        "country": "FR",
        "created_at": NOW - timedelta(days=60),
    }
    customer = Customer(shop_id=shop.id, **(defaults | values))
    session.add(customer)
    session.flush()
    return customer


def make_order(session: Session, shop: Shop, number: str = "AL-10001", **values: Any) -> Order:  # noqa: ANN401 - any column
    """Add an order of two lines: two lamps and one cord, 3 units, 110.00 in all."""
    defaults: dict[str, Any] = {
        "external_id": number,
        "number": number,
        "language": "fr",
        "ordered_at": NOW - timedelta(days=20),
        "currency": "EUR",
        "content_digest": "",
        "created_at": NOW - timedelta(days=20),
        "updated_at": NOW - timedelta(days=20),
        "lines": [
            OrderLine(position=1, sku="LAMP", product="Lampe Aube", quantity=2, unit_price=Decimal("50.00")),
            OrderLine(position=2, sku="CORD", product="Cordon lin", quantity=1, unit_price=Decimal("10.00")),
        ],
    }
    order = Order(shop_id=shop.id, **(defaults | values))
    session.add(order)
    session.flush()
    return order


def make_return(session: Session, shop: Shop, order: Order | None = None, **values: Any) -> Return:  # noqa: ANN401 - any column
    """Add a return of one lamp, refunded 30 hours before `NOW`."""
    refunded_at = NOW - timedelta(hours=30)
    defaults: dict[str, Any] = {
        "external_id": "R-1",
        "order": order,
        "order_reference": order.number if order else "",
        "customer_id": order.customer_id if order else None,
        "language": "fr",
        "currency": "EUR",
        "state": ReturnState.REFUNDED,
        "reason": "defective",
        "raw_reason": "DEFECTIVE",
        "requested_at": NOW - timedelta(days=8),
        "state_at": refunded_at,
        "received_at": NOW - timedelta(days=3),
        "closed_at": refunded_at,
        "refund_amount": Decimal("50.00"),
        "created_at": NOW - timedelta(days=8),
        "updated_at": refunded_at,
        "lines": [ReturnLine(position=1, sku="LAMP", product="Lampe Aube", quantity=1, unit_price=Decimal("50.00"))],
    }
    returned = Return(shop_id=shop.id, **(defaults | values))
    session.add(returned)
    session.flush()
    return returned
