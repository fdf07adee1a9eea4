"""JSON Feed 1.0 and 1.1, read as leniently as it is written; and the App Store's reviews as JSON.

Source: https://www.jsonfeed.org/version/1.1/. What has the wrong type is as if it were not there. Pure.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.feeds.entries import Entry, Markup, ParsedFeed
from feedback_service.sources.texts.dates import parse_date

Node: TypeAlias = Mapping[str, Any]

_BEFORE_JSON = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
_HEAD = 4096
_HUBS = frozenset({"websub", "pubsubhubbub"})
# An empty list takes three bytes of the feed and sixty of the memory.
_MOST_CONTAINERS = 250_000
_MOST_VALUES = 1_000_000


def is_json(body: bytes) -> bool:
    """Tell whether a body is a JSON object by how it begins: servers call it anything."""
    return body[:_HEAD].lstrip(_BEFORE_JSON).startswith(b"{")


def parse_json_feed(body: bytes, url: str) -> ParsedFeed:
    """Return the feed that a JSON object is; raise `ReadError` for what is no feed, broken or made to fill memory."""
    document = _loads(body, url)
    if isinstance(document.get("items"), list):
        return _feed(document)
    store = document.get("feed")
    if isinstance(store, dict) and ("entry" in store or "customerreviews" in str(_label(store, "id"))):
        return _store_feed(store)
    raise ReadError(ReadFailure.NOT_A_FEED, "This is JSON, but no JSON Feed: it has no list of items.", url=url)


def _loads(body: bytes, url: str) -> Node:
    if body.count(b"{") + body.count(b"[") > _MOST_CONTAINERS or body.count(b",") > _MOST_VALUES:
        sentence = "The JSON holds far more values than a feed has; it is not read. Use a shorter feed."
        raise ReadError(ReadFailure.NOT_A_FEED, sentence, url=url)
    try:
        # Numbers as they are written: an id of twenty digits, or one with a thousand, is only a name.
        loaded = json.loads(_decoded(body), strict=False, parse_int=str, parse_float=str, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        sentence = "This begins like a JSON Feed, but it is broken JSON."
        raise ReadError(ReadFailure.NOT_A_FEED, sentence, url=url) from error
    return loaded if isinstance(loaded, dict) else {}


def _decoded(body: bytes) -> str:
    encoding = json.detect_encoding(body)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        text = body.decode("cp1252", "replace")
    return text.removeprefix("\ufeff").strip("\0 \t\r\n")


def _feed(document: Node) -> ParsedFeed:
    author = _author(document)
    return ParsedFeed(
        title=Markup(_text(document, "title"), "text/plain"),
        entries=tuple(_entry(item, author) for item in document["items"] if isinstance(item, dict)),
        link=_text(document, "home_page_url"),
        self_url=_text(document, "feed_url"),
        hub=next(_hubs(document), ""),
    )


def _entry(item: Node, author: str) -> Entry:
    dates = (parse_date(item.get(name)) for name in ("date_published", "date_modified"))
    return Entry(
        guid=_text(item, "id"),
        link=_text(item, "url") or _text(item, "external_url"),
        title=Markup(_text(item, "title"), "text/plain"),
        texts=(
            Markup(_text(item, "content_html")),
            Markup(_text(item, "content_text"), "text/plain"),
            Markup(_text(item, "summary"), "text/plain"),
        ),
        author=_author(item) or author,
        published_at=next(filter(None, dates), None),
    )


def _author(node: Node) -> str:
    """Return the first name among `authors` (1.1) and `author` (1.0)."""
    authors = node.get("authors")
    given = [*authors, node.get("author")] if isinstance(authors, list) else [node.get("author")]
    names = (_text(one, "name") if isinstance(one, dict) else one if isinstance(one, str) else "" for one in given)
    return next(filter(None, names), "")


def _hubs(document: Node) -> Iterator[str]:
    hubs = document.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and _text(hub, "type").lower() in _HUBS and _text(hub, "url"):
            yield _text(hub, "url")


def _text(node: Node, name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


def _store_feed(feed: Node) -> ParsedFeed:
    """Return the reviews of an app: each value stands under `label`, attributes stand apart, one entry is no list."""
    given = feed.get("entry")
    entries = given if isinstance(given, list) else [given]
    return ParsedFeed(
        title=Markup(_label(feed, "title"), "text/plain"),
        entries=tuple(_store_entry(entry) for entry in entries if isinstance(entry, dict)),
        self_url=_label(feed, "id"),
    )


def _store_entry(entry: Node) -> Entry:
    author = entry.get("author")
    return Entry(
        guid=_label(entry, "id"),
        link="",
        title=Markup(_label(entry, "title"), "text/plain"),
        texts=(Markup(_label(entry, "content"), "text/plain"),),
        author=_label(author, "name") if isinstance(author, dict) else "",
        published_at=parse_date(_label(entry, "updated")),
        rating=_label(entry, "im:rating"),
    )


def _label(node: Node, name: str) -> str:
    value = node.get(name)
    return _text(value, "label") if isinstance(value, dict) else ""
