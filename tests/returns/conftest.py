"""A shop whose orders and returns come in, on both databases."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from feedback_service.bootstrap import Services
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.intake import find_return
from feedback_service.returns.models import Origin, Return, ReturnState
from feedback_service.returns.payloads import (
    CustomerIn,
    OrderIn,
    OrderLineIn,
    Outcome,
    ReturnEventIn,
    ReturnIn,
    ReturnLineIn,
)
from feedback_service.shops.models import Shop
from tests.support.builders import NOW, make_shop

CAMILLE = CustomerIn(external_id="c1", email="client@example.com", name="Camille Exemple", language="fr")


def order_in(**changes: Any) -> OrderIn:  # noqa: ANN401 - any field
    """Return an order of two lamps and a cord."""
    lines = (
        OrderLineIn("LAMP", 2, Decimal("50.00"), "Lampe Aube"),
        OrderLineIn("CORD", 1, Decimal("10.00"), "Cordon lin"),
    )
    values: dict[str, Any] = {"external_id": "o1", "number": "AL-10001", "ordered_at": NOW - timedelta(days=20)}
    return OrderIn(**(values | {"lines": lines, "language": "fr", "customer": CAMILLE} | changes))


def return_in(*events: ReturnEventIn, **changes: Any) -> ReturnIn:  # noqa: ANN401 - any field
    """Return a return of one lamp, asked for a week ago."""
    values: dict[str, Any] = {
        "external_id": "R-1",
        "requested_at": NOW - timedelta(days=7),
        "lines": (ReturnLineIn("LAMP", 1, product="Lampe Aube"),),
        "order_reference": "AL-10001",
        "reason": "SIZE_TOO_SMALL",
        "events": events,
    }
    return ReturnIn(**(values | changes))


def happened(kind: ReturnState, hours_ago: float = 1, key: str = "") -> ReturnEventIn:
    """Return an event of `hours_ago`."""
    return ReturnEventIn(kind, NOW - timedelta(hours=hours_ago), key)


@dataclass
class Counter:
    """Where a test hands things in and looks at what became of them."""

    services: Services
    shop: Shop

    def order(self, order: OrderIn | None = None, now: datetime = NOW) -> Outcome:
        """Record an order."""
        with self.services.database.writing() as session:
            return self.services.intake.record_order(session, self.shop, order or order_in(), now)

    def returned(self, returned: ReturnIn, origin: Origin = Origin.PLATFORM, **options: Any) -> Outcome:  # noqa: ANN401 - options of the intake
        """Record a return."""
        with self.services.database.writing() as session:
            return self.services.intake.record_return(session, self.shop, returned, NOW, origin, **options)

    def event(self, event: ReturnEventIn, origin: Origin = Origin.PLATFORM, now: datetime = NOW) -> Outcome:
        """Record an event of the return R-1."""
        with self.services.database.writing() as session:
            row = find_return(session, self.shop, "R-1")
            assert row is not None
            return self.services.intake.record_event(
                session, row, event.kind, event.happened_at, event.key, origin, now
            )

    def stored(self) -> Return:
        """Return the return R-1 as stored."""
        everything = (
            selectinload(Return.lines),
            selectinload(Return.events),
            selectinload(Return.order),
            selectinload(Return.customer),
        )
        with self.services.database.reading() as session:
            return session.scalars(sa.select(Return).where(Return.external_id == "R-1").options(*everything)).one()

    def mails(self) -> list[OutboxMail]:
        """Return the mails in the outbox, oldest first."""
        with self.services.database.reading() as session:
            return list(session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)))

    def count(self, table: type) -> int:
        """Return how many rows a table has."""
        with self.services.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.fixture
def counter(services: Services) -> Counter:
    """The counter of the shop `atelier`."""
    with services.database.writing() as session:
        shop = make_shop(session)
    return Counter(services, shop)
