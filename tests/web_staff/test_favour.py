"""Until when a customer could withdraw, and what is accepted as a favour, on the page of a return (R5, R7)."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from feedback_service.returns.models import Return, ReturnState
from feedback_service.shops.models import AuditEntry, Shop
from tests.support.builders import NOW, make_order, make_return
from tests.support.staff import Visitor
from tests.web_staff.conftest import House

REQUESTED = NOW - timedelta(days=8)
"""Sunday, 15 November: asked for by then."""


def returned(house: House, delivered_at: datetime | None, closed_at: datetime | None = None) -> str:
    """Add a return that was received, of an order that was delivered at that instant; return its page."""
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        row = make_return(
            session, shop, make_order(session, shop, delivered_at=delivered_at),
            state=ReturnState.REFUNDED if closed_at else ReturnState.RECEIVED, closed_at=closed_at,
        )  # fmt: skip
    return f"/returns/{row.id}"


def test_return_in_time_says_until_when_it_was(house: House, camille: Visitor) -> None:
    page = camille.read(returned(house, REQUESTED - timedelta(days=3)))
    assert "Asked for in time: the customer could withdraw until" in page
    assert "favour" not in page


def test_return_of_an_order_with_no_known_delivery_says_nothing_of_it(house: House, camille: Visitor) -> None:
    page = camille.read(returned(house, None))
    assert "withdraw" not in page


def test_late_return_is_for_people_to_decide_and_a_favour_is_kept_with_who_granted_it(
    house: House, camille: Visitor
) -> None:
    path = returned(house, REQUESTED - timedelta(days=20))
    page = camille.read(path)
    assert "days later. The decision is yours" in page
    assert "Accept it as a favour" in page
    for _ in range(2):
        assert camille.press(path, f"{path}/favour").status_code == 303
    page = camille.read(path)
    assert "Accepted as a favour on" in page
    assert "Accept it as a favour" not in page
    with house.services.database.reading() as session:
        assert session.scalars(sa.select(Return.goodwill_at)).one() == house.services.clock.now()
        (entry,) = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "return.favour"))
        assert entry.staff_id is not None


@pytest.mark.parametrize(
    ("delivered_at", "closed_at"),
    [(REQUESTED - timedelta(days=3), None), (None, None), (REQUESTED - timedelta(days=20), NOW)],
    ids=["in time", "nobody knows", "settled already"],
)
def test_what_was_in_time_or_is_settled_is_no_favour(
    house: House, camille: Visitor, delivered_at: datetime | None, closed_at: datetime | None
) -> None:
    path = returned(house, delivered_at, closed_at)
    assert "Accept it as a favour" not in camille.read(path)
    assert camille.press(path, f"{path}/favour").status_code == 409
    with house.services.database.reading() as session:
        assert session.scalars(sa.select(Return.goodwill_at)).one() is None
