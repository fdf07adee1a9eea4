"""Lists of reviews that go on over several pages, read from a real server."""

from collections.abc import Sequence

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feedback_service.clock import ManualClock
from feedback_service.sources.adapters import Asked, Polled
from feedback_service.sources.errors import FetchError, FetchFailure, ReadError
from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.http.pages import Validators
from feedback_service.sources.http.robots import Robots
from feedback_service.sources.items import Aggregate
from feedback_service.sources.models import SourceKind
from feedback_service.sources.reading import SourceReader
from tests.sources.conftest import MakeFetcher
from tests.support.feeds import review, review_page

PATH = "/avis/boutique"


class ReviewSite:
    """A site whose list of reviews has as many pages as `pages`; each is its reviews and the address of the next."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.pages: list[tuple[Sequence[object], str]] = []
        self.statuses: dict[int, int] = {}
        self.nonce = ""
        self.asked: list[str] = []
        server.expect_request(PATH).respond_with_handler(self.answer)

    @property
    def url(self) -> str:
        return self.server.url_for(PATH)

    def answer(self, request: Request) -> Response:
        number = int(request.args.get("page", "1"))
        self.asked.append(f"page {number}")
        etag = f'"{hash((str(self.pages), self.nonce, number))}"'
        if number in self.statuses:
            return Response("", status=self.statuses[number])
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304)
        reviews, following = self.pages[number - 1]
        link = f'<link rel="next" href="{following}">'.encode() if following else b""
        body = review_page(reviews).replace(b"</head>", link + self.nonce.encode() + b"</head>")
        return Response(body, content_type="text/html", headers={"ETag": etag})


@pytest.fixture
def site(httpserver: HTTPServer) -> ReviewSite:
    """A site that lets programs read everything."""
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /avis/boutique?page=9")
    return ReviewSite(httpserver)


@pytest.fixture
def reader(fetcher: Fetcher, clock: ManualClock) -> SourceReader:
    """A reader of three pages at most."""
    return SourceReader(fetcher, Robots(fetcher, clock), max_pages=3)


def poll(reader: SourceReader, site: ReviewSite, before: Polled | None = None) -> Polled:
    site.asked.clear()
    validators = before.page.validators if before else Validators()
    return reader.poll(SourceKind.REVIEW_PAGE, Asked(site.url, validators, before.body_digest if before else None))


def texts(polled: Polled) -> list[str]:
    assert polled.reading is not None
    return [item.text for item in polled.reading.items]


def is_cut(polled: Polled) -> bool:
    assert polled.reading is not None
    return polled.reading.is_cut


def test_the_pages_are_read_to_the_last_and_belong_to_one_list(reader: SourceReader, site: ReviewSite) -> None:
    site.pages = [([review("a")], "?page=2"), ([review("b")], "?page=3"), ([review("c")], "")]
    polled = poll(reader, site)
    assert (texts(polled), is_cut(polled)) == (["a", "b", "c"], False)
    assert polled.reading is not None
    assert {item.page_url for item in polled.reading.items} == {site.url}


def test_the_bound_ends_it_and_the_reading_says_so(reader: SourceReader, site: ReviewSite) -> None:
    site.pages = [([review(f"text {number}")], f"?page={number + 2}") for number in range(10)]
    polled = poll(reader, site)
    assert (len(texts(polled)), is_cut(polled), len(site.asked)) == (3, True, 3)


def test_an_unchanged_first_page_ends_the_poll(reader: SourceReader, site: ReviewSite) -> None:
    site.pages = [([review("a")], "?page=2"), ([review("b")], "")]
    first = poll(reader, site)
    again = poll(reader, site, first)
    assert (again.reading, again.body_digest, site.asked) == (None, first.body_digest, ["page 1"])


def test_new_bytes_with_the_same_reviews_end_the_poll_too(reader: SourceReader, site: ReviewSite) -> None:
    site.pages = [([review("a")], "?page=2"), ([review("b")], "")]
    first = poll(reader, site)
    site.nonce = "<meta name=csrf content=1>"
    again = poll(reader, site, first)
    assert (again.reading, site.asked) == (None, ["page 1"])
    assert again.body_digest != first.body_digest
    site.pages[0] = ([review("new"), review("a")], "?page=2")
    assert texts(poll(reader, site, again)) == ["new", "a", "b"]


def test_a_new_average_alone_is_news(reader: SourceReader, site: ReviewSite) -> None:
    def average(value: float) -> list[object]:
        return [review("a"), {"@type": "AggregateRating", "ratingValue": value, "reviewCount": 1}]

    site.pages = [(average(4.5), "")]
    first = poll(reader, site)
    site.pages = [(average(4.1), "")]
    polled = poll(reader, site, first)
    assert polled.reading is not None
    assert polled.reading.aggregate == Aggregate(4.1, 5.0, 1)


def test_pages_that_repeat_end_it(reader: SourceReader, site: ReviewSite) -> None:
    site.pages = [([review("a")], "?page=2"), ([review("a")], "?page=3"), ([review("a")], "")]
    polled = poll(reader, site)
    assert (texts(polled), is_cut(polled), site.asked) == (["a"], True, ["page 1", "page 2"])


def test_pages_that_name_each_other_end_it(reader: SourceReader, site: ReviewSite) -> None:
    site.pages = [([review("a")], "?page=2"), ([review("b")], PATH)]
    assert texts(poll(reader, site)) == ["a", "b"]
    assert site.asked == ["page 1", "page 2"]


def test_a_next_page_that_fails_for_now_is_tried_at_the_next_poll(reader: SourceReader, site: ReviewSite) -> None:
    site.pages = [([review("a")], "?page=2"), ([review("b")], "")]
    site.statuses = {2: 503}
    first = poll(reader, site)
    assert (texts(first), is_cut(first)) == (["a"], True)
    site.statuses = {}
    assert texts(poll(reader, site, first)) == ["a", "b"]


def test_a_next_page_that_is_not_there_is_not_asked_for_again(reader: SourceReader, site: ReviewSite) -> None:
    site.pages = [([review("a")], "?page=2")]
    site.statuses = {2: 404}
    first = poll(reader, site)
    assert (texts(first), is_cut(first)) == (["a"], True)
    assert poll(reader, site, first).reading is None


def test_robots_txt_is_asked_for_each_page(reader: SourceReader, site: ReviewSite) -> None:
    site.pages = [([review("a")], "?page=9")]
    polled = poll(reader, site)
    assert (texts(polled), is_cut(polled), site.asked) == (["a"], True, ["page 1"])


@pytest.mark.parametrize(("host", "expected"), [("elsewhere.example.com", ["a"]), ("127.0.0.1", ["a", "b"])])
def test_a_next_page_that_leads_to_another_host_is_left_out(
    make_fetcher: MakeFetcher,
    clock: ManualClock,
    site: ReviewSite,
    httpserver: HTTPServer,
    host: str,
    expected: list[str],
) -> None:
    fetcher = make_fetcher(lambda _: ("127.0.0.1",))
    site.pages = [([review("a")], "/moved")]
    moved = httpserver.url_for("/elsewhere").replace("127.0.0.1", host)
    httpserver.expect_request("/moved").respond_with_data(status=302, headers={"Location": moved})
    httpserver.expect_request("/elsewhere").respond_with_data(review_page([review("b")]), content_type="text/html")
    assert texts(poll(SourceReader(fetcher, Robots(fetcher, clock)), site)) == expected


def test_a_next_page_without_reviews_is_the_end(reader: SourceReader, site: ReviewSite) -> None:
    site.pages = [([review("a")], "?page=2"), ([], "?page=3")]
    polled = poll(reader, site)
    assert (texts(polled), site.asked) == (["a"], ["page 1", "page 2"])


def test_a_first_page_that_fails_is_an_error(reader: SourceReader, site: ReviewSite, httpserver: HTTPServer) -> None:
    site.statuses = {1: 503}
    with pytest.raises(FetchError) as caught:
        poll(reader, site)
    assert caught.value.kind is FetchFailure.BUSY
    httpserver.expect_request("/plain").respond_with_data("<p>Nothing</p>", content_type="text/html")
    with pytest.raises(ReadError):
        reader.poll(SourceKind.REVIEW_PAGE, Asked(httpserver.url_for("/plain")))


def test_no_time_is_no_next_page(fetcher: Fetcher, clock: ManualClock, site: ReviewSite) -> None:
    site.pages = [([review("a")], "?page=2"), ([review("b")], "")]
    hasty = SourceReader(fetcher, Robots(fetcher, clock), seconds=0)
    polled = poll(hasty, site)
    assert (texts(polled), is_cut(polled), polled.body_digest) == (["a"], True, None)


def test_a_count_that_is_larger_than_the_list_says_that_it_is_cut(reader: SourceReader, site: ReviewSite) -> None:
    site.pages = [([review("a"), {"@type": "AggregateRating", "ratingValue": 4, "reviewCount": 12}], "")]
    assert is_cut(poll(reader, site))
