"""Avis Vérifiés: the Published API with links in the header, and the hosted files without an account."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feedback_service.errors import InvalidInputError
from feedback_service.sources.errors import ReadError
from tests.sources.apis.conftest import Stage
from tests.sources.apis.servers import TokenServer, as_json, basic, form_of

API, FILES = "avis_verifies:api", "avis_verifies:files"
REVIEWS = "/verified-reviews/v1/published/brands/reviews"
WEBSITE = "d91c589c-e65f-4062-85a9-d0c422586597"


def written(number: int) -> dict[str, Any]:
    """Return a review of the Published API."""
    return {
        "review_id": f"a{number}",
        "review_rate": 2,
        "review_content": f"Livraison en retard ({number})",
        "review_date": f"2026-11-{number:02}T10:30:00Z",
        "publish_date": f"2026-11-{number:02}T12:30:00Z",
        "author_firstname": "Marie",
        "author_lastname": "D",
        "is_verified": True,
    }


class SkeepersServer:
    """An organisation of three pages; its cursor is in the Link header."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.tokens = TokenServer(lasts=300)
        self.late: list[dict[str, Any]] = []
        self.instead: Response | None = None
        server.expect_request("/token", method="POST").respond_with_handler(self.tokens.answer)
        server.expect_request(REVIEWS, method="GET").respond_with_handler(self._page)

    def _page(self, request: Request) -> Response:
        assert self.tokens.admits(request)
        if self.instead:
            return self.instead
        page = int(request.args.get("cursor", "1"))
        if page == 1:
            assert request.args["limit"] == "200"
        url = self.server.url_for(REVIEWS)
        links = [f'<{url}?cursor={page - 1}>; rel="prev"', f'<{url}?cursor={page + 1}>; rel="next"']
        headers = {"Link": ", ".join(links if page < 3 else links[:1])}
        shown = [*(self.late if page == 1 else []), written(2 * page - 1), written(2 * page)]
        return as_json(shown, headers=headers)


@pytest.fixture
def skeepers(stage: Stage, httpserver: HTTPServer) -> Stage:
    """An installation with an account of the API and one of the files."""
    stage.write_accounts(
        f"""
        [avis_verifies.api]
        base_url = "{httpserver.url_for("")}"
        token_url = "{httpserver.url_for("/token")}"
        client_id = "client"
        client_secret = "hush"

        [avis_verifies.files]
        files_url = "{httpserver.url_for("")}"
        website_id = "{WEBSITE}"

        [avis_verifies.lamp]
        files_url = "{httpserver.url_for("")}"
        website_id = "{WEBSITE}"
        product_id = "LAMP-1"
        """
    )
    return stage


def test_the_published_reviews_of_all_pages_are_read(skeepers: Stage, httpserver: HTTPServer) -> None:
    server = SkeepersServer(httpserver)
    polled = skeepers.poll(API)
    assert polled.reading is not None
    assert sorted(item.guid for item in polled.reading.items) == [f"a{number}" for number in range(1, 7)]
    item = next(item for item in polled.reading.items if item.guid == "a1")
    assert (item.text, item.author, item.rating) == ("Livraison en retard (1)", "M. D.", 2.0)
    assert item.published_at == datetime(2026, 11, 1, 10, 30, tzinfo=UTC)
    (request,) = server.tokens.requests
    assert request.headers["Authorization"] == basic("client", "hush")
    assert form_of(request) == {"grant_type": "client_credentials", "audience": "verified-reviews"}


def test_its_order_is_not_relied_on(skeepers: Stage, httpserver: HTTPServer) -> None:
    server = SkeepersServer(httpserver)
    first = skeepers.poll(API)
    server.late = [written(1) | {"review_id": "late"}]  # published now, dated before everything that is known
    again = skeepers.poll(API, first)
    assert again.reading is not None
    assert len(again.reading.items) == 7


def test_a_link_that_leads_elsewhere_is_not_followed(skeepers: Stage, httpserver: HTTPServer) -> None:
    server = SkeepersServer(httpserver)
    server.instead = as_json([written(1)], headers={"Link": '<https://evil.example.com/?cursor=2>; rel="next"'})
    with pytest.raises(ReadError, match="did not answer"):
        skeepers.poll(API)


@pytest.mark.parametrize("link", ["", "<", "<>; rel=next", '<x>; rel="prev"', "<x>" * 500, '<a>; rel="prev", <', "é"])
def test_an_odd_link_ends_the_walk(skeepers: Stage, httpserver: HTTPServer, link: str) -> None:
    SkeepersServer(httpserver).instead = as_json([written(1)], headers={"Link": link})
    polled = skeepers.poll(API)
    assert polled.reading is not None
    assert len(polled.reading.items) == 1


@pytest.mark.parametrize("payload", [{}, {"data": []}, "x", None])
def test_another_shape_is_an_error_in_words(skeepers: Stage, httpserver: HTTPServer, payload: object) -> None:
    SkeepersServer(httpserver).instead = as_json(payload)
    with pytest.raises(ReadError, match="Avis Vérifiés did not answer"):
        skeepers.poll(API)


def hosted(number: int) -> dict[str, Any]:
    """Return a review of the hosted files; they carry more of the customer than we take."""
    return {
        "id_review": f"f{number}",
        "email": "marie.dupont@example.com",
        "firstname": "Marie",
        "lastname": "Dupont",
        "order_ref": "AL-00001",
        "rate": "1",
        "review": f"Jamais reçu &amp; jamais remboursé ({number})",
        "review_date": f"2026-11-{number:02}T10:30:00.0000000 +01:00",
        "moderation": [{"comment": "Réponse", "comment_origin": "2", "comment_date": "2026-11-20"}],
    }


def test_the_hosted_file_of_a_website_is_read_without_a_token(skeepers: Stage, httpserver: HTTPServer) -> None:
    path = f"/fr/cache/d/9/1/{WEBSITE}/AWS/WEBSITE_API/reviews.json"
    httpserver.expect_request(path).respond_with_json([hosted(3), hosted(9)], headers={"ETag": '"n1"'})
    polled = skeepers.poll(FILES)
    assert polled.reading is not None
    newest, oldest = polled.reading.items
    assert (newest.guid, oldest.guid) == ("f9", "f3")
    assert (newest.text, newest.author, newest.rating) == ("Jamais reçu & jamais remboursé (9)", "M. D.", 1.0)
    assert newest.published_at == datetime(2026, 11, 9, 9, 30, tzinfo=UTC)
    assert "dupont" not in repr(polled.reading).lower()
    assert "Authorization" not in httpserver.log[0][0].headers
    assert polled.page.validators.etag == '"n1"'


def test_the_hosted_file_of_a_product_is_read(skeepers: Stage, httpserver: HTTPServer) -> None:
    path = f"/fr/cache/d/9/1/{WEBSITE}/AWS/PRODUCT_API/REVIEWS/LAMP-1.json"
    httpserver.expect_request(path).respond_with_json([hosted(3) | {"id_review_product": "fp3"}])
    polled = skeepers.poll("avis_verifies:lamp")
    assert polled.reading is not None
    assert [item.guid for item in polled.reading.items] == ["fp3"]


def test_it_takes_no_answers(skeepers: Stage) -> None:
    with pytest.raises(InvalidInputError, match="takes no answers by its API"):
        skeepers.desk.post_reply(API, "a1", "Bonjour", approved_by="agent@example.com")
