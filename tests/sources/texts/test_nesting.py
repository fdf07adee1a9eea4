"""Hostile markup costs seconds, not minutes, and never the memory."""

import time
from collections.abc import Callable

import pytest

from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.feeds.reader import feed_link, read_feed
from feedback_service.sources.review_pages.reader import read_review_page
from feedback_service.sources.texts.nesting import is_reasonable
from feedback_service.sources.texts.plain import html_to_text

URL = "https://shop.example.com/feed"
DEEP = "<div>" * 150_000
UNCLOSED = "<p>" + "".join(f"<b id={number}>" for number in range(1000)) + "</p><p>x" * 20_000
HIDDEN = "<div><marquee></div></marquee>" * 30_000


@pytest.mark.parametrize("html", [DEEP, UNCLOSED, HIDDEN])
def test_html_that_would_stop_the_parser_is_known_before(html: str) -> None:
    assert not is_reasonable(html)


@pytest.mark.parametrize(
    "html",
    ["<p>Nul.<br>" * 20_000, "<div><p>Très <b>déçue</b><img src=a.png></div>" * 20_000, "<li><span>x" * 900],
)
def test_long_and_sloppy_html_is_parsed(html: str) -> None:
    assert is_reasonable(html)


def test_text_in_hostile_html_is_kept_without_its_tags() -> None:
    assert html_to_text(f"{DEEP}Never again &amp; never more") == "Never again & never more"


def test_half_of_a_surrogate_pair_does_not_stop_the_reading() -> None:
    assert html_to_text("<b>Nul \ud83d</b>") == "Nul"
    page = b'<script type="application/ld+json">{"@type":"Review","reviewBody":"<b>Nul \\ud83d</b>"}</script>'
    assert [item.text for item in read_review_page(page, URL, {}).items] == ["Nul"]


def feed_of_tags() -> object:
    content = b"<b>x</b>" * 130_000
    return read_feed(
        b"<feed><entry><content type='xhtml'><div>" + content + b"</div></content></entry></feed>", URL, {}
    )


def feed_of_attributes() -> object:
    attributes = b" ".join(b'a%d="x"' % number for number in range(50_000))
    return read_feed(b"<rss><channel><item " + attributes + b"></item></channel></rss>", URL, {})


def deep_review_page() -> object:
    return read_review_page(DEEP.encode(), URL, {})


@pytest.mark.parametrize("read", [feed_of_tags, feed_of_attributes, deep_review_page])
def test_hostile_markup_is_refused_in_words_and_at_once(read: Callable[[], object]) -> None:
    begun = time.monotonic()
    with pytest.raises(ReadError, match=r"it is not read|too long") as refused:
        read()
    assert refused.value.kind in {ReadFailure.NOT_A_FEED, ReadFailure.NO_MARKUP}
    assert time.monotonic() - begun < 5


def test_an_attribute_of_many_letters_is_no_attack() -> None:
    picture = b"&lt;img src='data:image/png;base64," + b"A" * 50_000 + b"='&gt;Nul"
    body = b"<rss><channel><item><title>a</title><description>" + picture + b"</description></item></channel></rss>"
    assert read_feed(body, URL, {}).items[0].text == "Nul"


def test_a_hostile_page_names_no_feed() -> None:
    assert feed_link(f'<link rel="alternate" type="application/rss+xml" href="/f">{DEEP}'.encode(), URL) == ""
