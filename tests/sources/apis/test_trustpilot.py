"""Trustpilot: the flow that all services share is tested here once, from the token to the bound of pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feedback_service.errors import InvalidInputError
from feedback_service.sources.errors import FetchError, FetchFailure, ReadError, ReadFailure
from feedback_service.sources.http.robots import Robots
from feedback_service.sources.models import SourceKind
from feedback_service.sources.reading import SourceReader
from tests.sources.apis.conftest import MakeDesk, Stage, trustpilot_account
from tests.sources.apis.servers import PRIVATE, TOKEN_PATH, TrustpilotServer, as_json, basic, form_of, numbered

PLACE = "trustpilot:main"
OTHER = "another"


def failure(stage: Stage) -> FetchError:
    with pytest.raises(FetchError) as caught:
        stage.poll(PLACE)
    return caught.value


def test_a_review_becomes_an_item_without_the_name_and_without_our_answer(
    trustpilot: Stage, httpserver: HTTPServer
) -> None:
    TrustpilotServer(httpserver, numbered(7, 7))
    polled = trustpilot.poll(PLACE)
    assert polled.reading is not None
    assert polled.reading.title == "Trustpilot (main)"
    (item,) = polled.reading.items
    assert (item.guid, item.url) == ("r7", "https://www.trustpilot.com/reviews/r7")
    assert (item.title, item.text, item.author) == ("Avis 7", "Colis numéro 7 jamais reçu", "M. D.")
    assert (item.rating, item.best_rating) == (2.0, 5.0)
    assert item.published_at == datetime(2026, 11, 1, 0, 7, tzinfo=UTC)
    assert "désolés" not in repr(polled.reading)


def test_the_token_is_asked_for_by_key_and_secret_and_kept(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(2, 1))
    trustpilot.poll(PLACE)
    trustpilot.poll(PLACE)
    (request,) = server.tokens.requests
    assert request.headers["Authorization"] == basic("the-key", "the-secret")
    assert form_of(request) == {"grant_type": "client_credentials"}


def test_a_token_is_renewed_shortly_before_its_end(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(2, 1))
    trustpilot.poll(PLACE)
    trustpilot.clock.advance(timedelta(seconds=359999 - 61))
    trustpilot.poll(PLACE)
    assert len(server.tokens.given) == 1
    trustpilot.clock.advance(timedelta(seconds=2))
    trustpilot.poll(PLACE)
    assert len(server.tokens.given) == 2


def test_a_refused_token_is_renewed_once(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(2, 1))
    trustpilot.poll(PLACE)
    server.tokens.withdrawn.add("token-1")
    assert trustpilot.poll(PLACE).reading is not None
    assert server.tokens.given == ["token-1", "token-2"]


def test_who_is_refused_twice_is_told_which_account(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(2, 1))
    server.tokens.withdrawn |= {"token-1", "token-2"}
    error = failure(trustpilot)
    assert (error.kind, error.status) == (FetchFailure.ACCOUNT, 401)
    assert str(error) == "Trustpilot refuses the account main (HTTP 401): its key is wrong, expired or withdrawn."
    assert len(server.tokens.given) == 2


@pytest.mark.parametrize("status", [400, 401, 403])
def test_who_gets_no_token_is_told_which_account(trustpilot: Stage, httpserver: HTTPServer, status: int) -> None:
    TrustpilotServer(httpserver, []).tokens.status = status
    error = failure(trustpilot)
    assert error.kind is FetchFailure.ACCOUNT
    assert "gives no token for the account main" in str(error)


def test_a_changed_account_gets_a_token_of_its_own(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(2, 1))
    trustpilot.poll(PLACE)
    trustpilot.write_accounts(trustpilot_account(httpserver, secret=OTHER))
    trustpilot.poll(PLACE)
    assert server.tokens.requests[-1].headers["Authorization"] == basic("the-key", OTHER)


def test_without_a_secret_the_public_reviews_are_read_by_the_key_alone(stage: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(3, 1))
    stage.write_accounts(trustpilot_account(httpserver, secret=""))
    polled = stage.poll(PLACE)
    assert polled.reading is not None
    assert len(polled.reading.items) == 3
    assert server.tokens.requests == []


def test_pages_are_read_to_the_end(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(250, 1))
    polled = trustpilot.poll(PLACE)
    assert polled.reading is not None
    assert [item.guid for item in polled.reading.items] == [f"r{number}" for number in range(250, 0, -1)]
    assert server.pages == [1, 2, 3]


def test_no_more_pages_than_the_bound_are_read(make_stage: MakeDesk, httpserver: HTTPServer) -> None:
    stage = make_stage(api_max_pages=2)
    stage.write_accounts(trustpilot_account(httpserver))
    server = TrustpilotServer(httpserver, numbered(1000, 1))
    stage.poll(PLACE)
    assert server.pages == [1, 2]


def test_an_unchanged_first_page_is_no_reading(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(250, 1))
    first = trustpilot.poll(PLACE)
    server.reviews[0]["consumer"]["numberOfReviews"] = 2  # of no concern to us
    again = trustpilot.poll(PLACE, first)
    assert (again.reading, again.body_digest) == (None, first.body_digest)
    assert server.pages == [1, 2, 3, 1]


def test_an_etag_makes_the_next_poll_conditional(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(2, 1), headers={"ETag": '"7"'})
    first = trustpilot.poll(PLACE)
    server.before_page = lambda _page: Response(status=304)
    again = trustpilot.poll(PLACE, first)
    assert again.page.unchanged
    assert again.page.validators == first.page.validators
    assert (again.reading, again.body_digest) == (None, first.body_digest)
    assert httpserver.log[-1][0].headers["If-None-Match"] == '"7"'


def test_the_next_poll_stops_at_what_is_stored(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(450, 1))
    first = trustpilot.poll(PLACE)
    server.pages.clear()
    server.reviews[:0] = numbered(455, 451)
    second = trustpilot.poll(PLACE, first)
    assert second.reading is not None
    assert server.pages == [1, 2]  # the second one holds nothing newer
    assert {f"r{number}" for number in range(451, 456)} <= {item.guid for item in second.reading.items}


def test_a_poll_that_was_not_stored_is_made_anew_in_full(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(350, 1))
    first = trustpilot.poll(PLACE)
    server.reviews[:0] = numbered(470, 351)
    trustpilot.poll(PLACE, first)  # its items were never stored: the database went away
    server.reviews[:0] = numbered(471, 471)
    again = trustpilot.poll(PLACE, first)
    assert again.reading is not None
    assert {f"r{number}" for number in range(351, 472)} <= {item.guid for item in again.reading.items}


def test_an_edited_review_keeps_its_id(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(2, 1))
    first = trustpilot.poll(PLACE)
    server.reviews[1]["text"] = "Finalement remboursé"
    second = trustpilot.poll(PLACE, first)
    assert second.reading is not None
    assert [(item.guid, item.text) for item in second.reading.items][1] == ("r1", "Finalement remboursé")


def test_a_review_that_slips_to_the_next_page_while_we_read_comes_once(
    trustpilot: Stage, httpserver: HTTPServer
) -> None:
    server = TrustpilotServer(httpserver, numbered(150, 1))

    def publish(page: int) -> None:
        if page == 2:
            server.reviews.insert(0, numbered(151, 151)[0])

    server.before_page = publish
    polled = trustpilot.poll(PLACE)
    assert polled.reading is not None
    guids = [item.guid for item in polled.reading.items]
    assert sorted(guids) == sorted(set(guids))
    assert len(guids) == 150


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "120"}, 120),
        ({"X-RateLimit-Reset": "45"}, 45),
        ({}, None),
    ],
)
def test_a_limit_is_kept(trustpilot: Stage, httpserver: HTTPServer, headers: dict[str, str], wait: int | None) -> None:
    server = TrustpilotServer(httpserver, numbered(2, 1))
    server.before_page = lambda _page: as_json({"message": "Too many"}, 429, headers)
    error = failure(trustpilot)
    assert (error.kind, error.retry_after) == (FetchFailure.BUSY, wait)


def test_a_limit_on_a_later_page_keeps_what_was_read_and_begins_anew_next_time(
    trustpilot: Stage, httpserver: HTTPServer
) -> None:
    server = TrustpilotServer(httpserver, numbered(250, 1), headers={"ETag": '"7"'})
    server.before_page = lambda page: as_json({}, 429, {"Retry-After": "60"}) if page == 2 else None
    polled = trustpilot.poll(PLACE)
    assert polled.reading is not None
    assert (len(polled.reading.items), polled.reading.ttl) == (100, 60)
    assert (polled.body_digest, bool(polled.page.validators)) == (None, False)
    server.before_page = lambda _page: None
    again = trustpilot.poll(PLACE, polled)
    assert again.reading is not None
    assert len(again.reading.items) == 250


def test_the_last_allowed_request_is_not_followed_by_another(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(250, 1), headers={"X-RateLimit-Remaining": "0"})
    assert trustpilot.poll(PLACE).body_digest is None
    assert server.pages == [1]


def test_a_fault_on_a_later_page_is_a_fault(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, numbered(250, 1))
    server.before_page = lambda page: as_json({}, 500) if page == 2 else None
    assert failure(trustpilot).kind is FetchFailure.SERVER


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, FetchFailure.REFUSED),
        (403, FetchFailure.ACCOUNT),
        (404, FetchFailure.ACCOUNT),
        (410, FetchFailure.GONE),
        (418, FetchFailure.REFUSED),
        (500, FetchFailure.SERVER),
        (503, FetchFailure.BUSY),
    ],
)
def test_each_status_has_its_name(trustpilot: Stage, httpserver: HTTPServer, status: int, kind: FetchFailure) -> None:
    server = TrustpilotServer(httpserver, numbered(2, 1))
    server.before_page = lambda _page: as_json({}, status, {"Location": "http://elsewhere.example.com/"})
    error = failure(trustpilot)
    assert (error.kind, error.status) == (kind, status)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"reviews"', b"{}", b'{"reviews": {}}', b'{"reviews": [', b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "null", "list", "text", "object", "no list", "cut", "no text", "deep"],
)
def test_what_is_not_the_api_is_an_error_in_words(trustpilot: Stage, httpserver: HTTPServer, body: bytes) -> None:
    server = TrustpilotServer(httpserver, [])
    server.before_page = lambda _page: Response(body)
    with pytest.raises(ReadError, match="did not answer as its documentation says") as caught:
        trustpilot.poll(PLACE)
    assert caught.value.kind is ReadFailure.NOT_THE_API


def test_a_page_for_people_is_an_error_in_words(trustpilot: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, [])
    server.before_page = lambda _page: Response("<!doctype html><title>Please wait</title>", content_type="text/html")
    with pytest.raises(ReadError, match="a page for people"):
        trustpilot.poll(PLACE)


def test_reviews_of_another_shape_are_left_out(trustpilot: Stage, httpserver: HTTPServer) -> None:
    good = numbered(1, 1)
    bad: list[Any] = [
        None,
        7,
        [],
        {},
        {"id": None, "text": "x"},
        {"id": "r2"},
        {"id": "r3", "stars": "x", "text": {"a": 1}},
    ]
    odd = {"id": "r4", "stars": 99, "text": "Bon", "consumer": [], "createdAt": "soon", "title": 12}
    TrustpilotServer(httpserver, [*good, *bad, odd])
    polled = trustpilot.poll(PLACE)
    assert polled.reading is not None
    assert [item.guid for item in polled.reading.items] == ["r1", "r4"]
    assert (polled.reading.items[1].rating, polled.reading.items[1].published_at) == (None, None)


def test_no_markup_is_taken_over(trustpilot: Stage, httpserver: HTTPServer) -> None:
    (review,) = numbered(1, 1)
    TrustpilotServer(httpserver, [review | {"title": "<b>Nul</b>", "text": "Nul<script>x()</script><br>Vraiment"}])
    polled = trustpilot.poll(PLACE)
    assert polled.reading is not None
    assert (polled.reading.items[0].title, polled.reading.items[0].text) == ("Nul", "Nul\nVraiment")


def test_a_huge_body_ends_at_the_cap(make_stage: MakeDesk, httpserver: HTTPServer) -> None:
    stage = make_stage(fetch_max_bytes=20_000)
    stage.write_accounts(trustpilot_account(httpserver))
    TrustpilotServer(httpserver, numbered(300, 1))
    assert failure(stage).kind is FetchFailure.TOO_LARGE


@pytest.mark.parametrize("lasts", [None, -5, "soon", 10**30, [], 0])
def test_an_odd_lifetime_of_a_token_does_no_harm(trustpilot: Stage, httpserver: HTTPServer, lasts: object) -> None:
    server = TrustpilotServer(httpserver, numbered(2, 1))
    server.tokens.lasts = lasts
    assert trustpilot.poll(PLACE).reading is not None


@pytest.mark.parametrize("token", [None, 5, "", "a\nb", "é", "x" * 10_000, {"a": 1}])
def test_what_is_no_token_is_an_error_in_words(trustpilot: Stage, httpserver: HTTPServer, token: object) -> None:
    httpserver.expect_request(TOKEN_PATH).respond_with_json({"access_token": token})
    with pytest.raises(ReadError, match="did not answer"):
        trustpilot.poll(PLACE)


def test_the_address_of_an_api_is_checked_like_every_other(make_stage: MakeDesk, httpserver: HTTPServer) -> None:
    stage = make_stage(fetch_allow_private="")
    stage.write_accounts(trustpilot_account(httpserver))
    assert failure(stage).kind is FetchFailure.REFUSED_ADDRESS


def test_an_approved_answer_is_posted(stage: Stage, httpserver: HTTPServer) -> None:
    server = TrustpilotServer(httpserver, [])
    stage.write_accounts(trustpilot_account(httpserver, business_user="user1"))
    posted: list[object] = []

    def take(request: Request) -> Response:
        assert server.tokens.admits(request)
        posted.append(request.get_json())
        return as_json({}, 201)

    httpserver.expect_request("/v1/private/reviews/r7/reply", method="POST").respond_with_handler(take)
    stage.desk.post_reply(PLACE, "r7", " Nous vous remboursons. ", approved_by="agent@example.com")
    assert posted == [{"authorBusinessUserId": "user1", "message": "Nous vous remboursons."}]


@pytest.mark.parametrize(
    ("text", "approved_by", "more"),
    [
        ("Bonjour", " ", {"business_user": "user1"}),
        ("  ", "agent@example.com", {"business_user": "user1"}),
        ("x" * 5001, "agent@example.com", {"business_user": "user1"}),
        ("Bonjour", "agent@example.com", {}),
        ("Bonjour", "agent@example.com", {"business_user": "user1", "secret": ""}),
    ],
    ids=["nobody approved", "empty", "too long", "no user", "no secret"],
)
def test_what_cannot_be_posted_is_not(
    stage: Stage, httpserver: HTTPServer, text: str, approved_by: str, more: dict[str, str]
) -> None:
    stage.write_accounts(trustpilot_account(httpserver, **more))
    with pytest.raises(InvalidInputError):
        stage.desk.post_reply(PLACE, "r7", text, approved_by=approved_by)
    assert httpserver.log == []


def test_an_answer_that_is_refused_is_an_error(stage: Stage, httpserver: HTTPServer) -> None:
    TrustpilotServer(httpserver, [])
    stage.write_accounts(trustpilot_account(httpserver, business_user="user1"))
    httpserver.expect_request("/v1/private/reviews/r7/../r8/reply").respond_with_json({}, 404)
    with pytest.raises(FetchError, match="does not know what the account main asks for"):
        stage.desk.post_reply(PLACE, "r7/../r8", "Bonjour", approved_by="agent@example.com")
    assert httpserver.log[-1][0].environ["RAW_URI"] == "/v1/private/reviews/r7%2F..%2Fr8/reply"


def test_a_place_that_is_no_review_service_takes_no_answers(stage: Stage) -> None:
    for place in ("https://blog.example.com/", "pushed:Old", "feed:main"):
        with pytest.raises(InvalidInputError, match="cannot be answered from here"):
            stage.desk.post_reply(place, "r7", "Bonjour", approved_by="agent@example.com")


def test_the_address_that_is_asked_is_the_documented_one(trustpilot: Stage, httpserver: HTTPServer) -> None:
    TrustpilotServer(httpserver, numbered(1, 1))
    trustpilot.poll(PLACE)
    asked = httpserver.log[-1][0]
    assert (asked.path, asked.args["perPage"]) == (PRIVATE, "100")
    assert asked.headers["User-Agent"].startswith("feedback-service/")


def test_an_account_is_found_by_its_place(trustpilot: Stage, httpserver: HTTPServer) -> None:
    TrustpilotServer(httpserver, numbered(3, 1))
    fetcher = trustpilot.fetcher
    reader = SourceReader(fetcher, Robots(fetcher, trustpilot.clock), lambda: trustpilot.desk.adapters)
    for kind in (None, SourceKind.TRUSTPILOT):
        found = reader.find(PLACE, kind)
        assert (found.kind, found.url, len(found.reading.items)) == (SourceKind.TRUSTPILOT, PLACE, 3)
