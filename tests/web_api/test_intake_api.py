"""Orders, returns and events come in by HTTP, once each, however often they are sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_service.mail.models import OutboxMail
from feedback_service.returns.models import Customer, Order, Return, ReturnEvent, SurveyConsent
from feedback_service.shops.models import ApiKey
from tests.support.builders import NOW, make_shop
from tests.web_api.conftest import Platform


def order(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return the payload of an order."""
    return {
        "external_id": 450789469,
        "number": "AL-10001",
        "ordered_at": "2026-11-02T10:00:00+01:00",
        "currency": "eur",
        "language": "fr",
        "customer": {"external_id": "c1", "email": "Client@example.com", "name": "Camille Exemple"},
        "lines": [{"sku": "LAMP", "quantity": 2, "unit_price": 49.9, "product": "Lampe Aube"}],
    } | changes


def returned(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return the payload of a return."""
    return {
        "external_id": "R/1",
        "order": "AL-10001",
        "requested_at": "2026-11-16T10:00:00Z",
        "reason": "SIZE_TOO_SMALL",
        "lines": [{"sku": "LAMP", "quantity": 1}],
    } | changes


def event(kind: str, hours_ago: float = 1, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return the payload of an event."""
    return {"kind": kind, "happened_at": (NOW - timedelta(hours=hours_ago)).isoformat()} | changes


def _count(platform: Platform, table: type) -> int:
    with platform.services.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_an_order_is_created_once_then_unchanged_then_updated(platform: Platform) -> None:
    first = platform.post("/orders", order())
    assert (first.status_code, first.json) == (201, {"external_id": "450789469", "outcome": "created"})
    again = platform.post("/orders", order())
    assert (again.status_code, again.json) == (200, {"external_id": "450789469", "outcome": "unchanged"})
    changed = platform.post("/orders", order(lines=[{"sku": "CORD", "quantity": 1, "unit_price": "10.00"}]))
    assert (changed.status_code, changed.json) == (200, {"external_id": "450789469", "outcome": "updated"})
    with platform.services.database.reading() as session:
        stored = session.scalars(sa.select(Order)).one()
        assert [(line.sku, line.quantity, str(line.unit_price)) for line in stored.lines] == [("CORD", 1, "10.00")]
        assert (stored.currency, stored.language, stored.number) == ("EUR", "fr", "AL-10001")
        customer = session.scalars(sa.select(Customer)).one()
        assert (customer.external_id, customer.email, customer.name) == ("c1", "Client@example.com", "Camille Exemple")


def test_a_return_with_its_state_lines_and_reason(platform: Platform) -> None:
    platform.post("/orders", order())
    answer = platform.post("/returns", returned(events=[event("received")]))
    assert answer.status_code == 201
    assert answer.json == {
        "external_id": "R/1",
        "outcome": "created",
        "state": "received",
        "flag": "",
        "order_known": True,
    }
    with platform.services.database.reading() as session:
        row = session.scalars(sa.select(Return)).one()
        assert (row.reason, row.raw_reason) == ("too_small", "SIZE_TOO_SMALL")
        assert str(row.lines[0].unit_price) == "49.90"
        assert row.customer is not None
        assert [mail.kind for mail in session.scalars(sa.select(OutboxMail))] == ["return_received"]


def test_a_return_sent_twice_changes_nothing_even_when_its_state_has_no_instant(platform: Platform) -> None:
    payload = returned(state="refunded")
    assert platform.post("/returns", payload).status_code == 201
    platform.services.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]  # the fixture's ManualClock
    again = platform.post("/returns", payload)
    assert (again.status_code, again.json["outcome"]) == (200, "unchanged")
    assert _count(platform, ReturnEvent) == 2


def test_a_return_of_an_unknown_order_is_kept_and_linked_when_the_order_comes(platform: Platform) -> None:
    assert platform.post("/returns", returned()).json["order_known"] is False
    platform.post("/orders", order())
    with platform.services.database.reading() as session:
        row = session.scalars(sa.select(Return)).one()
        assert row.order is not None
        assert row.customer is not None
        assert str(row.lines[0].unit_price) == "49.90"
    assert platform.post("/returns", returned(reason="style")).json["order_known"] is True


def test_events_come_late_twice_and_out_of_order(platform: Platform) -> None:
    platform.post("/returns", returned())
    refunded = platform.post("/returns/R/1/events", event("refunded", 1, event_id="e2"))
    assert (refunded.status_code, refunded.json["state"]) == (201, "refunded")
    late = platform.post("/returns/R/1/events", event("received", 5, event_id="e1"))
    assert (late.status_code, late.json["outcome"], late.json["state"]) == (201, "created", "refunded")
    twice = platform.post("/returns/R/1/events", event("received", 5, event_id="e1"))
    assert (twice.status_code, twice.json["outcome"]) == (200, "unchanged")


def test_a_platforms_contradiction_is_kept_and_flagged(platform: Platform) -> None:
    platform.post("/returns", returned(events=[event("rejected", 5)]))
    answer = platform.post("/returns/R/1/events", event("received", 1))
    assert answer.status_code == 201
    assert answer.json["outcome"] == "flagged"
    assert answer.json["state"] == "rejected"
    assert answer.json["flag"] == "It is said to be received, but it was rejected before."
    assert _count(platform, ReturnEvent) == 3


