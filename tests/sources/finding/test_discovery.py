"""What a page says, and what its address gives away: pure, and then asked of a real server."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from feedback_service.clock import ManualClock
from feedback_service.sources.errors import FetchError, FetchFailure, ReadError
from feedback_service.sources.finding import discovery
from feedback_service.sources.finding.discovery import Candidate, Why
from feedback_service.sources.finding.finder import MOST_REQUESTS, Discovered, discover
from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.http.robots import Robots
from feedback_service.sources.models import SourceKind
from feedback_service.sources.reading import SourceReader
from tests.support.feeds import review, review_page, rss, rss_item

BLOG = "https://blog.example.com/2026/une-lampe"
HEAD = "<!DOCTYPE html><html><head>{}</head><body>{}</body></html>"


def alternate(href: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


def named(head: str = "", body: str = "", url: str = BLOG, **headers: str) -> tuple[Candidate, ...]:
    return discovery.candidates(url, HEAD.format(head, body).encode(), headers)


@pytest.fixture
def reader(fetcher: Fetcher, clock: ManualClock) -> SourceReader:
    """Reads sources of this machine."""
    return SourceReader(fetcher, Robots(fetcher, clock))


@pytest.mark.parametrize(
    "kind",
    [
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/json",
        "Application/RSS+XML; charset=utf-8",
    ],
)
def test_a_page_names_its_feed(kind: str) -> None:
    (found,) = named(alternate("/feed", kind, "Le  blog"))
    assert (found.url, found.title, found.why) == ("https://blog.example.com/feed", "Le blog", Why.LINK)


@pytest.mark.parametrize(
    "head",
    [
        alternate("/oembed?url=x", "application/json"),
        alternate("/wp-json/wp/v2/posts/1", "application/json"),
        alternate("/en/", "text/html"),
        alternate("javascript:alert(1)"),
        alternate("http://[broken"),
        '<link rel="alternate" type="application/rss+xml">',
        '<link rel="stylesheet" type="text/xml" href="/style.xml">',
    ],
)
def test_what_is_no_feed_is_not_taken_for_one(head: str) -> None:
    assert named(head) == ()


def test_posts_come_before_comments_whatever_the_order_of_the_page() -> None:
    head = alternate("/comments/feed/", title="Le blog » Flux des commentaires") + alternate("/feed/", title="Le blog")
    assert [(found.url.rpartition(".com")[2], found.is_comments) for found in named(head)] == [
        ("/feed/", False),
        ("/comments/feed/", True),
    ]


@pytest.mark.parametrize("title", ["Comment choisir sa lampe", "Commentary", "Le blog"])
def test_a_title_that_only_sounds_like_comments_is_none(title: str) -> None:
    assert not discovery.is_comments("https://blog.example.com/feed", title)


def test_relative_links_follow_the_base_of_the_page() -> None:
    (found,) = named('<base href="https://cdn.example.net/fr/">' + alternate("feed.xml"))
    assert found.url == "https://cdn.example.net/fr/feed.xml"


def test_a_header_names_feeds_too() -> None:
    value = '</a.css>; rel=preload, </atom.xml>; rel="alternate"; type="application/atom+xml"; title="Nouvelles"'
    (found,) = named(link=value)
    assert (found.url, found.title) == ("https://blog.example.com/atom.xml", "Nouvelles")


def test_software_that_names_itself_serves_its_feeds() -> None:
    urls = {each.url: each.is_comments for each in named('<meta name="generator" content="WordPress 6.9">')}
    assert urls["https://blog.example.com/comments/feed/"]
    assert urls["https://blog.example.com/feed/"] is False
    topics = named('<meta name="generator" content="Discourse 3.4">', url="https://forum.example.com/c/avis/5")
    assert topics[0].url == "https://forum.example.com/latest.rss"


def test_only_links_to_feeds_of_the_same_site_are_taken_from_the_text() -> None:
    body = '<a href="/rss">RSS</a><a href="https://elsewhere.example.net/rss">RSS</a><a href="/contact">x</a>'
    assert [found.url for found in named(body=body)] == ["https://blog.example.com/rss"]


def test_reviews_in_the_page_are_a_source() -> None:
    (found,) = discovery.candidates("https://avis.example.com/lampe", review_page([review("Nul")]), {})
    assert (found.kind, found.why) == (SourceKind.REVIEW_PAGE, Why.MARKUP)


def test_a_feed_of_a_blog_has_the_comments_beside_it() -> None:
    body = rss("<item><wfw:commentRss>https://blog.example.com/1/feed/</wfw:commentRss></item>")
    (found,) = discovery.candidates("https://blog.example.com/fr/feed/", body, {})
    assert (found.url, found.is_comments) == ("https://blog.example.com/fr/comments/feed/", True)


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        (
            "https://www.youtube.com/channel/UC0123456789abcdefghijkl",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789abcdefghijkl",
        ),
        (
            "https://www.youtube.com/playlist?list=PL1",
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PL1",
        ),
        ("https://old.reddit.com/r/france/", "https://www.reddit.com/r/france/.rss"),
        (
            "https://www.reddit.com/r/france/comments/abc1/un_titre/",
            "https://www.reddit.com/r/france/comments/abc1/un_titre/.rss",
        ),
        ("https://mastodon.example/@atelier", "https://mastodon.example/@atelier.rss"),
        (
            "https://apps.apple.com/fr/app/atelier-lumen/id123456789",
            "https://itunes.apple.com/fr/rss/customerreviews/page=1/id=123456789/sortby=mostrecent/xml",
        ),
        ("https://forum.example.com/t/une-lampe/12/3", "https://forum.example.com/t/une-lampe/12.rss"),
        ("https://lumen.blogspot.com/2026/11/x.html", "https://lumen.blogspot.com/feeds/posts/default"),
        ("https://medium.com/@lumen/x-1", "https://medium.com/feed/@lumen"),
        (
            "https://news.google.com/search?q=Atelier+Lumen&hl=fr",
            "https://news.google.com/rss/search?q=Atelier+Lumen&hl=fr",
        ),
    ],
)
def test_a_known_site_is_read_where_it_publishes(page: str, feed: str) -> None:
    assert discovery.known_places(page)[0].url == feed


@pytest.mark.parametrize("url", ["https://www.tiktok.com/@lumen", "https://blog.example.com/", "http://[", "x"])
def test_of_other_addresses_nothing_is_assumed(url: str) -> None:
    assert discovery.known_places(url) == ()


@given(st.text(), st.text())
def test_no_page_and_no_header_make_it_fail(head: str, value: str) -> None:
    for found in named(head, f'<a href="{head}/feed">', link=value):
        assert found.url.startswith(("http://", "https://"))


def look(reader: SourceReader, address: str) -> list[Discovered]:
    return list(discover(reader, address, seconds=20))


def serve(site: HTTPServer, path: str, body: bytes | str, **more: str) -> None:
    site.expect_request(path).respond_with_data(body, content_type=more.pop("content_type", "text/html"), headers=more)


def test_a_blog_is_found_with_its_comments_and_without_its_second_format(
    httpserver: HTTPServer, reader: SourceReader
) -> None:
    head = "".join(alternate(f"/{name}", title=name) for name in ("feed", "comments/feed", "feed/atom", "gone"))
    posts = rss(rss_item("Un post", link="https://blog.example.com/1"), title="Le blog")
    comments = rss(rss_item("Nul", link="https://blog.example.com/1#c"), title="Commentaires")
    serve(httpserver, "/", HEAD.format(head, ""))
    serve(httpserver, "/feed", posts)
    serve(httpserver, "/feed/atom", posts)
    serve(httpserver, "/comments/feed", comments)
    address = f"127.0.0.1:{httpserver.port}"
    found = look(reader, address)
    assert [(each.url.removeprefix(f"http://{address}"), each.title, each.is_comments) for each in found] == [
        ("/feed", "Le blog", False),
        ("/comments/feed", "Commentaires", True),
    ]


def test_a_page_that_names_nothing_is_asked_at_the_usual_places_until_one_holds(
    httpserver: HTTPServer, reader: SourceReader
) -> None:
    serve(httpserver, "/robots.txt", "User-agent: *\nDisallow: /feed$", content_type="text/plain")
    serve(httpserver, "/blog/", HEAD.format("", "Un blog"))
    serve(httpserver, "/atom.xml", rss(rss_item("x")))
    (found,) = look(reader, httpserver.url_for("/blog/"))
    assert (found.url, found.why) == (httpserver.url_for("/atom.xml"), Why.USUAL_PLACE)
    asked = [request.path for request, _ in httpserver.log]
    assert asked == ["/blog/", "/robots.txt", "/blog/feed", "/rss.xml", "/atom.xml"]


def test_a_page_of_reviews_is_one_and_the_feed_it_names_comes_after(
    httpserver: HTTPServer, reader: SourceReader
) -> None:
    page = review_page([review("Nul", 1)]).replace(b"<head>", b"<head>" + alternate("/feed").encode())
    serve(httpserver, "/robots.txt", "", content_type="text/plain")
    serve(httpserver, "/avis", page)
    serve(httpserver, "/feed", rss(rss_item("x")))
    assert [each.found.kind for each in look(reader, httpserver.url_for("/avis"))] == [
        SourceKind.REVIEW_PAGE,
        SourceKind.FEED,
    ]


def test_reviews_that_robots_forbid_leave_the_feed_that_the_page_names(
    httpserver: HTTPServer, reader: SourceReader
) -> None:
    page = review_page([review("Nul", 1)]).replace(b"<head>", b"<head>" + alternate("/feed").encode())
    serve(httpserver, "/robots.txt", "User-agent: *\nDisallow: /avis", content_type="text/plain")
    serve(httpserver, "/avis", page)
    serve(httpserver, "/feed", rss(rss_item("x")))
    assert [each.found.kind for each in look(reader, httpserver.url_for("/avis"))] == [SourceKind.FEED]
    httpserver.clear()
    serve(httpserver, "/avis", review_page([review("Nul", 1)]))
    with pytest.raises(FetchError, match=r"robots\.txt"):
        look(reader, httpserver.url_for("/avis"))


def test_nothing_to_read_is_said_after_few_requests(httpserver: HTTPServer, reader: SourceReader) -> None:
    head = "".join(alternate(f"/{number}.xml") for number in range(40))
    serve(httpserver, "/", HEAD.format(head, "".join(f'<a href="/{n}/rss">x</a>' for n in range(40))))
    with pytest.raises(ReadError, match=r"not a feed.*What it names cannot be read: .*/0\.xml"):
        look(reader, httpserver.url_for("/"))
    assert len(httpserver.log) <= MOST_REQUESTS + 2  # the page itself, and robots.txt


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("nonsense", FetchFailure.BAD_ADDRESS),
        ("ftp://blog.example.com/", FetchFailure.BAD_ADDRESS),
        ("mailto:camille@example.com", FetchFailure.BAD_ADDRESS),
        ("", FetchFailure.BAD_ADDRESS),
        ("10.0.0.1/blog", FetchFailure.REFUSED_ADDRESS),
        ("http://[::ffff:10.0.0.1]/", FetchFailure.REFUSED_ADDRESS),
    ],
)
def test_what_cannot_be_fetched_is_said_in_a_sentence(reader: SourceReader, address: str, kind: FetchFailure) -> None:
    with pytest.raises(FetchError) as raised:
        look(reader, address)
    assert raised.value.kind is kind
    assert str(raised.value).endswith(".")


def test_no_request_is_begun_when_the_time_is_over(httpserver: HTTPServer, reader: SourceReader) -> None:
    serve(httpserver, "/", HEAD.format(alternate("/feed"), ""))
    serve(httpserver, "/feed", rss(rss_item("x")))
    with pytest.raises(ReadError):
        discover(reader, httpserver.url_for("/"), seconds=0)
    assert [request.path for request, _ in httpserver.log] == ["/"]


def test_an_api_answer_is_no_feed(httpserver: HTTPServer, reader: SourceReader) -> None:
    serve(httpserver, "/", json.dumps({"posts": []}), content_type="application/json")
    with pytest.raises(ReadError):
        look(reader, httpserver.url_for("/"))
