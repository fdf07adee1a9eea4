"""Feeds to items: real-world traps (R57), and what is refused."""

import contextlib
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.feeds.reader import read_feed
from feedback_service.sources.feeds.redirects import unwrapped
from feedback_service.sources.items import Item, pseudonym
from feedback_service.sources.texts.plain import html_to_text
from tests.support.feeds import review, review_page, rss, rss_item

URL = "https://blog.example.com/feed"
AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def items(body: bytes, **headers: str) -> tuple[Item, ...]:
    return read_feed(body, URL, headers).items


def refusal(body: bytes, **headers: str) -> ReadError:
    with pytest.raises(ReadError) as caught:
        read_feed(body, URL, headers)
    return caught.value


def test_an_item_comes_as_plain_text_with_its_date_and_a_pseudonym() -> None:
    entry = rss_item(
        "<p>Le retour &amp; la <b>lampe</b></p><p>Jamais <i>rembours&eacute;</i></p>",
        title="Atelier <Lumen>",
        guid="a1",
        link="/post#comment-3",
        at=AT,
        author="camille@example.com (Camille Exemple)",
    )
    assert items(rss(entry)) == (
        Item(
            guid="a1",
            url="https://blog.example.com/post#comment-3",
            title="Atelier <Lumen>",
            text="Le retour & la lampe\nJamais remboursé",
            author="C. E.",
            published_at=AT,
        ),
    )


def test_an_atom_entry_is_read_too() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>urn:1</id><title>Un titre</title>
    <link href="https://blog.example.com/1"/><updated>2026-11-20T09:00:00+01:00</updated>
    <content type="html">&lt;p&gt;Texte&lt;/p&gt;</content><summary>court</summary></entry></feed>"""
    assert items(atom.encode()) == (Item("urn:1", "https://blog.example.com/1", "Un titre", "Texte", "", AT),)


def test_what_is_missing_is_empty() -> None:
    assert items(rss(rss_item("seul un texte"))) == (Item("", "", "", "seul un texte"),)


def test_a_date_that_nobody_publishes_in_is_none() -> None:
    entry = "<item><title>x</title><pubDate>Mon, 01 Jan 0001 00:00:00 GMT</pubDate></item>"
    assert items(rss(entry))[0].published_at is None


def test_the_stars_of_an_app_store_feed_are_read() -> None:
    feed = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:im="http://itunes.apple.com/rss"><entry><id>1</id>
    <title>Nul</title><im:rating>1</im:rating><content type="text">Ne marche pas</content></entry></feed>"""
    assert [(item.rating, item.best_rating) for item in items(feed.encode())] == [(1.0, 5.0)]


WRAPPED = {
    "https://www.google.com/url?rct=j&sa=t&url=https://blog.example/a%3Fb%3D1&ct=ga": "https://blog.example/a?b=1",
    "https://www.google.co.uk/url?q=https://blog.example/a": "https://blog.example/a",
    "https://www.google.com/url?url=javascript:alert(1)": None,
    "https://google.evil.example.com/url?url=https://blog.example/a": None,
    "https://blog.example/url?url=https://other.example": None,
    "https://[broken/url?url=https://other.example": None,
}


@pytest.mark.parametrize(("url", "inner"), WRAPPED.items())
def test_only_the_redirect_links_of_google_are_unwrapped(url: str, inner: str | None) -> None:
    assert unwrapped(url) == (inner or url)


def test_a_page_is_not_a_feed_and_its_feed_is_named() -> None:
    page = b"<!DOCTYPE html><html><head><link rel='alternate' type='application/rss+xml' href='/rss.xml'></head></html>"
    error = refusal(page)
    assert error.kind is ReadFailure.NOT_A_FEED
    assert "HTML page, not a feed" in str(error)
    assert error.feed_url == "https://blog.example.com/rss.xml"
    assert error.feed_url in str(error)


@pytest.mark.parametrize("body", [b"", b"   ", b"hello", b"{}", b"\x89PNG\r\n", review_page([review("x")])])
def test_what_is_no_feed_is_refused_in_words(body: bytes) -> None:
    assert refusal(body).kind is ReadFailure.NOT_A_FEED


def test_an_empty_feed_is_a_feed() -> None:
    assert items(rss()) == ()


def test_broken_xml_gives_what_can_be_read() -> None:
    broken = rss(rss_item("un & deux", guid="1"), rss_item("trois", guid="2")).replace(b"&amp;", b"&")[:-30]
    assert [item.text for item in items(broken)] == ["un & deux", "trois"]


def test_latin_1_that_says_utf_8_is_read() -> None:
    body = rss(rss_item("Problème réglé", guid="1")).decode().encode("latin-1")
    assert items(body)[0].text == "Problème réglé"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-15"])
def test_other_encodings_are_read(encoding: str) -> None:
    text = rss(rss_item("Problème à 10 €", guid="1")).decode().replace('encoding="utf-8"', f'encoding="{encoding}"')
    assert items(text.encode(encoding))[0].text == "Problème à 10 €"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "billion laughs": f'<!DOCTYPE r [<!ENTITY l0 "lol">{LAUGHS}]>',
    "one long entity": f'<!DOCTYPE r [<!ENTITY l9 "{"x" * 100_000}">]>',
    "a file": '<!DOCTYPE r [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
    "a parameter": '<!DOCTYPE r [<!ENTITY % l9 SYSTEM "http://10.0.0.1/x">]>',
    "behind a comment": '<!-- <rss> ]> --><?x <rss>?><!DOCTYPE r PUBLIC "a>[" "b" [<!ENTITY l9 SYSTEM "file:///x">]>',
    "single quotes": "<!DOCTYPE r [<!ENTITY l9 '&l8;&l8;'>]>",
}