def test_a_persons_contradiction_is_refused_and_nothing_is_stored(platform: Platform) -> None:
    platform.post("/returns", returned(events=[event("rejected", 5)]))
    answer = platform.post("/returns/R/1/events", event("received", 1, origin="staff"))
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"] == "It is said to be received, but it was rejected before."
    assert _count(platform, ReturnEvent) == 2


def test_an_event_of_an_unknown_return_is_not_found(platform: Platform) -> None:
    answer = platform.post("/returns/nothing/events", event("received"))
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_key_reaches_its_own_shop_only(platform: Platform) -> None:
    platform.post("/returns", returned())
    with platform.services.database.writing() as session:
        other = make_shop(session, "other")
        session.execute(sa.update(ApiKey).values(shop_id=other.id))
    assert platform.post("/returns/R/1/events", event("received")).status_code == 404


def test_the_use_of_a_key_is_noted(platform: Platform) -> None:
    platform.post("/orders", order())
    with platform.services.database.reading() as session:
        assert session.scalars(sa.select(ApiKey)).one().last_used_at == NOW


def test_the_api_describes_itself_in_openapi_3_1(platform: Platform) -> None:
    description = platform.client.get("/api/v1/openapi.json").json or {}
    assert description["openapi"].startswith("3.1")
    posts = {"/api/v1/orders", "/api/v1/returns", "/api/v1/returns/{external_id}/events"}
    assert posts <= set(description["paths"])
    for path in posts:
        operation = description["paths"][path]["post"]
        assert {"200", "201", "400", "401", "413", "415", "422"} <= set(operation["responses"])
        assert operation["security"] == [{"api_key": []}]
    assert description["components"]["securitySchemes"]["api_key"]["scheme"] == "bearer"


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}])
def test_without_a_valid_key_nothing_comes_in(platform: Platform, header: dict[str, str]) -> None:
    answer = platform.client.post("/api/v1/orders", json=order(), headers=header)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert _count(platform, Order) == 0


def test_a_revoked_key_is_refused(platform: Platform) -> None:
    with platform.services.database.writing() as session:
        session.execute(sa.update(ApiKey).values(revoked_at=NOW))
    assert platform.post("/orders", order()).status_code == 401


PROOF = {"given_at": "2026-11-01T10:00:00+01:00", "proof": "Box on the order form, version 3"}


def test_a_consent_to_surveys_comes_with_the_customer_or_on_its_own_and_can_be_withdrawn(platform: Platform) -> None:
    customer = {"email": "client@example.com", "survey_consent": PROOF}
    assert platform.post("/orders", order(customer=customer)).status_code == 201
    own = platform.post("/survey-consents", {"email": "CLIENT@example.com", **PROOF})
    assert (own.status_code, own.json) == (200, {"standing": "given"})
    assert _count(platform, SurveyConsent) == 1
    gone = platform.post("/survey-consents", {"email": "client@example.com", "withdrawn_at": "2026-11-20T10:00:00Z"})
    assert gone.json == {"standing": "withdrawn"}
    echo = platform.post("/orders", order(external_id="2", customer=customer))
    assert echo.status_code == 201
    with platform.services.database.reading() as session:
        stored = session.scalars(sa.select(SurveyConsent)).one()
    assert (stored.how, stored.proof, stored.withdrawn_how) == ("api", PROOF["proof"], "api")


@pytest.mark.parametrize(
    "consent",
    [
        {},
        {"proof": "x"},
        {"given_at": "2026-11-01T10:00:00Z"},
        {"given_at": "2026-11-01", "proof": "x"},
        {"given_at": "2027-11-01T10:00:00Z", "proof": "x"},
        {"withdrawn_at": "9999-01-01T00:00:00Z"},
        {**PROOF, "ip": "192.0.2.1"},
        {**PROOF, "proof": "x" * 301},
    ],
    ids=str,
)
def test_a_consent_that_proves_nothing_is_refused_and_nothing_is_stored(
    platform: Platform, consent: dict[str, Any]
) -> None:
    refused = platform.post("/survey-consents", {"email": "client@example.com", **consent})
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    with_order = platform.post("/orders", order(customer={"email": "client@example.com", "survey_consent": consent}))
    assert with_order.status_code == 422
    assert (_count(platform, SurveyConsent), _count(platform, Order)) == (0, 0)


def test_the_day_of_delivery_may_come_later_with_the_same_order(platform: Platform) -> None:
    platform.post("/orders", order())
    answer = platform.post("/orders", order(delivered_at="2026-11-05T14:20:00+01:00"))
    assert answer.json["outcome"] == "updated"
    with platform.services.database.reading() as session:
        assert session.scalars(sa.select(Order.delivered_at)).one() == datetime(2026, 11, 5, 13, 20, tzinfo=UTC)
    assert platform.post("/orders", order(delivered_at="2026-11-05T14:20:00")).status_code == 422
