"""JSON Feed, as the specification has it and as sites write it; the App Store's reviews as JSON."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.feeds.reader import read_feed
from feedback_service.sources.items import Item, Reading

URL = "https://blog.example.com/feed.json"
AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def reading(document: object, **headers: str) -> Reading:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_feed(body, URL, headers)


def only(item: dict[str, Any], **feed: Any) -> Item:  # noqa: ANN401 - any JSON
    (found,) = reading({"version": "https://jsonfeed.org/version/1.1", "items": [item], **feed}).items
    return found


def refusal(body: bytes) -> ReadError:
    with pytest.raises(ReadError) as caught:
        read_feed(body, URL, {})
    return caught.value


def test_a_feed_is_read_as_the_specification_has_it() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Blog de Camille",
        "home_page_url": "https://blog.example.com/",
        "feed_url": "https://blog.example.com/feed.json",
        "next_url": "/feed.json?page=2",
        "expired": True,
        "hubs": [{"type": "rssCloud", "url": "https://r.example.com"}, {"type": "WebSub", "url": "https://h.example.com/"}],
        "items": [
            {
                "id": "https://blog.example.com/lampe",
                "url": "https://blog.example.com/lampe",
                "title": "La lampe",
                "content_html": "<p>Arriv&eacute;e <b>cass&eacute;e</b></p><p>Un mois.</p>",
                "summary": "Courte",
                "date_published": "2026-11-20T09:00:00+01:00",
                "authors": [{"name": "Camille Exemple", "url": "https://blog.example.com/camille"}],
            }
        ],
    }  # fmt: skip
    assert reading(feed) == Reading(
        title="Blog de Camille",
        items=(
            Item(
                guid="https://blog.example.com/lampe",
                url="https://blog.example.com/lampe",
                title="La lampe",
                text="Arrivée cassée\nUn mois.",
                author="C. E.",
                published_at=AT,
            ),
        ),
        hub="https://h.example.com/",
        topic="https://blog.example.com/feed.json",
    )


def test_version_1_has_one_author() -> None:
    assert only({"id": "1", "content_text": "x", "author": {"name": "Camille"}}).author == "C."


def test_who_wrote_the_feed_wrote_what_names_nobody() -> None:
    assert only({"id": "1", "content_text": "x"}, authors=[{"name": "Dominique"}]).author == "D."
    assert only({"id": "1", "authors": [{"name": "Camille"}]}, author={"name": "Dominique"}).author == "C."


def test_plain_text_is_no_markup() -> None:
    assert only({"id": "1", "content_text": "1 < 2 && x > y\n\nFin"}).text == "1 < 2 && x > y\nFin"


def test_a_link_blog_without_an_address_of_its_own_opens_what_it_names() -> None:
    assert only({"id": "1", "external_url": "https://presse.example.com/a"}).url == "https://presse.example.com/a"
    assert only({"id": "1", "url": "/1", "external_url": "https://presse.example.com/a"}).url == (
        "https://blog.example.com/1"
    )


def test_the_day_of_the_last_change_stands_for_a_missing_date() -> None:
    assert only({"id": "1", "date_modified": "2026-11-20T08:00:00Z"}).published_at == AT
    assert only({"id": "1", "date_published": "hier", "date_modified": "2026-11-20T08:00:00Z"}).published_at == AT


@pytest.mark.parametrize(
    ("written", "guid"),
    [("12", "12"), ("12345678901234567890123", "12345678901234567890123"), ("3.10", "3.10"), ("1e999", "1e999"),
     ("1" * 5000, None), ("NaN", ""), ("null", ""), ("true", ""), ("[1]", ""), ('{"a": 1}', "")],
)  # fmt: skip
def test_an_id_that_is_no_text_is_taken_as_written_or_not_at_all(written: str, guid: str | None) -> None:
    (item,) = reading(f'{{"items": [{{"id": {written}, "title": "x"}}]}}'.encode()).items
    assert item.guid == guid if guid is not None else item.guid.startswith("sha256:")


@pytest.mark.parametrize("wrong", [None, True, 12.5, [], {}, [["x"]], {"x": "y"}], ids=repr)
def test_what_has_the_wrong_type_is_as_if_it_were_not_there(wrong: object) -> None:
    names = ("url", "external_url", "content_html", "content_text", "summary", "date_published", "date_modified")
    item: dict[str, object] = dict.fromkeys((*names, "author", "authors"), wrong)
    feed: dict[str, object] = dict.fromkeys(("version", "home_page_url", "feed_url", "hubs"), wrong)
    found = only(item | {"id": "1", "title": "Un titre"}, **feed)
    assert (found.guid, found.title, found.author, found.published_at) == ("1", "Un titre", "", None)


def test_items_that_are_no_objects_are_left_out() -> None:
    assert [item.guid for item in reading({"items": ["x", None, 3, {"id": "1"}]}).items] == ["1"]


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf{"items": [{"title": "R\xc3\xa9gl\xc3\xa9"}]}',
        b'\n\t {"items": [{"title": "R\xc3\xa9gl\xc3\xa9"}]}\n\x00',
        b'{"items": [{"title": "R\\u00e9gl\\u00e9"}]}',
        b'{"items": [{"title": "R\xe9gl\xe9"}]}',
        '{"items": [{"title": "Réglé"}]}'.encode("utf-16"),
        '{"items": [{"title": "Réglé"}]}'.encode("utf-16-le"),
        '{"items": [{"title": "Réglé"}]}'.encode("utf-32"),
        b'{"items": [{"title": "R\xc3\xa9gl\xc3\xa9", "content_text": "a\tb\nc"}]}',
    ],
    ids=["mark", "blanks", "escapes", "latin-1", "utf-16", "utf-16 without mark", "utf-32", "raw line breaks"],
)
def test_it_is_known_by_how_it_begins_whatever_it_is_called(body: bytes) -> None:
    for content_type in ("text/html", "application/rss+xml; charset=iso-8859-1", ""):
        assert [item.title for item in read_feed(body, URL, {"content-type": content_type}).items] == ["Réglé"]


def test_halves_of_characters_are_left_out() -> None:
    assert only({"id": "1\ud800", "title": "a\ud800b\x00", "url": "https://a.example.com/\ud800"}).title == "ab"


REFUSED = {
    b'{"items": [': "broken JSON",
    b'{"items": [1,]}': "broken JSON",
    b'{"a": ' + b"[" * 100_000: "broken JSON",
    b"{}": "no list of items",
    b'{"items": {"id": 1}}': "no list of items",
    b'{"feed": {"title": "x"}}': "no list of items",
    b'{"feed": [1]}': "no list of items",
    b'{"items": [' + b"[]," * 300_000 + b"1]}": "far more values",
    b'{"items": [' + b"10," * 1_100_000 + b"1]}": "far more values",
}


@pytest.mark.parametrize(("body", "why"), REFUSED.items(), ids=[f"{body[:20]!r}" for body in REFUSED])
def test_what_is_no_feed_or_made_to_fill_memory_is_refused_at_once(body: bytes, why: str) -> None:
    began = time.process_time()
    error = refusal(body)
    assert time.process_time() - began < 2
    assert error.kind is ReadFailure.NOT_A_FEED
    assert why in str(error)


NAMES = st.sampled_from(
    ["id", "url", "title", "content_html", "content_text", "summary", "date_published", "author", "authors", "name",
     "hubs", "type", "items", "feed", "entry", "label", "im:rating", "content", "updated"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=30,
)


@given(items=JSON, entry=JSON, hubs=JSON)
def test_no_json_raises_anything_but_a_read_error(items: object, entry: object, hubs: object) -> None:
    for document in ({"items": items, "hubs": hubs}, {"items": [items], "authors": entry}, {"feed": {"entry": entry}}):
        try:
            found = read_feed(json.dumps(document).encode(), URL, {})
        except ReadError:
            continue
        for item in found.items:
            f"{item.guid}{item.url}{item.title}{item.text}".encode()


@given(st.binary(max_size=100))
def test_no_bytes_after_a_brace_raise_anything_but_a_read_error(noise: bytes) -> None:
    for body in (b"{" + noise, b'{"items": [{"id": "' + noise + b'"}]}'):
        try:
            read_feed(body, URL, {})
        except ReadError:
            continue


# The App Store

STORE = "https://itunes.apple.com/fr/rss/customerreviews/page=1/id=123/sortby=mostrecent/json"


def label(value: str) -> dict[str, str]:
    return {"label": value}


REVIEW = {
    "author": {"uri": label("https://itunes.apple.com/fr/reviews/id5"), "name": label("camille75"), "label": ""},
    "updated": label("2026-11-20T01:00:00-07:00"),
    "im:rating": label("1"),
    "im:version": label("2.1"),
    "id": label("8123"),
    "title": label("Nul"),
    "content": {"label": "Ne s’ouvre plus.\n<3", "attributes": {"type": "text"}},
    "link": {"attributes": {"rel": "related", "href": "https://itunes.apple.com/fr/review?id=123"}},
}
APP = {"im:name": label("Lumen"), "title": label("Lumen"), "id": {"label": "https://apps.apple.com/fr/app/id123"}}


@pytest.mark.parametrize("entry", [[APP, REVIEW], [REVIEW], REVIEW], ids=["with the app", "several", "one"])
@pytest.mark.parametrize("url", [STORE, ""], ids=["fetched", "saved"])
def test_the_reviews_of_an_app_come_with_their_stars(entry: object, url: str) -> None:
    feed = {"feed": {"entry": entry, "title": label("iTunes Store : Avis de clients"), "id": label(STORE)}}
    found = read_feed(json.dumps(feed).encode(), url, {})
    assert found.title == "iTunes Store : Avis de clients"
    assert found.items == (
        Item("8123", "", "Nul", "Ne s’ouvre plus.\n<3", "C.", AT, rating=1.0, best_rating=5.0),
    )  # fmt: skip


def test_an_app_without_reviews_is_an_empty_feed() -> None:
    assert reading({"feed": {"id": label(STORE), "title": label("Avis")}}).items == ()


# Real files


@pytest.mark.shared
def test_real_json_feeds_give_each_of_their_items(shared: Path) -> None:
    found = {}
    for path in sorted((shared / "data/feeds").rglob("*.json")):
        document = json.loads(path.read_bytes())
        if path.name != "feedparser_oracle.json":
            found[path.name] = len(read_feed(path.read_bytes(), URL, {}).items) == len(document["items"])
    assert found
    assert all(found.values()), found