@pytest.mark.parametrize("prolog", BOMBS.values(), ids=BOMBS.keys())
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_that_grow_or_fetch_are_refused_at_once(prolog: str, encoding: str) -> None:
    feed = f'{prolog}<rss version="2.0"><channel><item><title>{"&l9;" * 1000}</title></item></channel></rss>'
    began = time.monotonic()
    assert refusal(feed.encode(encoding)).kind is ReadFailure.ENTITIES
    assert time.monotonic() - began < 1


SLOW = {
    "endless author": rss(f"<item><author>{'a' * 300_000}</author><title>x</title></item>"),
    "line breaks before the first element": b"\n" * 300_000 + rss(),
    "comments without end": b"<!--" * 75_000,
    "doctypes without end": b"<!DOCTYPE " * 30_000 + rss(),
    "entries without end": rss("<item/>" * 120_000),
    "categories without end, broken": rss(
        f"<item>{''.join(f'<category>{n}</category>' for n in range(50_000))}&</item>"
    ),
    "keywords without end, broken": rss(
        f"<item>&<itunes:keywords>{','.join(map(str, range(99_999)))}</itunes:keywords>"
    ),
    "authors of long words": rss("&" + f"<item><author>{'a' * 2000}</author></item>" * 1500),
    "bases in bases": rss("".join(f'<x xml:base="http://a.test/{"a" * 99}/">' for _ in range(30_000))),
}


@pytest.mark.parametrize("body", SLOW.values(), ids=SLOW.keys())
def test_what_is_made_to_be_slow_is_bounded(body: bytes) -> None:
    began = time.process_time()
    with contextlib.suppress(ReadError):
        read_feed(body, URL, {})
    assert time.process_time() - began < 5


def test_an_encoding_that_hides_what_it_holds_is_refused() -> None:
    assert refusal(b"<?xml version='1.0' encoding='utf-7'?><rss/>").kind is ReadFailure.ENTITIES
    assert refusal(b"<rss/>", **{"content-type": "text/xml; charset=UTF-7"}).kind is ReadFailure.ENTITIES


def test_small_entities_and_talk_of_entities_are_harmless() -> None:
    declared = b'<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>' + rss(rss_item("x", guid="1"))
    assert len(items(declared)) == 1
    told = rss('<item><description><![CDATA[Write <!ENTITY x SYSTEM "file:///y"> there]]></description></item>')
    assert len(items(told)) == 1


def test_markup_never_survives() -> None:
    entry = rss_item("<script>alert(1)</script><p onclick='x()'>ok <img src=x onerror=alert(1)></p>", title="<b>t</b>")
    assert [(item.title, item.text) for item in items(rss(entry))] == [("t", "ok")]


def test_characters_that_no_database_takes_are_left_out() -> None:
    assert html_to_text("a\x00b\ud800c&#x1F;d") == "abcd"


CC = "xmlns:cc='http://backend.userland.com/creativeCommonsRssModule'"
FALLS = {
    "a place without its point": rss("<item><gml:pos xmlns:gml='http://www.opengis.net/gml'>1 2</gml:pos></item>"),
    "a license after another": rss(f"<item {CC}><cc:license>a</cc:license><x><cc:license>b</cc:license></x></item>"),
    "an encoding that is no name": rss().replace(b"utf-8", b"\x99"),
}


@pytest.mark.parametrize("body", FALLS.values(), ids=FALLS.keys())
def test_what_makes_feedparser_fall_over_is_a_feed_that_cannot_be_read(body: bytes) -> None:
    assert str(refusal(body)) == "The feed is damaged in a way that it cannot be read."


@given(st.text(max_size=200))
def test_plain_text_can_always_be_stored(text: str) -> None:
    plain = html_to_text(text)
    assert "\x00" not in plain
    plain.encode("utf-8")


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Marie Dupont", "M. D."),
        ("marie.dupont@example.com (Marie Dupont)", "M. D."),
        ("marie.dupont@example.com", "M. D."),
        ("kevin75", "K."),
        ("Jean-Paul de la Tour", "J. P."),
        ("Élise", "É."),
        ("", ""),
        ("1234", ""),
    ],
)
def test_an_author_becomes_initials(name: str, initials: str) -> None:
    assert pseudonym(name) == initials


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_read_error(noise: bytes) -> None:
    for body in (noise, b"<rss version='2.0'><channel><item>" + noise):
        try:
            read_feed(body, URL, {})
        except ReadError:
            continue


@pytest.mark.shared
def test_real_feeds_give_as_many_items_as_the_oracle_says(shared: Path) -> None:
    folder = shared / "data/feeds"
    oracle = json.loads((folder / "feedparser_oracle.json").read_text(encoding="utf-8"))["files"]
    wrong = {}
    for name, expected in oracle.items():
        if name.endswith(".json"):
            continue  # feedparser knows no JSON; test_json_feed.py has them.
        try:
            found = len(items((folder / name).read_bytes()))
        except ReadError:
            found = 0
        if found != expected["entries"]:
            wrong[name] = (found, expected["entries"])
    assert wrong == {}
