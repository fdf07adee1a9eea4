"""The demo's own pages: what is shown, and that a mail stays in its cage."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from feedback_service.clock import ManualClock
from feedback_service.demo.front import Front, create_front
from feedback_service.demo.mailbox import Mailbox
from feedback_service.demo.sites import FEED_PATH, REVIEWS_PATH, Sites
from tests.support.builders import NOW

MAIL = b"""\
From: Atelier <bonjour@atelier-lumen.example.com>\r
To: ines@example.com\r
Subject: <script>alert(1)</script>\r
Message-ID: <1@example.com>\r
MIME-Version: 1.0\r
Content-Type: text/html; charset=utf-8\r
\r
<html><head></head><body><script>alert(1)</script><p>Bonjour</p></body></html>\r
"""


@pytest.fixture
def mailbox(clock: ManualClock) -> Mailbox:
    """An empty mailbox."""
    return Mailbox(clock)


@pytest.fixture
def visitor(clock: ManualClock, mailbox: Mailbox) -> FlaskClient:
    """A visitor of the demo's pages."""
    front = Front(clock, mailbox, Sites(clock, NOW), "http://127.0.0.1:8766")
    return create_front(front).test_client()


@pytest.mark.parametrize(("language", "title"), [("en", "A guided tour"), ("fr", "Visite guidée")])
def test_the_start_page_tells_the_tour_in_both_languages(visitor: FlaskClient, language: str, title: str) -> None:
    page = visitor.get(f"/?lang={language}")

    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert title in page.text
    assert "camille@atelier-lumen.example.com" in page.text
    assert "http://127.0.0.1:8766/inbox" in page.text


def test_a_mail_is_listed_and_caged(visitor: FlaskClient, mailbox: Mailbox) -> None:
    mailbox.put("bonjour@atelier-lumen.example.com", ("ines@example.com",), MAIL)

    listed, shown, caged = visitor.get("/mailbox"), visitor.get("/mailbox/1"), visitor.get("/mailbox/1/html")

    assert "<script>" not in listed.text
    assert "&lt;script&gt;" in listed.text
    assert "<script>" not in shown.text
    assert "sandbox" in caged.headers["Content-Security-Policy"]
    assert "allow-scripts" not in caged.headers["Content-Security-Policy"]
    assert "default-src 'none'" in caged.headers["Content-Security-Policy"]
    assert visitor.get("/mailbox/2").status_code == 404


def test_only_a_mail_to_a_customer_twice_is_a_duplicate(mailbox: Mailbox) -> None:
    for recipient in ("ines@example.com", "camille@atelier-lumen.example.com", "camille@atelier-lumen.example.com"):
        mailbox.put("bonjour@atelier-lumen.example.com", (recipient,), MAIL)
    assert mailbox.twice_to_customers() == 0

    mailbox.put("bonjour@atelier-lumen.example.com", ("ines@example.com",), MAIL)
    assert mailbox.twice_to_customers() == 1


def test_the_feed_answers_conditional_requests_and_grows(visitor: FlaskClient, clock: ManualClock) -> None:
    clock.move_to(NOW - timedelta(days=30))
    before = visitor.get(FEED_PATH)
    again = visitor.get(FEED_PATH, headers={"If-None-Match": before.headers["ETag"]})
    clock.move_to(NOW)
    after = visitor.get(FEED_PATH, headers={"If-None-Match": before.headers["ETag"]})

    assert again.status_code == 304
    assert after.status_code == 200
    assert after.text.count("<item>") > before.text.count("<item>")


def test_a_review_that_is_published_stands_on_the_page_as_text(visitor: FlaskClient) -> None:
    form = {"author": "</script><b>", "stars": "1", "title": "Non", "text": "</script><script>alert(1)</script>"}

    answer = visitor.post(REVIEWS_PATH, data=form, headers={"Origin": "http://localhost"}, follow_redirects=True)

    assert answer.status_code == 200
    assert "<script>alert(1)" not in answer.text
    assert "\\u003c/script\\u003e" in answer.text


@pytest.mark.parametrize("form", [{"stars": "1", "text": " "}, {"stars": "6", "text": "x"}, {"text": "x"}])
def test_half_a_review_is_refused(visitor: FlaskClient, form: dict[str, str]) -> None:
    assert visitor.post(REVIEWS_PATH, data=form).status_code == 400


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example.com"}, {"Origin": "https://evil.example.com"}, {"Origin": "null"}]
)
def test_other_sites_are_kept_out(visitor: FlaskClient, headers: dict[str, str]) -> None:
    assert visitor.post(REVIEWS_PATH, data={"stars": "1", "text": "x"}, headers=headers).status_code == 403
