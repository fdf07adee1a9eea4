"""robots.txt for pages (R55)."""

from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from feedback_service.clock import ManualClock
from feedback_service.sources.adapters import Asked
from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.http.robots import PARSED_BYTES, Robots
from feedback_service.sources.models import SourceKind
from feedback_service.sources.reading import SourceReader


@pytest.fixture
def robots(fetcher: Fetcher, clock: ManualClock) -> Robots:
    """Robots with an empty memory."""
    return Robots(fetcher, clock)


def allows(robots: Robots, url: str) -> bool:
    try:
        robots.check(url)
    except FetchError as error:
        return error.kind is not FetchFailure.ROBOTS
    return True


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("User-agent: *\nDisallow: /private", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: feedback-service\nDisallow: /reviews\nUser-agent: *\nAllow: /", False),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: *\nDisallow: /*/lamp$", False),
        ("", True),
        ("<html>no rules</html>", True),
        ("x" * (PARSED_BYTES + 10), True),
    ],
    ids=["other path", "everything", "named", "another robot", "pattern", "empty", "no rules", "endless"],
)
def test_the_rules_are_kept(
    httpserver: HTTPServer,
    robots: Robots,
    rules: str,
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data(rules)
    assert allows(robots, httpserver.url_for("/reviews/lamp")) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, True), (410, True), (401, False), (403, False), (429, False), (500, False), (503, False)],
)
def test_a_missing_file_allows_and_a_refused_or_broken_one_does_not(
    httpserver: HTTPServer,
    robots: Robots,
    status: int,
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status)
    assert allows(robots, httpserver.url_for("/reviews")) is expected


def test_no_network_means_no(robots: Robots) -> None:
    assert not allows(robots, "http://127.0.0.1:9/reviews")


def test_the_file_is_asked_for_once_a_day(httpserver: HTTPServer, robots: Robots, clock: ManualClock) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("")
    for _ in range(3):
        robots.check(httpserver.url_for("/reviews"))
    assert len(httpserver.log) == 1
    clock.advance(timedelta(hours=25))
    robots.check(httpserver.url_for("/reviews"))
    assert len(httpserver.log) == 2


def test_a_redirect_is_checked_before_it_is_followed(httpserver: HTTPServer, fetcher: Fetcher, robots: Robots) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /hidden")
    httpserver.expect_request("/reviews").respond_with_data("", 302, {"Location": "/hidden"})
    with pytest.raises(FetchError) as caught:
        SourceReader(fetcher, robots).poll(SourceKind.REVIEW_PAGE, Asked(httpserver.url_for("/reviews")))
    assert caught.value.kind is FetchFailure.ROBOTS
    assert [request.path for request, _ in httpserver.log] == ["/robots.txt", "/reviews"]


def test_a_feed_is_read_without_asking(httpserver: HTTPServer, fetcher: Fetcher, robots: Robots) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /")
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>")
    polled = SourceReader(fetcher, robots).poll(SourceKind.FEED, Asked(httpserver.url_for("/feed")))
    assert polled.page.body == b"<rss/>"
