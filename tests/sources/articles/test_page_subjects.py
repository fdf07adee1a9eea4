"""Which pages may be articles: those that describe nothing else, and are pages at all."""

import json

import pytest

from feedback_service.sources.articles.page_subjects import may_be_article
from feedback_service.sources.errors import ReadError
from feedback_service.sources.recognition import recognise

URL = "https://site.example.com/page"
TEXT = "<p>" + "J'ai commandé une lampe chez Atelier Lumen, et elle est arrivée en morceaux après trois semaines. " * 5


def page(*described: object, title: str = "Mon achat", inside: str = "") -> bytes:
    """Return a page with an article's text, and JSON-LD for each thing that it describes."""
    blocks = "".join(f'<script type="application/ld+json">{json.dumps(thing)}</script>' for thing in described)
    html = f"<!doctype html><html><head><title>{title}</title>{blocks}</head><body><main>{inside}{TEXT}</p></main>"
    return html.encode()


@pytest.mark.parametrize(
    "described",
    [
        [],
        [{"@type": "BlogPosting", "about": {"@type": "Event"}}],
        [{"@type": "WebPage"}, {"@type": "Organization"}, {"@type": "BreadcrumbList"}],
        [{"@graph": [{"@type": "WebSite"}, {"@type": "Article"}, {"@type": "http://x.example.com/lamp"}]}],
        [{"@type": "QAPage", "mainEntity": {"@type": "Question"}}],
        [{"@type": ["WebPage", "AboutPage"]}],
    ],
)
def test_what_says_nothing_else_may_be_an_article(described: list[object]) -> None:
    assert may_be_article(page(*described), {})
    assert recognise(page(*described), URL, {}).kind == "article"


@pytest.mark.parametrize(
    "body",
    [
        page({"@type": "MusicEvent", "name": "Concert"}),
        page({"@type": "WebPage", "mainEntity": {"@type": "MusicRecording"}}),
        page({"@graph": [{"@type": "WebSite"}, {"@type": "JobPosting"}]}),
        page({"@type": "Article"}, {"@type": "MusicEvent", "name": "Concert"}),
        page({"@type": "Article"}, {"@type": "Recipe", "name": "Tarte"}),
        page(inside='<div itemscope itemtype="https://schema.org/Event"><b itemprop="name">Concert</b></div>'),
        page(inside='<div itemscope itemtype="https://lamps.example.com/lamp"><b itemprop="name">L</b></div>'),
        page(inside='<div vocab="https://schema.org/" typeof="Course"><b property="name">Cours</b></div>'),
        page(title="404 Not Found"),
        page(title="Error 503"),
        page(title="Page introuvable - Le site"),
        TEXT.encode(),
        json.dumps({"version": "https://jsonfeed.org/version/1", "items": [{"content_html": TEXT}]})[:-9].encode(),
    ],
)
def test_what_is_something_else_is_no_article(body: bytes) -> None:
    assert not may_be_article(body, {})
    with pytest.raises(ReadError):
        recognise(body, URL, {})


def test_what_is_sold_waits_for_its_reviews_even_beside_an_article() -> None:
    found = recognise(page({"@type": "Article"}, {"@type": "Product", "name": "Lampe"}), URL, {})
    assert (found.kind, found.reading.items) == ("review_page", ())


@pytest.mark.parametrize("title", ["404 façons de choisir une lampe", "Not found: my lamp", "500 jours plus tard"])
def test_a_title_with_a_number_is_no_error(title: str) -> None:
    assert may_be_article(page(title=title), {})


@pytest.mark.parametrize("body", [b"", b"Bonjour", b"{}"])
def test_only_of_a_page_is_it_said_that_it_has_no_reviews(body: bytes) -> None:
    with pytest.raises(ReadError) as raised:
        recognise(body, URL, {})
    assert "reviews" not in str(raised.value)
