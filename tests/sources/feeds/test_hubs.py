"""The WebSub hub of a feed: in the headers, in Atom, RSS and JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Response

from feedback_service.sources.feeds.hubs import hub_and_topic, links
from feedback_service.sources.feeds.reader import read_feed
from feedback_service.sources.http.fetcher import Fetcher

URL = "https://blog.example.com/feed"
HUB, SELF = "https://hub.example.com/", "https://blog.example.com/feed.xml"
NAMED = f'<{HUB}>; rel="hub", <{SELF}>; rel="self"'

DOCUMENTS = {
    "atom": f"""<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="{HUB}"/>
    <link rel="self" href="{SELF}"/></feed>""",
    "rss": f"""<rss version="2.0" xmlns:atom10="http://www.w3.org/2005/Atom"><channel>
    <atom10:link rel="self" href="{SELF}"/><link>https://blog.example.com/</link>
    <atom10:link rel="hub" href="{HUB}"/></channel></rss>""",
    "json": json.dumps({"items": [], "feed_url": SELF, "hubs": [{"type": "WebSub", "url": HUB}]}),
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_each_format_names_its_hub_and_itself(document: str) -> None:
    reading = read_feed(document.encode(), URL, {})
    assert (reading.hub, reading.topic) == (HUB, SELF)


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_headers_come_first(document: str) -> None:
    named = '<https://other.example.com/>; rel=hub, </other>; rel="self"'
    reading = read_feed(document.encode(), URL, {"link": named})
    assert (reading.hub, reading.topic) == ("https://other.example.com/", "https://blog.example.com/other")


HIDDEN = {
    "an entry": f'<entry><title>x</title><link rel="hub" href="{HUB}"/><link rel="self" href="/2"/></entry>',
    "a comment": f'<!-- <link rel="hub" href="{HUB}"/><link rel="self" href="/2"/> -->',
    "a text": f'<subtitle><![CDATA[<link rel="hub" href="{HUB}"/><link rel="self" href="/2"/>]]></subtitle>',
}


@pytest.mark.parametrize("inner", HIDDEN.values(), ids=HIDDEN.keys())
def test_what_stands_in_something_else_is_not_said_of_the_feed(inner: str) -> None:
    reading = read_feed(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{inner}</feed>'.encode(), URL, {})
    assert (reading.hub, reading.topic) == ("", "")


def test_links_may_stand_behind_the_entries_and_be_written_in_any_way() -> None:
    feed = f"""<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title><entry><title>y</title></entry>
    <link href = '{HUB}?a=1&amp;b=2' rel = 'HUB'></link><link rel="next" href="?page=2"/></feed>"""
    reading = read_feed(feed.encode(), URL, {})
    assert (reading.hub, reading.topic) == (f"{HUB}?a=1&b=2", URL)


def test_a_feed_without_a_hub_names_nothing() -> None:
    reading = read_feed(
        DOCUMENTS["atom"].replace('rel="hub"', 'rel="via"').encode(), URL, {"link": f"<{SELF}>; rel=self"}
    )
    assert (reading.hub, reading.topic) == ("", "")


def test_what_does_not_name_itself_is_the_address_it_came_from() -> None:
    assert hub_and_topic({}, HUB, "", URL) == (HUB, URL)
    assert hub_and_topic({}, "/hub", "", URL) == ("https://blog.example.com/hub", URL)


@pytest.mark.parametrize("hub", ["javascript:x", "ftp://hub.example.com/", "http://[", "https://h.example/\x00"])
def test_what_is_no_address_is_no_hub(hub: str) -> None:
    assert hub_and_topic({}, hub, SELF, URL) == ("", "")
    assert hub_and_topic({"link": f"<{hub}>; rel=hub"}, HUB, SELF, URL) == (HUB, SELF)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (NAMED, [("hub", HUB), ("self", SELF)]),
        ('<a>;rel="hub self"', [("hub", "a"), ("self", "a")]),
        ("<a> ; REL = HUB", [("hub", "a")]),
        ('<a,b;c>; title="x, <y>; rel=self"; rel=hub', [("hub", "a,b;c")]),
        ("<a>; rel=hub; rel=self", [("hub", "a")]),
        ('<a>; rel=self; anchor="/other"', []),
        ("<a>; anchor=''; x; rel=next", []),
        ("<a>", []),
        ("a; rel=hub", []),
        ("", []),
    ],
)
def test_a_link_header_is_read_as_rfc_8288_has_it(header: str, expected: list[tuple[str, str]]) -> None:
    assert list(links(header)) == expected


def test_two_lines_of_a_header_are_one_list(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    answer = Response("<rss version='2.0'><channel/></rss>")
    answer.headers.add("Link", f'<{HUB}>; rel="hub"')
    answer.headers.add("Link", f'<{SELF}>; rel="self"')
    httpserver.expect_request("/feed").respond_with_response(answer)
    page = fetcher.fetch(httpserver.url_for("/feed"))
    reading = read_feed(page.body, page.url, page.headers)
    assert (reading.hub, reading.topic) == (HUB, SELF)


@given(st.text(st.sampled_from('<>;=", \\ab*rel'), max_size=200))
def test_no_header_breaks_or_holds_up_the_reading(header: str) -> None:
    list(links(header * 40))
    hub_and_topic({"link": header}, header, header, URL)
