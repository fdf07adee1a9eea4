"""Whatever comes in, the answer is a problem in words and never a fault of the server."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web_api.conftest import Platform
from tests.web_api.test_intake_api import event, order, returned

_LINE = {"sku": "A", "quantity": 1, "unit_price": "1"}
_WRONG_ORDERS: dict[str, dict[str, Any]] = {
    "unknown key": order(colour="red"),
    "no lines": {key: value for key, value in order().items() if key != "lines"},
    "lines that are no list": order(lines="LAMP"),
    "blank id": order(external_id="   "),
    "id of 301 characters": order(external_id="x" * 301),
    "an instant without an offset": order(ordered_at="2026-11-02T10:00:00"),
    "a date that is none": order(ordered_at="tomorrow"),
    "year 1": order(ordered_at="0001-01-01T00:00:00+14:00"),
    "year 9999": order(ordered_at="9999-12-31T23:59:59-14:00"),
    "quantity of zero": order(lines=[_LINE | {"quantity": 0}]),
    "negative quantity": order(lines=[_LINE | {"quantity": -1}]),
    "half a unit": order(lines=[_LINE | {"quantity": 0.5}]),
    "more units than there are": order(lines=[_LINE | {"quantity": 2**70}]),
    "negative price": order(lines=[_LINE | {"unit_price": "-1"}]),
    "price that is not a number": order(lines=[_LINE | {"unit_price": "NaN"}]),
    "endless price": order(lines=[_LINE | {"unit_price": "1e999"}]),
    "an address that is none": order(customer={"email": "nobody"}),
    "an address with a line break": order(customer={"email": "a@example.com\nBcc: b@example.com"}),
    "a language that is none": order(language="français!"),
    "a currency that is none": order(currency="€"),
    "null": order(lines=None),
}


@pytest.mark.parametrize("payload", _WRONG_ORDERS.values(), ids=_WRONG_ORDERS.keys())
def test_an_order_that_does_not_fit_is_refused_field_by_field(platform: Platform, payload: dict[str, Any]) -> None:
    answer = platform.post("/orders", payload)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["status"] == 422
    assert answer.json["errors"][0]["field"]
    assert answer.json["errors"][0]["message"]


@pytest.mark.parametrize(
    "payload",
    [returned(state="lost"), returned(events=[event("eaten")]), returned(events=[{}] * 101), returned(order=[1])],
    ids=["unknown state", "unknown kind", "too many events", "order that is a list"],
)
def test_a_return_that_does_not_fit_is_refused(platform: Platform, payload: dict[str, Any]) -> None:
    assert platform.post("/returns", payload).status_code == 422


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[]", b'"text"', b"null", b"[" * 100_000, b'{"a":' * 50_000, b"9" * 10_000],
    ids=["empty", "cut off", "not UTF-8", "a list", "a text", "null", "deep lists", "deep objects", "a long number"],
)
def test_a_body_that_is_no_json_object_is_a_bad_request(platform: Platform, body: bytes) -> None:
    answer = platform.client.post(
        "/api/v1/orders", data=body, content_type="application/json", headers=platform.headers
    )
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_another_media_type_is_unsupported(platform: Platform) -> None:
    answer = platform.client.post("/api/v1/orders", data=b"a=1", headers=platform.headers)
    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")


def test_a_body_that_is_too_large_is_refused(platform: Platform) -> None:
    answer = platform.post("/orders", order(number="x" * 1_000_001))
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


@pytest.mark.parametrize(("method", "path", "status"), [("get", "/orders", 405), ("post", "/nothing", 404)])
def test_a_wrong_method_or_address_is_a_problem_too(platform: Platform, method: str, path: str, status: int) -> None:
    answer = platform.client.open(f"/api/v1{path}", method=method, headers=platform.headers)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_texts_with_control_characters_are_cleaned_not_stored_as_they_are(platform: Platform) -> None:
    payload = order(number="AL\x00 10", customer={"external_id": "c\x00", "name": "Cam\u202eille\r\nBcc: x"})
    assert platform.post("/orders", payload).status_code == 201
    assert platform.post("/returns/%00/events", event("received")).status_code == 422


def test_a_lone_surrogate_is_refused(platform: Platform) -> None:
    body = json.dumps(order(number="\ud800"))
    answer = platform.client.post(
        "/api/v1/orders", data=body, content_type="application/json", headers=platform.headers
    )
    assert answer.status_code in {400, 422}


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.sampled_from([*returned(), *order(), "events", "state", "state_at", "refund_amount"]),
    value=_json,
    path=st.sampled_from(["/orders", "/returns", "/returns/R/1/events"]),
)
def test_no_value_in_any_place_is_a_fault_of_the_server(platform: Platform, key: str, value: object, path: str) -> None:
    payload = {"/orders": order(), "/returns": returned(), "/returns/R/1/events": event("received")}[path]
    assert platform.post(path, payload | {key: value}).status_code < 500
