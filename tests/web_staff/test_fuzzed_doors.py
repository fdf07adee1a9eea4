"""The forms that the other fuzz tests leave out, since they are held back after a few attempts or ask other sites."""

from itertools import count
from urllib.parse import quote_from_bytes, urljoin

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from feedback_service.shops.models import AuditEntry, Role, Staff
from feedback_service.sources.models import Source, SourceKind
from tests.support.fuzz import Sent, bodies, forms, values
from tests.support.staff import Visitor, csrf_token_of
from tests.web_staff.conftest import House
from tests.web_staff.test_fuzzed_forms import FOR_OTHERS, address_of

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EXAMPLES = 60
NUMBERS = ("0", "-1", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "9" * 60, "%D9%A3")


@pytest.fixture
def admin(house: House) -> Visitor:
    """An administrator, signed in."""
    return house.joined_by("Ada", Role.ADMIN)


def numbered(app: Flask, method: str) -> list[Rule]:
    """Return the staff's addresses with a number in them."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "<int:" in rule.rule and method in (rule.methods or ()) and not rule.rule.startswith(FOR_OTHERS)
    ]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_number_that_no_row_can_have_is_not_found(house: House, admin: Visitor, method: str) -> None:
    token = csrf_token_of(admin.get("/sources/new").text)
    tried = numbered(house.app, method)
    assert len(tried) >= 4
    words = {"action": "retry", "said": "complaint"}
    for rule in tried:
        for number in NUMBERS:
            address = address_of(rule, {name: words.get(name, "1") for name in rule.arguments}).replace(
                "/1", f"/{number}"
            )
            response = admin.client.open(address, method=method, headers={"X-CSRFToken": token}, data={"a": "b"})
            assert response.status_code in {302, 404, 405, 422}, (method, address, response.text)


def posted(visitor: Visitor, path: str, sent: Sent, token: str, address: str = "127.0.0.1") -> TestResponse:
    response = visitor.client.post(
        path, data=sent.body, content_type=sent.content_type, query_string=sent.query,
        headers={"X-CSRFToken": token}, environ_base={"REMOTE_ADDR": address},
    )  # fmt: skip
    assert response.status_code < 500, (path, sent, response.text)
    return response


@on_sqlite
def test_any_attempt_to_sign_in_is_answered_and_lets_nobody_in(house: House) -> None:
    visitor, statuses, addresses = house.visitor(), set(), count(1)
    token = csrf_token_of(visitor.get("/login").text)
    names = ["email", "password", "next", "csrf_token"]

    @given(forms(names, good=[("email", "camille@example.com"), ("password", "wrong")]) | bodies)
    @settings_of_hypothesis(max_examples=EXAMPLES, deadline=None, derandomize=True)
    def holds(sent: Sent) -> None:
        # From an address of its own each: the limit has tests of its own.
        response = posted(visitor, "/login", sent, token, f"10.0.{next(addresses) // 250}.{next(addresses) % 250}")
        statuses.add(response.status_code)
        assert visitor.get("/inbox").status_code == 302

    holds()
    assert statuses <= {400, 401, 413, 429}
    assert 401 in statuses


HOSTILE = ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/\t/[", "/inbox\r\nX: y"]


@on_sqlite
def test_whatever_is_wanted_next_stays_with_us(house: House) -> None:
    @given(st.sampled_from(HOSTILE) | values.map(lambda value: f"/{value}".encode(errors="replace").decode()))
    @settings_of_hypothesis(max_examples=EXAMPLES // 3, deadline=None, derandomize=True)
    def holds(wanted: str) -> None:
        response = house.visitor().sign_in("camille@example.com", next=wanted)
        assert response.status_code == 302, response.text
        assert urljoin("https://ours.example/login", response.location).startswith("https://ours.example/")
        assert "X" not in response.headers

    holds()


@on_sqlite
def test_signing_out_with_any_body_is_answered(house: House) -> None:
    @given(bodies)
    @settings_of_hypothesis(max_examples=EXAMPLES // 10, deadline=None, derandomize=True)
    def holds(sent: Sent) -> None:
        visitor = house.visitor()
        visitor.sign_in("camille@example.com")
        assert posted(visitor, "/logout", sent, csrf_token_of(visitor.get("/inbox").text)).status_code in {302, 400}

    holds()


@on_sqlite
def test_any_address_that_is_looked_at_and_any_choice_is_answered(house: House, admin: Visitor) -> None:
    token = csrf_token_of(admin.get("/sources/new").text)
    names = ["choice", "shop", "about_us", "reach", "window_days", "terms_checked_on", "title feed https://a.example/f"]
    good = [("choice", "feed https://a.example/f"), ("shop", "atelier")]

    @given(forms(names, good=good) | bodies)
    @settings_of_hypothesis(max_examples=EXAMPLES, deadline=None, derandomize=True)
    def holds(sent: Sent) -> None:
        posted(admin, "/sources", sent, token)

    holds()
    with house.services.database.reading() as session:
        for source in session.scalars(sa.select(Source)):
            assert source.kind in set(SourceKind)
            assert (source.url.startswith(("http://", "https://")), "\0" in source.title) == (True, False)
            assert 1 <= source.reach <= 2**31


@on_sqlite
def test_any_address_is_looked_at_without_a_fault(house: House, admin: Visitor) -> None:
    token = csrf_token_of(admin.get("/sources/new").text)
    odd = ["http://", "http://[", "https://a..example", "file:///etc/passwd", "http://127.0.0.1:9/", "http://[::1]:9/x",
           "https://é.test\0", "http://user:pw@127.0.0.1:9", "javascript:1", "http://127.0.0.1:99999/"]  # fmt: skip
    for address in [*odd, *("http://" + word for word in ("\ud800", "a" * 5000, "%00", "1" * 300))]:
        encoded = quote_from_bytes(address.encode(errors="surrogatepass"))
        response = posted(admin, "/sources/new", Sent(f"address={encoded}".encode()), token)
        assert response.status_code in {200, 422, 429}
    with house.services.database.reading() as session:
        assert session.scalars(sa.select(Source)).all() == []


@on_sqlite
def test_what_is_refused_leaves_no_trace_in_the_list_of_what_was_done(house: House) -> None:
    visitor = house.visitor()
    with house.services.database.reading() as session:
        before = (
            session.scalars(sa.select(AuditEntry.id)).all(),
            session.scalars(sa.select(Staff.session_version)).all(),
        )
    for path in ("/sources", "/sources/new", "/logout", "/mails/1/retry", "/look/atelier", "/surveys/atelier"):
        assert visitor.client.post(path, data={"choice": "feed https://a.example/f"}).status_code in {
            302,
            400,
            404,
            405,
        }
    with house.services.database.reading() as session:
        after = session.scalars(sa.select(AuditEntry.id)).all(), session.scalars(sa.select(Staff.session_version)).all()
    assert before == after
