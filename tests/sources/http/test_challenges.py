"""Proofs, logins and consents are recognised, and never worked around (R54); pages that merely have one are read."""

import pytest
from pytest_httpserver import HTTPServer

from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http.challenges import asks_for_a_login, asks_for_a_person
from feedback_service.sources.http.fetcher import Fetcher

INTERSTITIALS = {
    "Cloudflare": b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>",
    "Cloudflare in French": "<html><head><title>Un instant…</title></head></html>".encode(),
    "Cloudflare's refusal": b"<html><head><title>Attention Required! | Cloudflare</title></head></html>",
    "DataDome": b"<html><body><script src='https://geo.captcha-delivery.com/captcha/'></script></body></html>",
    "PerimeterX": b"<html><head><title>Access to this page has been denied</title></head></html>",
    "Imperva": b"<html><head><META NAME='ROBOTS'><script src='/_Incapsula_Resource?S=1'></script></head></html>",
    "Anubis": b"<html><head><title>Making sure you&#39;re not a bot!</title></head></html>",
    "AWS": b"<html><script>AwsWafIntegration.getToken()</script></html>",
}
PAGES = {
    "a post about a moment": "<html><head><title>Un instant de lumière – Blog</title></head></html>".encode(),
    "a page with a protector's script": b"<html><script src='/_Incapsula_Resource?S=1'></script>"
    + b"<p>Avis</p>" * 900,
    "a comment form with a CAPTCHA": b"<html><body><div class='g-recaptcha'></div><p>Avis</p></body></html>",
    "a feed whose post has the title": b"<rss><channel><item><title>Just a moment...</title></item></channel></rss>",
    "nothing": b"",
}


@pytest.mark.parametrize("body", INTERSTITIALS.values(), ids=INTERSTITIALS.keys())
def test_a_proof_instead_of_the_page_is_blocked_in_words(httpserver: HTTPServer, fetcher: Fetcher, body: bytes) -> None:
    httpserver.expect_request("/avis").respond_with_data(body, content_type="text/html")
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(httpserver.url_for("/avis"))
    assert caught.value.kind is FetchFailure.CHALLENGE
    assert "proof that a person is there" in str(caught.value)


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES.keys())
def test_a_page_that_is_more_than_a_proof_is_read(body: bytes) -> None:
    assert not asks_for_a_person({}, body)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (403, {"cf-mitigated": "challenge"}),
        (503, {"CF-Mitigated": "challenge"}),
        (202, {"x-amzn-waf-action": "challenge"}),
        (405, {"x-amzn-waf-action": "captcha"}),
        (403, {"X-DataDome": "protected"}),
    ],
)
def test_headers_tell_a_proof_from_a_refusal(
    httpserver: HTTPServer, fetcher: Fetcher, status: int, headers: dict[str, str]
) -> None:
    httpserver.expect_request("/avis").respond_with_data("", status, headers)
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(httpserver.url_for("/avis"))
    assert caught.value.kind is FetchFailure.CHALLENGE
    assert f"HTTP {status}" in str(caught.value)


@pytest.mark.parametrize(
    ("came_to", "expected"),
    [
        ("https://forum.example.com/login?next=/feed", True),
        ("https://forum.example.com/fr/connexion", True),
        ("https://blog.example.com/wp-login.php", True),
        ("https://consent.youtube.com/m?continue=x", True),
        ("https://forum.example.com/login-problems-of-shops", False),
        ("https://forum.example.com/feed/", False),
        ("https://consent-blog.example.com/feed", False),
    ],
)
def test_a_login_or_a_consent_in_the_way_is_seen(came_to: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert asks_for_a_login("https://forum.example.com/feed", came_to) is expected


def test_a_source_that_staff_gave_as_a_login_page_may_redirect_to_itself() -> None:
    assert not asks_for_a_login("https://a.example.com/login", "https://a.example.com/login/")


def test_a_redirect_to_a_login_is_not_followed(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/feed").respond_with_data("", 302, {"Location": "/login?next=%2Ffeed"})
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(httpserver.url_for("/feed"))
    assert caught.value.kind is FetchFailure.FORBIDDEN
    assert [request.path for request, _ in httpserver.log] == ["/feed"]
