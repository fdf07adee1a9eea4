"""Google Play: a signed assertion for a token, titles before a tab, answers of 350 characters."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feedback_service.errors import InvalidInputError
from feedback_service.sources.errors import FetchError, FetchFailure, ReadError
from tests.sources.apis.conftest import Stage, pem
from tests.sources.apis.servers import TokenServer, as_json, form_of
from tests.sources.apis.test_app_store import part
from tests.support.builders import NOW

PLACE = "google_play:android"
METADATA = "https://169.254.169.254/token"
OPEN = "http://oauth.example.com/token"
REVIEWS = "/androidpublisher/v3/applications/com.example.shop/reviews"


def written(number: int, text: str = "Nul\tNe marche plus") -> dict[str, Any]:
    """Return a review as Google Play writes it."""
    comment = {
        "text": text,
        "lastModified": {"seconds": str(1763900000 + number), "nanos": 713000000},
        "starRating": 1,
        "reviewerLanguage": "fr",
        "device": "trltecan",
    }
    developers = {"text": "Bonjour", "lastModified": {"seconds": "1763999999"}}
    comments = [{"developerComment": developers}, {"userComment": comment}]
    return {"reviewId": f"p{number}", "authorName": "Jane Bloggs", "comments": comments}


class PlayServer:
    """An app; `reviews` are those edited last first."""

    def __init__(self, server: HTTPServer, reviews: list[dict[str, Any]]) -> None:
        self.reviews = reviews
        self.tokens = TokenServer(lasts=3600)
        self.instead: Response | None = None
        server.expect_request("/token", method="POST").respond_with_handler(self.tokens.answer)
        server.expect_request(REVIEWS, method="GET").respond_with_handler(self._page)

    def _page(self, request: Request) -> Response:
        assert self.tokens.admits(request)
        assert request.args["maxResults"] == "100"
        if self.instead:
            return self.instead
        start = int(request.args.get("token", "0"))
        payload: dict[str, Any] = {"reviews": self.reviews[start : start + 100]} if self.reviews else {}
        if start + 100 < len(self.reviews):
            payload["tokenPagination"] = {"nextPageToken": str(start + 100)}
        return as_json(payload)


@pytest.fixture
def play(stage: Stage, httpserver: HTTPServer, rsa_key: rsa.RSAPrivateKey) -> Stage:
    """An installation with an account."""
    stage.write("play.json", service_account(httpserver, pem(rsa_key)))
    stage.write_accounts(
        f"""
        [google_play.android]
        base_url = "{httpserver.url_for("")}"
        service_account_file = "play.json"
        package = "com.example.shop"
        """
    )
    return stage


def service_account(server: HTTPServer, key: bytes, **more: object) -> bytes:
    """Return the JSON key of a service account."""
    fields: dict[str, object] = {
        "type": "service_account",
        "private_key_id": "kid1",
        "private_key": key.decode(),
        "client_email": "reviews@shop.iam.example.com",
        "token_uri": server.url_for("/token"),
    }
    return json.dumps(fields | more).encode()


def test_the_token_is_given_for_a_signed_assertion(
    play: Stage, httpserver: HTTPServer, rsa_key: rsa.RSAPrivateKey
) -> None:
    server = PlayServer(httpserver, [written(1)])
    play.poll(PLACE)
    play.poll(PLACE)
    (request,) = server.tokens.requests
    form = form_of(request)
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, claims, signature = form["assertion"].split(".")
    rsa_key.public_key().verify(part(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), SHA256())
    assert json.loads(part(head)) == {"alg": "RS256", "kid": "kid1", "typ": "JWT"}
    assert json.loads(part(claims)) == {
        "iss": "reviews@shop.iam.example.com",
        "scope": "https://www.googleapis.com/auth/androidpublisher",
        "aud": httpserver.url_for("/token"),
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 3600,
    }


def test_the_customers_comment_is_read_and_not_the_developers(play: Stage, httpserver: HTTPServer) -> None:
    PlayServer(httpserver, [written(2, "Sans titre"), written(1)])
    polled = play.poll(PLACE)
    assert polled.reading is not None
    untitled, titled = polled.reading.items
    assert (titled.guid, titled.title, titled.text, titled.author) == ("p1", "Nul", "Ne marche plus", "J. B.")
    assert (untitled.title, untitled.text) == ("", "Sans titre")
    assert (titled.rating, titled.best_rating) == (1.0, 5.0)
    assert titled.published_at == datetime.fromtimestamp(1763900001, UTC)


def test_pages_are_turned_by_their_tokens(play: Stage, httpserver: HTTPServer) -> None:
    PlayServer(httpserver, [written(number) for number in range(250, 0, -1)])
    polled = play.poll(PLACE)
    assert polled.reading is not None
    assert len(polled.reading.items) == 250


def test_a_week_without_reviews_is_an_empty_reading(play: Stage, httpserver: HTTPServer) -> None:
    PlayServer(httpserver, [])
    polled = play.poll(PLACE)
    assert polled.reading is not None
    assert polled.reading.items == ()


@pytest.mark.parametrize("review", [{"reviewId": "p1"}, {"reviewId": "p1", "comments": [{"developerComment": {}}]}])
def test_a_review_without_a_comment_is_left_out(play: Stage, httpserver: HTTPServer, review: dict[str, Any]) -> None:
    PlayServer(httpserver, [review])
    polled = play.poll(PLACE)
    assert polled.reading is not None
    assert polled.reading.items == ()


@pytest.mark.parametrize("payload", [[], {"reviews": {}}])
def test_another_shape_is_an_error_in_words(play: Stage, httpserver: HTTPServer, payload: object) -> None:
    PlayServer(httpserver, []).instead = as_json(payload)
    with pytest.raises(ReadError, match="Google Play did not answer"):
        play.poll(PLACE)


def test_a_used_up_quota_waits(play: Stage, httpserver: HTTPServer) -> None:
    error = {"code": 403, "errors": [{"reason": "dailyLimitExceeded"}]}
    PlayServer(httpserver, []).instead = as_json({"error": error}, 403, {"Retry-After": "600"})
    with pytest.raises(FetchError) as caught:
        play.poll(PLACE)
    assert (caught.value.kind, caught.value.retry_after) == (FetchFailure.BUSY, 600)


@pytest.mark.parametrize("content", [b"", b"TOPSECRET", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_a_file_that_is_no_key_is_told_without_showing_it(play: Stage, content: bytes) -> None:
    play.write("play.json", content)
    with pytest.raises(FetchError, match="not the JSON key of Google") as caught:
        play.poll(PLACE)
    assert caught.value.kind is FetchFailure.ACCOUNT
    assert "TOPSECRET" not in str(caught.value)


def test_a_key_of_another_kind_is_told(play: Stage, httpserver: HTTPServer, ec_key: ec.EllipticCurvePrivateKey) -> None:
    play.write("play.json", service_account(httpserver, pem(ec_key)))
    with pytest.raises(FetchError, match="something else than an RSA key"):
        play.poll(PLACE)


def test_the_token_is_asked_for_at_checked_addresses_only(
    play: Stage, httpserver: HTTPServer, rsa_key: rsa.RSAPrivateKey
) -> None:
    play.write("play.json", service_account(httpserver, pem(rsa_key), token_uri=METADATA))
    with pytest.raises(FetchError) as caught:
        play.poll(PLACE)
    assert caught.value.kind is FetchFailure.REFUSED_ADDRESS


def test_no_assertion_is_sent_without_tls(play: Stage, httpserver: HTTPServer, rsa_key: rsa.RSAPrivateKey) -> None:
    play.write("play.json", service_account(httpserver, pem(rsa_key), token_uri=OPEN))
    with pytest.raises(FetchError, match="token_uri is not an address that begins with https://"):
        play.poll(PLACE)


def test_an_answer_is_posted(play: Stage, httpserver: HTTPServer) -> None:
    PlayServer(httpserver, [])
    httpserver.expect_request(f"{REVIEWS}/p1:reply", method="POST", json={"replyText": "Corrigé."}).respond_with_json(
        {"result": {"replyText": "Corrigé."}}
    )
    play.desk.post_reply(PLACE, "p1", "Corrigé.", approved_by="agent@example.com")
    with pytest.raises(InvalidInputError, match="1 to 350 characters"):
        play.desk.post_reply(PLACE, "p1", "x" * 351, approved_by="agent@example.com")
    httpserver.check_assertions()
