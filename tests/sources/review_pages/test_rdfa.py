"""Reviews in RDFa: Lite, with prefixes, and the older ways that pages still use."""

import pytest

from feedback_service.sources.errors import ReadError
from feedback_service.sources.items import Aggregate, Item
from feedback_service.sources.review_pages.reader import read_review_page

URL = "https://avis.example.com/boutique-aube"

LITE = """<div vocab="https://schema.org/" typeof="Product"><h1 property="name">Lampe Aube</h1>
<div property="aggregateRating" typeof="AggregateRating"><span property="ratingValue">3,8</span>/5 (<b
 property="reviewCount">1 204</b>)</div>
<div property="review" typeof="Review"><b property="name">Cassée</b>
 <span property="author" typeof="Person"><span property="name">Camille Exemple</span></span>
 <meta property="datePublished" content="2026-11-03"><div property="reviewRating" typeof="Rating">
 <span property="ratingValue">2</span> sur <span property="bestRating">10</span></div>
 <div property="reviewBody"><p>Reçue cassée.</p><p>Déçue.</p></div></div></div>"""

PREFIXED = """<html prefix="og: http://ogp.me/ns# s: http://schema.org/"><body>
<div typeof="s:Review"><b property="s:name og:title">Cassée</b><span property="s:author">Camille Exemple</span>
<time property="s:datePublished" datetime="2026-11-03T10:00">hier</time><div property="s:reviewRating"
 typeof="s:Rating">
<meta property="s:ratingValue" content="2"><meta property="s:bestRating" content="10"></div>
<div property="s:reviewBody">Reçue cassée.<br>Déçue.</div></div></body></html>"""

DEFAULT_PREFIX = PREFIXED.replace('prefix="og: http://ogp.me/ns# s: http://schema.org/"', "").replace("s:", "schema:")

WHOLE_ADDRESSES = DEFAULT_PREFIX.replace("schema:", "http://schema.org/")

REFERENCES = """<body vocab="http://schema.org/"><div typeof="Product" resource="#p"><span
 property="name">Lampe Aube</span>
<link property="review" href="#r1"></div><div resource="#r1" typeof="Review"><b property="name">Cassée</b>
<span property="reviewBody">Reçue cassée.<br>Déçue.</span><meta property="datePublished" content="2026-11-03">
<span property="author" resource="#camille"></span><span property="reviewRating" resource="#stars"></span></div>
<div typeof="Person" resource="#camille"><span property="name">Camille Exemple</span></div>
<div typeof="Rating" about="#stars"><span property="ratingValue">2</span><span
 property="bestRating">10</span></div></body>"""

REL = """<div xmlns:v="http://rdf.data-vocabulary.org/#" typeof="v:Review"><b property="v:summary">Cassée</b>
<span property="v:reviewer">Camille Exemple</span><span property="v:dtreviewed" content="2026-11-03">3 nov.</span>
<span rel="v:rating"><span typeof="v:Rating"><span property="v:value">2</span>/<span
 property="v:best">10</span></span></span>
<p property="v:description">Reçue cassée.<br>Déçue.</p></div>"""

PAGES = {
    "lite": LITE, "prefixed": PREFIXED, "default prefix": DEFAULT_PREFIX, "references": REFERENCES, "rel": REL,
    "whole addresses": WHOLE_ADDRESSES,
}  # fmt: skip


def items(html: str) -> tuple[Item, ...]:
    return read_review_page(html.encode(), URL, {}).items


@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES.keys())
def test_each_way_to_write_it_gives_the_review_once(html: str) -> None:
    (item,) = items(html)
    assert (item.title, item.text) == ("Cassée", "Reçue cassée.\nDéçue.")
    assert (item.author, item.rating, item.best_rating) == ("C. E.", 2.0, 10.0)
    assert item.published_at is not None
    assert item.published_at.date().isoformat() == "2026-11-03"


def test_the_average_comes_with_the_reviews() -> None:
    assert read_review_page(LITE.encode(), URL, {}).aggregate == Aggregate(3.8, 5.0, 1204)


@pytest.mark.parametrize(
    "html",
    [
        '<div vocab="http://xmlns.com/foaf/0.1/" typeof="Review"><p property="reviewBody">Nul</p></div>',
        '<div typeof="f:Review" prefix="f: http://xmlns.com/foaf/0.1/"><p property="f:reviewBody">Nul</p></div>',
        '<div typeof="Review"><p property="reviewBody">Nul</p></div>',
        '<div vocab="https://schema.org.example.com/" typeof="Review"><p property="reviewBody">Nul</p></div>',
        '<div vocab="https://schema.org/"><p vocab="" typeof="Review"><b property="reviewBody">Nul</b></p></div>',
    ],
)
def test_words_of_others_are_not_schema_orgs(html: str) -> None:
    with pytest.raises(ReadError):
        items(html)


def test_open_graph_is_no_review() -> None:
    html = '<meta property="og:type" content="product"><meta property="og:description" content="Nul">'
    with pytest.raises(ReadError):
        items(html)
