"""App Store Connect: tokens signed by ourselves, links to the next page, the limit of an hour."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feedback_service.sources.errors import FetchError, FetchFailure, ReadError
from tests.sources.apis.conftest import Stage, pem
from tests.sources.apis.servers import as_json
from tests.support.builders import NOW

PLACE = "app_store:shop-app"
REVIEWS = "/v1/apps/6820/customerReviews"
RESPONSES = "/v1/customerReviewResponses"


def part(text: str) -> bytes:
    """Return the bytes of one part of a JSON Web Token."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def written(number: int) -> dict[str, Any]:
    """Return a review as Apple writes it."""
    return {
        "type": "customerReviews",
        "id": f"0000-{number}",
        "attributes": {
            "rating": 1,
            "title": "Plante",
            "body": f"Plante à chaque commande ({number})",
            "reviewerNickname": "anne_j",
            "createdDate": f"2026-11-{number:02}T08:10:34-08:00",
            "territory": "FRA",
        },
        "relationships": {"response": {"links": {}}},
    }


class AppleServer:
    """An app with three pages of reviews, which admits whoever signs with `key`."""

    def __init__(self, server: HTTPServer, key: ec.EllipticCurvePrivateKey) -> None:
        self.server = server
        self.key = key.public_key()
        self.headers = {"X-Rate-Limit": "user-hour-lim:3500;user-hour-rem:500;"}
        self.instead: Response | None = None
        self.next_url = server.url_for(REVIEWS) + "?cursor={page}"
        server.expect_request(REVIEWS, method="GET").respond_with_handler(self._page)

    def admit(self, request: Request) -> dict[str, Any]:
        """Return the claims of a request, whose signature is checked as Apple does."""
        head, claims, signature = request.headers["Authorization"].removeprefix("Bearer ").split(".")
        raw = part(signature)
        assert len(raw) == 64
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        self.key.verify(encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
        assert json.loads(part(head)) == {"alg": "ES256", "kid": "KEY1", "typ": "JWT"}
        told: dict[str, Any] = json.loads(part(claims))
        return told

    def _page(self, request: Request) -> Response:
        try:
            self.admit(request)
        except InvalidSignature:
            return as_json({"errors": [{"status": "401", "code": "NOT_AUTHORIZED"}]}, 401)
        if self.instead:
            return self.instead
        page = int(request.args.get("cursor", "1"))
        if page == 1:
            assert (request.args["sort"], request.args["limit"]) == ("-createdDate", "200")
        links = {"self": request.url} | ({"next": self.next_url.format(page=page + 1)} if page < 3 else {})
        data = [written(30 - 2 * page), written(29 - 2 * page), {"type": "other", "id": "x"}]
        return as_json(
            {"data": data, "links": links, "meta": {"paging": {"total": 6, "limit": 2}}}, headers=self.headers
        )


@pytest.fixture
def apple(stage: Stage, httpserver: HTTPServer, ec_key: ec.EllipticCurvePrivateKey) -> Stage:
    """An installation with an account."""
    stage.write("AuthKey_KEY1.p8", pem(ec_key))
    stage.write_accounts(
        f"""
        [app_store.shop-app]
        base_url = "{httpserver.url_for("")}"
        issuer = "57246542-96fe-1a63-e053-0824d011072a"
        key_id = "KEY1"
        private_key_file = "AuthKey_KEY1.p8"
        app = "6820"
        """
    )
    return stage


def test_reviews_of_all_pages_are_read(
    apple: Stage, httpserver: HTTPServer, ec_key: ec.EllipticCurvePrivateKey
) -> None:
    AppleServer(httpserver, ec_key)
    polled = apple.poll(PLACE)
    assert polled.reading is not None
    assert [item.guid for item in polled.reading.items] == [f"0000-{number}" for number in range(28, 22, -1)]
    item = polled.reading.items[0]
    assert (item.title, item.text, item.author) == ("Plante", "Plante à chaque commande (28)", "A. J.")
    assert (item.rating, item.best_rating) == (1.0, 5.0)
    assert item.published_at == datetime(2026, 11, 28, 16, 10, 34, tzinfo=UTC)


def test_the_token_says_who_signs_and_lasts_twenty_minutes(
    apple: Stage, httpserver: HTTPServer, ec_key: ec.EllipticCurvePrivateKey
) -> None:
    server = AppleServer(httpserver, ec_key)
    apple.poll(PLACE)
    asked = httpserver.log[0][0]
    assert server.admit(asked) == {
        "iss": "57246542-96fe-1a63-e053-0824d011072a",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 1200,
        "aud": "appstoreconnect-v1",
    }
    assert {request.headers["Authorization"] for request, _ in httpserver.log} == {asked.headers["Authorization"]}
    apple.clock.advance(timedelta(minutes=19, seconds=1))
    apple.poll(PLACE)
    assert httpserver.log[-1][0].headers["Authorization"] != asked.headers["Authorization"]


def test_a_revoked_key_is_told(apple: Stage, httpserver: HTTPServer) -> None:
    AppleServer(httpserver, ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(FetchError, match="App Store Connect refuses the account shop-app") as caught:
        apple.poll(PLACE)
    assert caught.value.kind is FetchFailure.ACCOUNT


def test_a_used_up_hour_waits(apple: Stage, httpserver: HTTPServer, ec_key: ec.EllipticCurvePrivateKey) -> None:
    server = AppleServer(httpserver, ec_key)
    used_up = {"X-Rate-Limit": "user-hour-lim:3500;user-hour-rem:0;"}
    server.instead = as_json({"errors": [{"code": "RATE_LIMIT_EXCEEDED"}]}, 429, used_up)
    with pytest.raises(FetchError) as caught:
        apple.poll(PLACE)
    assert (caught.value.kind, caught.value.retry_after) == (FetchFailure.BUSY, 900)


def test_the_last_request_of_an_hour_reads_what_it_gives(
    apple: Stage, httpserver: HTTPServer, ec_key: ec.EllipticCurvePrivateKey
) -> None:
    AppleServer(httpserver, ec_key).headers = {"X-Rate-Limit": "user-hour-lim:3500;user-hour-rem:0;"}
    polled = apple.poll(PLACE)
    assert polled.reading is not None
    assert (len(polled.reading.items), polled.body_digest) == (2, None)


@pytest.mark.parametrize("next_url", ["http://192.0.2.7/steal", "//evil.example.com/", "http://[", "/relative"])
def test_the_token_goes_nowhere_else(
    apple: Stage, httpserver: HTTPServer, ec_key: ec.EllipticCurvePrivateKey, next_url: str
) -> None:
    AppleServer(httpserver, ec_key).next_url = next_url
    with pytest.raises(ReadError, match="did not answer as its documentation says"):
        apple.poll(PLACE)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("payload", [[], {}, {"data": {}}, {"data": None}])
def test_another_shape_is_an_error_in_words(
    apple: Stage, httpserver: HTTPServer, ec_key: ec.EllipticCurvePrivateKey, payload: object
) -> None:
    AppleServer(httpserver, ec_key).instead = as_json(payload)
    with pytest.raises(ReadError, match="did not answer"):
        apple.poll(PLACE)


def test_a_key_of_another_kind_is_told_without_showing_it(apple: Stage, rsa_key: rsa.RSAPrivateKey) -> None:
    for content in (b"-----BEGIN PRIVATE KEY-----\nTOPSECRET\n-----END PRIVATE KEY-----\n", pem(rsa_key), b""):
        apple.write("AuthKey_KEY1.p8", content)
        with pytest.raises(FetchError, match="The key file holds something else than") as caught:
            apple.poll(PLACE)
        assert caught.value.kind is FetchFailure.ACCOUNT
        assert "TOPSECRET" not in str(caught.value)


def test_a_key_file_that_others_may_read_is_not_used(apple: Stage, ec_key: ec.EllipticCurvePrivateKey) -> None:
    apple.write("AuthKey_KEY1.p8", pem(ec_key), mode=0o644)
    with pytest.raises(FetchError, match=r"^AuthKey_KEY1\.p8 holds secrets and may be read by others"):
        apple.poll(PLACE)


def test_an_answer_is_posted(apple: Stage, httpserver: HTTPServer, ec_key: ec.EllipticCurvePrivateKey) -> None:
    server = AppleServer(httpserver, ec_key)
    posted: list[Any] = []

    def take(request: Request) -> Response:
        server.admit(request)
        posted.append(request.get_json())
        return as_json({"data": {"type": "customerReviewResponses"}}, 201)

    httpserver.expect_request(RESPONSES, method="POST").respond_with_handler(take)
    apple.desk.post_reply(PLACE, "0000-28", "Corrigé dans la 2.1.", approved_by="agent@example.com")
    assert posted == [
        {
            "data": {
                "type": "customerReviewResponses",
                "attributes": {"responseBody": "Corrigé dans la 2.1."},
                "relationships": {"review": {"data": {"type": "customerReviews", "id": "0000-28"}}},
            }
        }
    ]
