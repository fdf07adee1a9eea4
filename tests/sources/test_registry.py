"""The list of sources, and finding out what stands at an address."""

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.errors import ConflictError, InvalidInputError, NotFoundError
from feedback_service.sources import registry
from feedback_service.sources.errors import FetchError, ReadError
from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.http.robots import Robots
from feedback_service.sources.models import Source, SourceKind, SourceState
from feedback_service.sources.reading import SourceReader
from tests.support.builders import NOW, make_shop
from tests.support.feeds import review, review_page, rss, rss_item

FEED = "https://blog.example.com/feed"


@pytest.fixture
def reader(fetcher: Fetcher, clock: ManualClock) -> SourceReader:
    """Reads sources of this machine."""
    return SourceReader(fetcher, Robots(fetcher, clock))


def test_a_new_source_is_due_at_once(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        feed = registry.add_source(session, shop, f"{FEED}#top", SourceKind.FEED, NOW)
        page = registry.add_source(session, shop, "https://avis.example.com/", SourceKind.REVIEW_PAGE, NOW)
        assert (feed.url, feed.state, feed.due_at) == (FEED, SourceState.NEW, NOW)
        assert (feed.about_us, page.about_us) == (False, True)
        assert [source.id for source in registry.list_sources(session, shop.id)] == [feed.id, page.id]
        assert registry.find_source(session, feed.id) is feed


def test_an_account_is_a_source_about_the_shop(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        source = registry.add_source(session, shop, "trustpilot:main", SourceKind.TRUSTPILOT, NOW)
        assert (source.url, source.about_us, source.due_at) == ("trustpilot:main", True, NOW)
        with pytest.raises(ConflictError, match="already has the source trustpilot:main"):
            registry.add_source(session, shop, "trustpilot:main", SourceKind.TRUSTPILOT, NOW)
        with pytest.raises(FetchError, match="is written trustpilot:NAME"):
            registry.add_source(session, shop, FEED, SourceKind.TRUSTPILOT, NOW)


def test_what_is_pushed_is_never_due(database: Database) -> None:
    with database.writing() as session:
        source = registry.add_source(session, make_shop(session), "pushed:Old", SourceKind.PUSHED, NOW)
        assert (source.url, source.state, source.due_at) == ("pushed:Old", SourceState.OK, None)
        assert registry.make_all_due(session, NOW) == 0
        with pytest.raises(ConflictError, match="pushed or imported"):
            registry.resume(session, source, NOW)


def test_a_source_is_added_once_per_shop(database: Database) -> None:
    with database.writing() as session:
        shop, other = make_shop(session), make_shop(session, "other")
        registry.add_source(session, shop, FEED, SourceKind.FEED, NOW)
        registry.add_source(session, other, FEED, SourceKind.FEED, NOW)
        with pytest.raises(ConflictError, match="already has"):
            registry.add_source(session, shop, FEED, SourceKind.FEED, NOW)


def test_what_cannot_be_a_source_is_refused(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        with pytest.raises(FetchError, match="http://"):
            registry.add_source(session, shop, "blog.example.com", SourceKind.FEED, NOW)
        with pytest.raises(InvalidInputError, match="reach"):
            registry.add_source(session, shop, FEED, SourceKind.FEED, NOW, reach=4)
        with pytest.raises(NotFoundError):
            registry.find_source(session, 1)


def test_a_feed_and_a_review_page_are_told_apart(httpserver: HTTPServer, reader: SourceReader) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("")
    httpserver.expect_request("/feed").respond_with_data(rss(rss_item("x"), title="Le blog"))
    httpserver.expect_request("/avis").respond_with_data(review_page([review("x")]))
    feed, page = reader.find(httpserver.url_for("/feed")), reader.find(httpserver.url_for("/avis"))
    assert (feed.kind, feed.reading.title, len(feed.reading.items)) == (SourceKind.FEED, "Le blog", 1)
    assert (page.kind, len(page.reading.items)) == (SourceKind.REVIEW_PAGE, 1)


def test_an_address_that_moved_for_good_is_found_where_it_is_now(httpserver: HTTPServer, reader: SourceReader) -> None:
    httpserver.expect_request("/old").respond_with_data("", 301, {"Location": "/feed"})
    httpserver.expect_request("/feed").respond_with_data(rss(rss_item("x")))
    assert reader.find(httpserver.url_for("/old")).url == httpserver.url_for("/feed")


def test_a_page_that_is_neither_says_so_and_names_its_feed(httpserver: HTTPServer, reader: SourceReader) -> None:
    page = "<html><head><link rel='alternate' type='application/rss+xml' href='/rss'></head></html>"
    httpserver.expect_request("/blog").respond_with_data(page, content_type="text/html")
    with pytest.raises(ReadError, match=r"HTML page, not a feed; the page names this feed: http.*/rss\."):
        reader.find(httpserver.url_for("/blog"))


def test_a_review_page_that_robots_forbid_is_not_found(httpserver: HTTPServer, reader: SourceReader) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /avis")
    httpserver.expect_request("/avis").respond_with_data(review_page([review("x")]))
    with pytest.raises(FetchError, match=r"robots\.txt"):
        reader.find(httpserver.url_for("/avis"))


def test_a_review_page_without_reviews_needs_to_be_called_one(httpserver: HTTPServer, reader: SourceReader) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("")
    httpserver.expect_request("/avis").respond_with_data(review_page([]))
    with pytest.raises(ReadError):
        reader.find(httpserver.url_for("/avis"))
    assert reader.find(httpserver.url_for("/avis"), SourceKind.REVIEW_PAGE).reading.items == ()


def test_what_is_pushed_cannot_be_read(reader: SourceReader) -> None:
    for kind in (None, SourceKind.PUSHED):
        with pytest.raises(FetchError, match="pushed or imported"):
            reader.find("pushed:Old", kind)


def test_a_source_that_is_read_anew_remembers_nothing_and_a_poll_under_way_loses_its_claim(database: Database) -> None:
    with database.writing() as session:
        source = registry.add_source(session, make_shop(session), FEED, SourceKind.FEED, NOW)
        source.etag, source.last_modified, source.body_digest = '"1"', "yesterday", "abc"
        source.due_at, source.claim = None, "somebody"
        session.flush()
        registry.reread(session, source, NOW)
        session.refresh(source)
        left = {source.etag, source.last_modified, source.body_digest, source.claim}
        assert left == {None}
        assert session.scalar(sa.select(Source.due_at)) == NOW


def test_what_is_handed_in_cannot_be_read_anew(database: Database) -> None:
    with database.writing() as session:
        source = registry.add_source(session, make_shop(session), "pushed:Old", SourceKind.PUSHED, NOW)
        with pytest.raises(ConflictError, match="pushed or imported"):
            registry.reread(session, source, NOW)
