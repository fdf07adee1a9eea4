"""Where a list of reviews goes on, as sites say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources.review_pages.pagination import next_address

URL = "https://avis.example.com/boutique?lang=fr"


def following(html: str, url: str = URL) -> str:
    return next_address(LexborHTMLParser(html), url)


@pytest.mark.parametrize(
    ("html", "url", "expected"),
    [
        ('<link rel="next" href="/boutique?page=2">', URL, "https://avis.example.com/boutique?page=2"),
        ('<a rel="nofollow next" href="?page=2#avis">2</a>', URL, "https://avis.example.com/boutique?page=2"),
        ('<a rel="NEXT" href="?cursor=abc">Suivant</a>', URL, "https://avis.example.com/boutique?cursor=abc"),
        (
            '<a href="?lang=fr&page=3">3</a><a href="?lang=fr&page=2">2</a>',
            URL,
            "https://avis.example.com/boutique?lang=fr&page=2",
        ),
        (
            '<a href="?page=1&lang=fr">1</a><a href="?page=3&lang=fr">3</a>',
            f"{URL}&page=2",
            "https://avis.example.com/boutique?page=3&lang=fr",
        ),
        ('<a href="/b/page/2/">2</a>', "https://a.example.com/b/", "https://a.example.com/b/page/2/"),
        ('<a href="/b/page/3">3</a>', "https://a.example.com/b/page/2", "https://a.example.com/b/page/3"),
        (
            '<a href="/lampe/comment-page-2/#comments">2</a>',
            "https://a.example.com/lampe/",
            "https://a.example.com/lampe/comment-page-2/",
        ),
        (
            '<a href="?start=20">3</a><a href="?start=10">2</a>',
            "https://a.example.com/b",
            "https://a.example.com/b?start=10",
        ),
        (
            '<a href="Avis-d1-or10-Aube.html">2</a>',
            "https://a.example.com/Avis-d1-Aube.html",
            "https://a.example.com/Avis-d1-or10-Aube.html",
        ),
        ('<a href="https://a.example.com/b?page=2">2</a>', "http://a.example.com/b", "https://a.example.com/b?page=2"),
    ],
)
def test_the_next_page_is_found(html: str, url: str, expected: str) -> None:
    assert following(html, url) == expected


@pytest.mark.parametrize(
    "html",
    [
        '<link rel="next" href="https://elsewhere.example.org/?page=2">',
        '<link rel="next" href="https://avis.example.com:8443/?page=2">',
        f'<a rel="next" href="{URL}#top">same</a>',
        '<a rel="next" href="javascript:next()">2</a>',
        '<a rel="next" href="http://[">2</a>',
        '<a rel="prev" href="?page=0">0</a>',
        '<a href="/another?lang=fr&page=2">2</a>',
        '<a href="?lang=de&page=2">2</a>',
        '<a href="?lang=fr&page=7">last</a>',
        '<a href="?lang=fr&product=2">2</a>',
        "<p>No link</p>",
    ],
)
def test_what_is_not_the_next_page_is_not_followed(html: str) -> None:
    assert following(html) == ""


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_address_raises(href: str, path: str) -> None:
    html = f'<a href="{href}">2</a><a rel="next" href="?page={path}">2</a>'
    following(html, f"https://a.example.com/{path}")
