"""Whatever an API sends, it is a reading or an error in words; nothing of it grows without end or holds markup."""

import json
import string
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.apis import limits
from feedback_service.sources.apis.accounts import MODELS, Account
from feedback_service.sources.apis.desk import services
from feedback_service.sources.apis.payloads import parsed
from feedback_service.sources.apis.services import ReviewService
from feedback_service.sources.apis.tokens import Token, granted
from feedback_service.sources.errors import ReadError
from feedback_service.sources.http.pages import Answer
from feedback_service.sources.items import Item
from feedback_service.sources.models import API_KINDS
from tests.support.builders import NOW

SERVICES = services()
NAMES = (
    "reviews", "data", "id", "stars", "title", "text", "consumer", "displayName", "createdAt", "reviewId",
    "starRating", "comment", "comments", "userComment", "lastModified", "seconds", "reviewer", "nextPageToken",
    "tokenPagination", "attributes", "type", "links", "next", "rating", "body", "review_id", "review_rate",
    "review_content", "review_date", "id_review", "rate", "review", "updateTime", "createTime", "error",
    "errors", "details", "reason", "retryDelay",
)  # fmt: skip
LIKELY = ("customerReviews", "ONE", "5", "2026-11-20T10:00:00Z", "1763900000", "<b>x</b>", "\ud800", "a\tb")
NUMBERS = st.booleans() | st.integers() | st.floats()
SCALARS = st.none() | NUMBERS | st.text(max_size=20) | st.sampled_from(LIKELY)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=25,
)
ROOTS = {"trustpilot": "reviews", "google_reviews": "reviews", "google_play": "reviews", "app_store": "data"}
VALUES: dict[str, dict[str, Any]] = {
    "trustpilot": {"key": "k", "secret": "s", "business_unit": "u"},
    "google_reviews": {"client_id": "c", "client_secret": "s", "refresh_token": "r", "account": "1", "location": "2"},
    "avis_verifies": {"client_id": "c", "client_secret": "s"},
    "app_store": {"issuer": "i", "key_id": "k", "private_key_file": Path("k.p8"), "app": "1"},
    "google_play": {"service_account_file": Path("k.json"), "package": "com.example"},
}


def account_for(service: ReviewService[Any]) -> Account:
    account: Account = service.model.model_validate(VALUES[service.kind.value])
    return account


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.kind.value)
@given(reviews=st.lists(JSON, max_size=4), more=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=3), bare=JSON)
def test_any_json_is_a_page_or_an_error_in_words(
    service: ReviewService[Any], reviews: list[object], more: dict[str, object], bare: object
) -> None:
    account = account_for(service)
    root = ROOTS.get(service.kind.value)
    url = service.first_url(account)
    for payload in (bare, more | {root: reviews} if root else reviews):
        with suppress(ReadError):
            page = service.read(account, payload, Answer(200, {}, b""), url)
            assert not page.next_url or page.next_url.startswith(account.base_url)
            for item in page.items:
                check(item)


def check(item: Item) -> None:
    """Check what holds for every item."""
    assert item.guid
    assert item.title or item.text or item.rating is not None
    assert item.rating is None or 0 <= item.rating <= 5
    assert "<b>" not in item.title + item.text
    assert f"{item.guid}{item.url}{item.title}{item.text}{item.author}".encode()


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_an_error_in_words(body: bytes) -> None:
    with suppress(ReadError):
        parsed(body, "Trustpilot", "https://api.example.com")


@given(JSON)
def test_any_answer_is_a_token_that_fits_a_header_or_none(payload: object) -> None:
    for answer in (payload, {"access_token": payload, "expires_in": payload}):
        token = granted(answer, NOW)
        if isinstance(token, Token):
            assert token.value
            assert token.value.isascii()
            assert token.value.isprintable()


@given(
    status=st.integers(200, 599),
    headers=st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "x-rate-limit"]),
        st.text(string.printable, max_size=30) | st.integers().map(str) | st.just("user-hour-lim:1;user-hour-rem:0;"),
    ),
    payload=JSON,
)
def test_any_answer_has_a_meaning(status: int, headers: dict[str, str], payload: object) -> None:
    answer = Answer(status, headers, json.dumps({"error": payload}).encode())
    limits.is_used_up(answer)
    error = limits.failure_of(answer, "Trustpilot", "main", "https://api.example.com", NOW)
    assert (error is None) == (status < 300 or status == 304)
    if error:
        assert error.retry_after is None or 0 <= error.retry_after <= 10**10
        assert f"HTTP {status}" in str(error)


def test_every_kind_has_its_service_and_its_account() -> None:
    assert {service.kind for service in SERVICES} == API_KINDS == set(MODELS)
    assert all(service.model is MODELS[service.kind] for service in SERVICES)
