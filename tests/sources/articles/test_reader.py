"""Pages without markup: the article, and its comments one by one where they can be told apart."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from feedback_service.clock import ManualClock
from feedback_service.sources.adapters import Asked
from feedback_service.sources.articles.reader import read_article
from feedback_service.sources.errors import FetchError, ReadError, ReadFailure
from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.http.robots import Robots
from feedback_service.sources.items import Aggregate, Item
from feedback_service.sources.models import SourceKind
from feedback_service.sources.reading import SourceReader

URL = "https://blog.example.com/2026/11/atelier-lumen"
PARAGRAPHS = (
    "J'ai commandé une lampe chez Atelier Lumen au début du mois d'octobre, et je pensais la recevoir pour la fête.",
    "Trois semaines plus tard, toujours rien : le suivi reste bloqué, et personne ne répond au téléphone.",
    "J'ai fini par demander le remboursement, qui n'est jamais arrivé. Je ne recommande vraiment pas cette boutique.",
)
ARTICLE = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
HEAD = """<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Mon achat raté - Le blog</title>
<meta name="author" content="Camille Exemple"><meta property="article:published_time"
 content="2026-11-03T10:00:00+01:00">
<meta property="og:title" content="Mon achat raté"></head><body><nav><a href="/">Accueil</a><a
 href="/b">Archives</a></nav>"""

WORDPRESS = """<section id="comments"><ol class="comment-list"><li id="comment-7" class="comment even depth-1">
<article class="comment-body" id="div-comment-7"><footer class="comment-meta"><div class="comment-author vcard">
<b class="fn">Sacha Test</b> <span class="says">dit :</span></div><div class="comment-metadata"><a href="#comment-7">
<time datetime="2026-11-04T08:30:00+01:00">4 novembre 2026</time></a></div></footer>
<div class="comment-content"><p>Pareil pour moi.</p><p>À fuir.</p></div></article>
<ol class="children"><li id="comment-9" class="comment odd depth-2"><article class="comment-body" id="div-comment-9">
<footer class="comment-meta"><div class="comment-author vcard"><b class="fn">Robin</b></div><div
 class="comment-metadata">
<time datetime="2026-11-05T08:30:00+01:00">5 novembre</time></div></footer>
<div class="comment-content"><p>Moi, j'ai été livré.</p></div></article></li></ol></li></ol></section>"""

BLOGGER = """<div class="comments" id="comments"><ul><li class="comment" id="c1"><div class="comment-block">
<div class="comment-header"><cite class="user">Sacha Test</cite><span class="datetime">4 novembre 2026</span></div>
<p class="comment-content">Pareil pour moi.<br>À fuir.</p></div></li><li class="comment" id="c2"><div
 class="comment-block">
<cite class="user">Robin</cite><p class="comment-content">Moi, j'ai été livré.</p></div></li></ul></div>"""

DESCRIBED = """<div itemscope itemtype="https://schema.org/BlogPosting"><div itemprop="comment" itemscope
 itemtype="https://schema.org/Comment"><span itemprop="author">Sacha Test</span>
<time itemprop="datePublished" datetime="2026-11-04">4 nov.</time><div
 itemprop="text"><p>Pareil pour moi.</p><p>À fuir.</p></div></div>
<div itemprop="comment" itemscope itemtype="https://schema.org/UserComments"><p
 itemprop="commentText">Moi, j'ai été livré.</p></div></div>"""


def page(comments: str = "", article: str = ARTICLE) -> bytes:
    return f"{HEAD}<main><article><h1>Mon achat raté</h1>{article}</article>{comments}</main></body></html>".encode()


def items(body: bytes) -> tuple[Item, ...]:
    return read_article(body, URL, {}).items


def test_an_article_comes_with_title_author_and_day() -> None:
    (item,) = items(page())
    assert (item.title, item.author, item.url) == ("Mon achat raté", "C. E.", URL)
    assert item.text.splitlines() == list(PARAGRAPHS)
    assert item.published_at == datetime(2026, 11, 3, tzinfo=UTC)


@pytest.mark.parametrize("comments", [WORDPRESS, BLOGGER, DESCRIBED], ids=["wordpress", "blogger", "described"])
def test_each_comment_is_an_item(comments: str) -> None:
    article, one, other = items(page(comments))
    assert "Pareil" not in article.text
    assert (one.text, one.author) == ("Pareil pour moi.\nÀ fuir.", "S. T.")
    assert one.published_at is not None
    assert one.published_at.date().isoformat() == "2026-11-04"
    assert other.text == "Moi, j'ai été livré."
    assert {one.page_url, other.page_url} == {URL}


