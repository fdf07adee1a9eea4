"""Objecting by a page and in one click (R14, R24, RFC 8058)."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.mail.models import OutboxMail, Suppression
from tests.support.surveys import invite, the_invitation


def suppressed(services: Services) -> int:
    """Count the suppressed addresses."""
    with services.database.reading() as session:
        return session.scalar(sa.select(sa.func.count(Suppression.id))) or 0


def test_opening_the_link_asks_and_changes_nothing(services: Services, client: FlaskClient) -> None:
    token = invite(services, "en")
    for response in (client.get(f"/u/{token}"), client.head(f"/u/{token}")):
        assert response.status_code == 200
    page = client.get(f"/u/{token}").text
    assert "Stop surveys?" in page
    assert '<form method="post">' in page
    assert suppressed(services) == 0


def test_address_in_the_mails_header_is_the_one_that_answers(services: Services, client: FlaskClient) -> None:
    invite(services)
    with services.database.reading() as session:
        headers = session.scalars(sa.select(OutboxMail.headers)).one()
    found = re.match(r"<https://feedback\.example\.com(/u/[\w-]+)>, <mailto:", headers["List-Unsubscribe"])
    assert found
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert client.post(found[1], data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert suppressed(services) == 1


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", None]
)
def test_one_click_takes_any_form_without_cookie_redirect_or_token(
    services: Services, client: FlaskClient, content_type: str | None
) -> None:
    token = invite(services)
    for _ in range(2):
        if content_type in {"text/plain", None}:
            response = client.post(f"/u/{token}", data=b"List-Unsubscribe=One-Click", content_type=content_type)
        else:
            response = client.post(
                f"/u/{token}", data={"List-Unsubscribe": "One-Click"}, content_type=content_type, headers={"Origin": ""}
            )
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers
        assert "C’est noté" in response.text
    assert suppressed(services) == 1


def test_objection_works_after_the_survey_was_answered_and_after_it_expired(
    services: Services, client: FlaskClient, clock: ManualClock
) -> None:
    token = invite(services)
    client.post(f"/s/{token}", data={"rating": "4"})
    clock.advance(timedelta(days=400))
    assert client.get(f"/u/{token}").status_code == 200
    assert client.post(f"/u/{token}").status_code == 200
    with services.database.reading() as session:
        assert the_invitation(session, token).objected_at == clock.now()


def test_after_an_objection_the_page_says_so_and_the_survey_stays_open(services: Services, client: FlaskClient) -> None:
    token = invite(services, "en")
    client.post(f"/u/{token}")
    assert "will not send you any more surveys" in client.get(f"/u/{token}").text
    assert client.get(f"/s/{token}").status_code == 200


def test_wrong_link_gets_the_kind_page_and_suppresses_nobody(services: Services, client: FlaskClient) -> None:
    assert client.get("/u/wrong").status_code == 404
    assert client.post("/u/wrong", data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert client.get("/u/wrong").text == client.get("/s/wrong").text
    assert suppressed(services) == 0


def test_links_of_the_mail_are_the_addresses_of_the_pages(services: Services, client: FlaskClient) -> None:
    token = invite(services, "en")
    for link, words in (
        (services.links.survey(token), "Overall, how satisfied are you"),
        (services.links.unsubscribe(token), "Stop surveys?"),
    ):
        assert words in client.get(link.removeprefix("https://feedback.example.com")).text


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/s/{}", "PUT", "GET, HEAD, OPTIONS, POST"),
        ("/s/{}/thanks", "POST", "GET, HEAD, OPTIONS"),
        ("/u/{}", "DELETE", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_method_that_a_page_does_not_know_is_told_those_it_knows(
    services: Services, client: FlaskClient, path: str, method: str, allowed: str
) -> None:
    address = path.format(invite(services))
    refused = client.open(address, method=method)
    assert (refused.status_code, refused.headers["Allow"]) == (405, allowed)
    asked = client.options(address)
    assert (asked.status_code, asked.headers["Allow"], asked.data) == (200, allowed, b"")


@pytest.mark.parametrize("path", ["/s/", "/u/", "/s//thanks", "/s/x/", "/s/x/thanks/", "/s/x/y", "/u/x/thanks", "/s/é"])
def test_address_of_no_page_gets_the_kind_page(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.get(path).text == client.get("/s/wrong").text


def test_head_is_told_the_length_of_the_page_and_gets_none_of_it(services: Services, client: FlaskClient) -> None:
    address = f"/s/{invite(services)}"
    head, page = client.head(address), client.get(address)
    assert head.data == b""
    assert head.headers["Content-Length"] == page.headers["Content-Length"] == str(len(page.data))
