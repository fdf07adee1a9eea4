"""The web application as a whole: headers, errors, health, the description of the API."""

import pytest
from flask import Flask

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.db import Database
from feedback_service.errors import (
    ConflictError,
    DatabaseUnavailableError,
    FeedbackError,
    InvalidInputError,
    NotFoundError,
)
from feedback_service.links import Links
from feedback_service.web.security import POLICY
from tests.support.staff import Visitor
from tests.web_staff.conftest import House


@pytest.mark.parametrize("address", ["/login", "/healthz", "/nowhere", "/static/app.css"])
def test_every_answer_carries_the_security_headers(house: House, address: str) -> None:
    with house.visitor().get(address) as response:
        headers = response.headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'")


def test_a_plain_http_installation_sends_no_hsts_and_no_secure_cookie(services: Services) -> None:
    settings = services.settings.model_copy(update={"public_url": "http://127.0.0.1:8000"})
    app = create_app(Services(settings, services.clock, services.database))
    response = app.test_client().get("/login")
    assert "Strict-Transport-Security" not in response.headers
    assert "Secure" not in response.headers["Set-Cookie"]


def test_no_page_has_inline_script_or_style(camille: Visitor) -> None:
    for address in ("/inbox", "/returns", "/answers", "/sources", "/nowhere"):
        text = camille.get(address).text
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick=" not in text
        assert text.count("<script") == text.count('<script src="/static/')


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("Not here."), 404),
        (InvalidInputError("Not so.", field="name"), 422),
        (ConflictError("Too late."), 409),
        (DatabaseUnavailableError("postgresql://db.internal is gone.", subject="db.internal"), 503),
        (FeedbackError("Odd."), 500),
        (RuntimeError("secret detail"), 500),
    ],
    ids=str,
)
def test_errors_become_answers_once(services: Services, error: Exception, status: int) -> None:
    app = create_app(services)

    def fail() -> str:
        raise error

    app.add_url_rule("/fail", view_func=fail)
    app.add_url_rule("/api/v1/fail", endpoint="api-fail", view_func=fail)
    page, answer = app.test_client().get("/fail"), app.test_client().get("/api/v1/fail")
    assert page.status_code == answer.status_code == status
    assert page.mimetype == "text/html"
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == status
    assert "secret detail" not in page.text + answer.text
    assert "db.internal" not in page.text + answer.text
    if isinstance(error, InvalidInputError):
        assert answer.json["field"] == "name"


def test_a_lost_database_is_said_on_a_page_that_needs_none(services: Services) -> None:
    lost = Database("sqlite:////nowhere/at/all.sqlite")
    visitor = create_app(Services(services.settings, services.clock, lost)).test_client()
    with visitor.session_transaction() as session:
        session["_user_id"] = "1:1"
    response = visitor.get("/inbox")
    assert response.status_code == 503
    assert "Trying again in a minute may help." in response.text
    lost.close()


def test_health_and_the_api_description_answer_anybody(house: House) -> None:
    assert house.visitor().get("/healthz").json == {"status": "ok"}
    description = house.visitor().get("/api/v1/openapi.json").json
    assert description is not None
    assert description["openapi"].startswith("3.1")


def test_links_in_mails_lead_to_pages_that_exist(house: House) -> None:
    links = Links("https://feedback.example.com")
    adapter = house.app.url_map.bind("feedback.example.com", url_scheme="https")
    for address in (links.inbox(), links.story(1), links.returned(1), links.sources()):
        endpoint, _ = adapter.match(address.removeprefix("https://feedback.example.com"))
        assert endpoint.startswith("staff.")


def test_the_application_knows_its_proxies(services: Services) -> None:
    settings = services.settings.model_copy(update={"trusted_proxies": 1})
    app: Flask = create_app(Services(settings, services.clock, services.database))
    seen: list[str] = []

    def look() -> str:
        from flask import request

        seen.append(request.remote_addr or "")
        return ""

    app.add_url_rule("/seen-from", view_func=look)
    app.test_client().get("/seen-from", headers={"X-Forwarded-For": "198.51.100.7"})
    assert seen == ["198.51.100.7"]


@pytest.mark.parametrize("page", ["stories", "returns"])
def test_a_number_that_no_row_can_have_is_an_address_that_does_not_exist(camille: Visitor, page: str) -> None:
    for number in (2**31, 10**30):
        assert camille.get(f"/{page}/{number}").status_code == 404