def test_a_comment_has_the_address_of_its_place() -> None:
    assert [item.url for item in items(page(WORDPRESS))] == [URL, f"{URL}#comment-7", f"{URL}#comment-9"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body><nav><a href='/'>Home</a></nav><p>Short.</p></body></html>",
        b"<rss><channel></channel></rss>",
        b"\x00\xff\xfe" * 1000,
        page(article="<p>Trop court.</p>"),
    ],
    ids=["nothing", "short", "feed", "bytes", "a title only"],
)
def test_what_is_no_article_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(ReadError, match="carries no article") as caught:
        items(body)
    assert caught.value.kind is ReadFailure.NO_MARKUP


def test_markup_never_survives() -> None:
    hostile = "<p>&lt;script&gt;alert(1)&lt;/script&gt; " + "mot " * 80 + "</p><script>alert(2)</script>"
    assert "alert(2)" not in items(page(article=ARTICLE + hostile))[0].text


@pytest.fixture
def reader(fetcher: Fetcher, clock: ManualClock, httpserver: HTTPServer) -> SourceReader:
    """A reader of a site that lets programs read everything but /private."""
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /private")
    return SourceReader(fetcher, Robots(fetcher, clock))


def test_an_address_without_feed_and_reviews_is_found_to_be_an_article(
    reader: SourceReader, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/post").respond_with_data(page(WORDPRESS), content_type="text/html; charset=utf-8")
    found = reader.find(httpserver.url_for("/post"))
    assert (found.kind, len(found.reading.items)) == (SourceKind.ARTICLE, 3)
    polled = reader.poll(SourceKind.ARTICLE, Asked(found.url))
    assert reader.poll(SourceKind.ARTICLE, Asked(found.url, body_digest=polled.body_digest)).reading is None


def test_robots_txt_is_asked_for_an_article(reader: SourceReader, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/private").respond_with_data(page(), content_type="text/html; charset=utf-8")
    with pytest.raises(FetchError, match=r"robots\.txt"):
        reader.find(httpserver.url_for("/private"))


def test_a_page_that_names_its_feed_is_an_article_only_when_asked_for(
    reader: SourceReader, httpserver: HTTPServer
) -> None:
    link = b'<link rel="alternate" type="application/rss+xml" href="/feed"></head>'
    body = page().replace(b"</head>", link)
    httpserver.expect_request("/blog").respond_with_data(body, content_type="text/html; charset=utf-8")
    with pytest.raises(ReadError, match="names this feed") as caught:
        reader.find(httpserver.url_for("/blog"))
    assert caught.value.feed_url == httpserver.url_for("/feed")
    assert reader.find(httpserver.url_for("/blog"), SourceKind.ARTICLE).kind is SourceKind.ARTICLE


def test_an_address_with_nothing_to_read_says_so(reader: SourceReader, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/nothing").respond_with_data("<html><p>Bonjour</p></html>", content_type="text/html")
    with pytest.raises(ReadError, match="no reviews that a program can read either"):
        reader.find(httpserver.url_for("/nothing"))


def test_a_page_with_an_average_and_no_review_is_a_review_page(reader: SourceReader, httpserver: HTTPServer) -> None:
    average = '<div itemscope itemtype="https://schema.org/AggregateRating"><b itemprop="ratingValue">4</b></div>'
    body = page().replace(b"</main>", average.encode() + b"</main>")
    httpserver.expect_request("/lampe").respond_with_data(body, content_type="text/html; charset=utf-8")
    found = reader.find(httpserver.url_for("/lampe"))
    assert (found.kind, found.reading.items, found.reading.aggregate) == (SourceKind.REVIEW_PAGE, (), Aggregate(4, 5))


@pytest.mark.shared
def test_real_pages_raise_nothing_but_a_read_error_and_real_blogs_have_comments_apart(shared: Path) -> None:
    counted = {}
    for path in sorted((shared / "data/review_pages").glob("*/*html")):
        try:
            counted[path.name] = len(items(path.read_bytes()))
        except ReadError:
            counted[path.name] = 0
    blogs = ("cookieandkate_1", "recipeforperfection_1", "sugarmaplefarmhouse_1", "tatyanaseverydayfood_1")
    assert all(counted[f"{blog}.testhtml"] > 10 for blog in blogs)
