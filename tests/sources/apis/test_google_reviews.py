"""Google Business Profile: refresh tokens, page tokens, stars in words, translations, limits in the body."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feedback_service.sources.apis.google_reviews import original
from feedback_service.sources.errors import FetchError, FetchFailure, ReadError
from tests.sources.apis.conftest import Stage
from tests.sources.apis.servers import TokenServer, as_json, form_of

PLACE = "google_reviews:paris"
REVIEWS = "/v4/accounts/11/locations/22/reviews"


def written(number: int, **more: object) -> dict[str, Any]:
    """Return a review; the higher the number, the later it was edited."""
    stamp = f"2026-11-20T10:00:00.{number:09}Z"
    base = {
        "name": f"accounts/11/locations/22/reviews/g{number}",
        "reviewId": f"g{number}",
        "reviewer": {"displayName": "Paul Martin", "isAnonymous": False},
        "starRating": "ONE",
        "comment": f"Colis {number} perdu",
        "createTime": stamp,
        "updateTime": stamp,
    }
    return base | more


class GoogleServer:
    """A location; `reviews` are those edited last first."""

    def __init__(self, server: HTTPServer, reviews: list[dict[str, Any]]) -> None:
        self.reviews = reviews
        self.tokens = TokenServer(lasts=3599)
        self.instead: Response | None = None
        server.expect_request("/token", method="POST").respond_with_handler(self.tokens.answer)
        server.expect_request(REVIEWS, method="GET").respond_with_handler(self._page)

    def _page(self, request: Request) -> Response:
        assert self.tokens.admits(request)
        assert (request.args["pageSize"], request.args["orderBy"]) == ("50", "updateTime desc")
        if self.instead:
            return self.instead
        start = int(request.args.get("pageToken", "p0")[1:])
        payload: dict[str, Any] = {"averageRating": 4.1, "totalReviewCount": len(self.reviews)}
        if self.reviews:
            payload["reviews"] = self.reviews[start : start + 50]
        if start + 50 < len(self.reviews):
            payload["nextPageToken"] = f"p{start + 50}"
        return as_json(payload if self.reviews else {})


@pytest.fixture
def google(stage: Stage, httpserver: HTTPServer) -> Stage:
    """An installation with an account."""
    stage.write_accounts(
        f"""
        [google_reviews.paris]
        base_url = "{httpserver.url_for("")}"
        token_url = "{httpserver.url_for("/token")}"
        client_id = "client"
        client_secret = "hush"
        refresh_token = "1//refresh"
        account = "11"
        location = "22"
        """
    )
    return stage


def test_the_token_is_asked_for_by_the_refresh_token(google: Stage, httpserver: HTTPServer) -> None:
    server = GoogleServer(httpserver, [written(1)])
    google.poll(PLACE)
    google.poll(PLACE)
    (request,) = server.tokens.requests
    assert form_of(request) == {
        "grant_type": "refresh_token",
        "client_id": "client",
        "client_secret": "hush",
        "refresh_token": "1//refresh",
    }


def test_a_withdrawn_consent_is_told(google: Stage, httpserver: HTTPServer) -> None:
    GoogleServer(httpserver, []).tokens.status = 400  # invalid_grant
    with pytest.raises(FetchError, match="gives no token for the account paris") as caught:
        google.poll(PLACE)
    assert caught.value.kind is FetchFailure.ACCOUNT


def test_reviews_come_with_stars_from_words(google: Stage, httpserver: HTTPServer) -> None:
    GoogleServer(
        httpserver, [written(2, starRating="STAR_RATING_UNSPECIFIED"), written(1, reviewReply={"comment": "x"})]
    )
    polled = google.poll(PLACE)
    assert polled.reading is not None
    second, first = polled.reading.items
    assert (first.guid, first.text, first.author) == ("g1", "Colis 1 perdu", "P. M.")
    assert (first.rating, first.best_rating, second.rating) == (1.0, 5.0, None)
    assert first.published_at == datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_a_location_without_reviews_is_an_empty_reading(google: Stage, httpserver: HTTPServer) -> None:
    GoogleServer(httpserver, [])
    polled = google.poll(PLACE)
    assert polled.reading is not None
    assert polled.reading.items == ()


def test_stars_without_words_are_a_review(google: Stage, httpserver: HTTPServer) -> None:
    silent = written(1)
    del silent["comment"]
    GoogleServer(httpserver, [silent])
    polled = google.poll(PLACE)
    assert polled.reading is not None
    assert (polled.reading.items[0].text, polled.reading.items[0].rating) == ("", 1.0)


def test_pages_are_turned_by_their_tokens(google: Stage, httpserver: HTTPServer) -> None:
    GoogleServer(httpserver, [written(number) for number in range(120, 0, -1)])
    polled = google.poll(PLACE)
    assert polled.reading is not None
    assert len(polled.reading.items) == 120


def test_pages_without_an_end_do_end(google: Stage, httpserver: HTTPServer) -> None:
    server = GoogleServer(httpserver, [written(1)])
    server.instead = as_json({"reviews": [written(1)], "nextPageToken": "again"})
    polled = google.poll(PLACE)
    assert polled.reading is not None
    assert len(polled.reading.items) == 1
    assert len([None for request, _ in httpserver.log if request.path == REVIEWS]) == 2


@pytest.mark.parametrize(
    ("status", "error", "wait"),
    [
        (429, {"status": "RESOURCE_EXHAUSTED"}, None),
        (
            429,
            {
                "status": "RESOURCE_EXHAUSTED",
                "details": [
                    {"@type": "type.googleapis.com/google.rpc.ErrorInfo"},
                    {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37.5s"},
                ],
            },
            37,
        ),
        (403, {"errors": [{"reason": "rateLimitExceeded"}]}, None),
        (403, {"errors": [{"reason": "quotaExceeded"}], "details": [{"retryDelay": "soon"}]}, None),
    ],
)
def test_googles_limits_are_kept(
    google: Stage, httpserver: HTTPServer, status: int, error: dict[str, Any], wait: int | None
) -> None:
    GoogleServer(httpserver, []).instead = as_json({"error": {"code": status} | error}, status)
    with pytest.raises(FetchError) as caught:
        google.poll(PLACE)
    assert (caught.value.kind, caught.value.retry_after) == (FetchFailure.BUSY, wait)


def test_a_403_without_such_a_reason_is_a_refusal(google: Stage, httpserver: HTTPServer) -> None:
    GoogleServer(httpserver, []).instead = as_json({"error": {"status": "PERMISSION_DENIED"}}, 403)
    with pytest.raises(FetchError) as caught:
        google.poll(PLACE)
    assert caught.value.kind is FetchFailure.ACCOUNT


@pytest.mark.parametrize("payload", [[], 5, {"reviews": {}}, {"reviews": "none"}])
def test_another_shape_is_an_error_in_words(google: Stage, httpserver: HTTPServer, payload: object) -> None:
    GoogleServer(httpserver, []).instead = as_json(payload)
    with pytest.raises(ReadError, match="Google Business Profile did not answer as its documentation says"):
        google.poll(PLACE)


@pytest.mark.parametrize(
    ("comment", "customers"),
    [
        ("Très déçu", "Très déçu"),
        ("(Translated by Google) Very disappointed\n\n(Original)\nTrès déçu", "Très déçu"),
        ("Très déçu\n\n(Translated by Google)\nVery disappointed", "Très déçu\n\n"),
        ("", ""),
    ],
    ids=["none", "translation first", "original first", "empty"],
)
def test_only_what_the_customer_wrote_is_judged(comment: str, customers: str) -> None:
    assert original(comment) == customers


def test_an_answer_is_put(google: Stage, httpserver: HTTPServer) -> None:
    GoogleServer(httpserver, [])
    httpserver.expect_request(
        f"{REVIEWS}/g1/reply", method="PUT", json={"comment": "Nous cherchons votre colis."}
    ).respond_with_json({"comment": "Nous cherchons votre colis."})
    google.desk.post_reply(PLACE, "g1", "Nous cherchons votre colis.", approved_by="agent@example.com")
    httpserver.check_assertions()
