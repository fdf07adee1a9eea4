"""Pages made to cost: they are read, or refused, in seconds and in bounded memory."""

import contextlib
import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_service.sources.articles.reader import read_article
from feedback_service.sources.errors import ReadError
from feedback_service.sources.review_pages.reader import read_review_page

URL = "https://avis.example.com/lampe"
REVIEW = 'itemprop="review" itemscope itemtype="https://schema.org/Review"'
BODY = '<p itemprop="reviewBody">x</p>'
SECONDS = 12
MEGABYTES = 100


def json_ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


PAGES: dict[str, Callable[[], str]] = {
    "ten megabytes of things": lambda: "<div itemscope></div>" * 480_000,
    "a hundred thousand reviews": lambda: f"<div {REVIEW}>{BODY}</div>" * 60_000,
    "things nested as deep as is parsed": lambda: f"<div {REVIEW}>" * 900 + "x" * 2_000_000,
    "a text that is the value of a thousand properties": lambda: (
        f"<div {REVIEW}>" + '<div itemprop="reviewBody">' * 900 + "text " * 600_000
    ),
    "a long text that all things refer to": lambda: (
        "<p id=a>" + "x" * 3_000_000 + "</p>" + f'<div {REVIEW} itemref="a"></div>' * 20_000
    ),
    "a long list that all things refer to": lambda: (
        "<p id=a itemprop=reviewBody>" + "<b>x</b>" * 100_000 + "</p>" + f'<div {REVIEW} itemref="a"></div>' * 20_000
    ),
    "things that refer to the next": lambda: "".join(
        f'<div id=i{n} {REVIEW} itemref="i{n + 1} i{n + 2}">{BODY}</div>' for n in range(30_000)
    ),
    "a review with a thousand authors": lambda: f"<div {REVIEW}>" + "<i itemprop=author>a</i>" * 150_000 + "</div>",
    "an element with a thousand names": lambda: (
        f'<div {REVIEW}><p itemprop="' + " ".join(f"a{n}" for n in range(300_000)) + '">x</p></div>'
    ),
    "rdfa": lambda: '<div vocab="https://schema.org/" typeof="Review"><p property="reviewBody">x</p></div>' * 60_000,
    "prefixes": lambda: (
        '<div vocab="https://schema.org/" typeof="Review">'
        + ('<p prefix="' + " ".join(f"p{n}: http://schema.org/" for n in range(200)) + '" property="reviewBody">x</p>')
        * 1000
        + "</div>"
    ),
    "quotation marks": lambda: json_ld('{"a":"' + '\\"' * 2_000_000),
    "broken reviews": lambda: json_ld('{"a": x ' + '{"author":{"name":"a"},"@type":"Review",' * 80_000),
    "braces": lambda: json_ld("x" + "{" * 1_000_000 + '"@type":"Review",' * 80_000),
    "comments": lambda: json_ld("{x" + "/*" * 2_000_000),
    "slashes": lambda: json_ld("{x" + "// " * 1_500_000),
    "commas": lambda: json_ld("{x" + ",  " * 1_500_000),
    "one object after the other": lambda: json_ld("{}" * 1_000_000),
    "reviews that differ in their ends": lambda: (
        json_ld("[" + ",".join(f'{{"@type":"Review","reviewBody":"{"x" * 30}{n}"}}' for n in range(2000)) + "]") * 20
    ),
    "links to a thousand pages": lambda: (
        f"<div {REVIEW}>{BODY}</div>" + "".join(f'<a href="?page={n}">x</a>' for n in range(150_000))
    ),
    "links as long as the page": lambda: (
        f"<div {REVIEW}>{BODY}</div>" + f'<a href="{"/page/" * 200_000}1">x</a><a href="?{"a=1&" * 200_000}">x</a>' * 2
    ),
    "comments of comments": lambda: '<div class="comment">' * 400 + "<p>x</p>" * 9000,
    "many comments": lambda: '<div class="comment"><b>x</b></div>' * 9000,
}


@pytest.mark.slow
@pytest.mark.parametrize("make", PAGES.values(), ids=PAGES.keys())
@pytest.mark.parametrize("read", [read_review_page, read_article])
def test_a_hostile_page_costs_seconds_and_raises_nothing_else(
    make: Callable[[], str], read: Callable[..., object]
) -> None:
    body = make().encode()
    begun = time.process_time()
    with contextlib.suppress(ReadError):
        read(body, URL, {})
    assert time.process_time() - begun < SECONDS


REFERRING = {
    "a long text": "<p id=a>" + "x" * 1_000_000 + "</p>" + f'<div {REVIEW} itemref="a"></div>' * 2_000,
    "the next ones": "".join(f'<div id=i{n} {REVIEW} itemref="i{n + 1} i{n + 2}">{BODY}</div>' for n in range(4_000)),
}


@pytest.mark.parametrize("html", REFERRING.values(), ids=REFERRING.keys())
def test_things_that_refer_without_end_fill_no_memory(html: str) -> None:
    tracemalloc.start()
    try:
        with contextlib.suppress(ReadError):
            read_review_page(html.encode(), URL, {})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEGABYTES * 1_000_000


PIECES = st.sampled_from([
    '<div itemscope itemtype="https://schema.org/Review">', '<div itemscope itemtype="Product" itemref="a b">',
    '<p itemprop="reviewBody">', "</p>", '<b id="a" itemprop="review" itemscope>', "</div>",
    '<a id="b" itemprop="author" href="http://[">',
    '<meta itemprop="ratingValue" content="1e999">', '<time itemprop="datePublished" datetime="99999-99-99">',
    '<div vocab="https://schema.org/" typeof="Review" resource="#r">', '<span property="reviewRating" typeof="Rating">',
    '<span rel="schema:review">', '<link rel="next" href="http://[">', '<a href="?page=2">',
    '<a rel="next" href="?page=99999999999999">',
    '<script type="application/ld+json">{"@type":"Review","author":{"@id":[1]},"reviewBody":{"@value":{}}}</script>',
    '<script type="application/ld+json">{"@graph":[{"@id":"#r","@type":["Review",1],"reviewRating":[[]]}]}</script>',
    '<script type="application/ld+json">{"@type":"AggregateRating","ratingValue":"1","reviewCount":"-9e9"}',
    '<li class="comment" id="comment-1"><div class="comment-body">', "text ", "&#0;\ud83d", "<table>",
    "<template>", "<svg>",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_no_mixture_of_markup_raises_anything_but_a_read_error(pieces: list[str]) -> None:
    body = "".join(pieces).encode("utf-8", "surrogatepass")
    for read in (read_review_page, read_article):
        try:
            read(body, URL, {})
        except ReadError:
            continue
