"""RSS, Atom and RDF of any quality, read by feedparser, which never fetches anything here.

Some feeds make feedparser fall over, and a few hundred thousand of some elements take it hours: it is held to a
time, and what it raises is a feed that cannot be read.
"""

import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import feedparser

from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.feeds.cpu_limit import TooSlowError, within
from feedback_service.sources.feeds.entries import Entry, Markup, ParsedFeed
from feedback_service.sources.feeds.fast_dates import instant
from feedback_service.sources.feeds.feed_pace import with_pace

RATINGS = ("im_rating", "review_rating", "g_rating")
"""feedparser's names for the stars that a person gave, the surest first."""
BEST_RATINGS = ("review_bestrating", "review_maxrating", "g_bestrating")
"""feedparser's names for the most that can be given."""
_LONGEST_SECONDS = 2.0
_PARSER = frozenset({"feedparser", "feedparser_sgmllib", "sgmllib"})
# feedparser looks for an e-mail address in each author in time that grows with the square of a word, and no
# time limit reaches into one search.
_ENDLESS_WORD = re.compile(rb"(?<![\w.+-])([\w.+-]{500})[\w.+-]+")


def parse_leniently(body: bytes, url: str, headers: Mapping[str, str]) -> ParsedFeed | None:
    """Return what feedparser makes of a body whose size and entities were checked; None for what is no feed.

    Raises:
        ReadError: it takes feedparser too long, or makes it fail.
    """
    try:
        parsed = within(_LONGEST_SECONDS, lambda: _parsed(_ENDLESS_WORD.sub(rb"\1", body), headers), _PARSER)
    except TooSlowError as error:
        sentence = "Reading the feed takes too long. Use a shorter feed."
        raise ReadError(ReadFailure.NOT_A_FEED, sentence, url=url) from error
    except Exception as error:
        # feedparser trusts a feed's elements to come together: a license without its entry is a KeyError.
        sentence = "The feed is damaged in a way that it cannot be read."
        raise ReadError(ReadFailure.NOT_A_FEED, sentence, url=url) from error
    return with_pace(parsed, body) if parsed else None


def _parsed(body: bytes, headers: Mapping[str, str]) -> ParsedFeed | None:
    parsed = feedparser.parse(
        io.BytesIO(body),
        # Without a base: feedparser would make addresses of GUIDs, which then change when the feed moves.
        response_headers={name: value for name, value in headers.items() if name != "content-location"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.get("version") and not parsed.entries:
        return None
    feed = parsed.feed
    return ParsedFeed(
        title=_markup(feed.get("title"), feed.get("title_detail")),
        entries=tuple(_entry(entry) for entry in parsed.entries),
        ttl=str(feed.get("ttl") or ""),
        link=str(feed.get("link") or ""),
        generator=str(feed.get("generator") or ""),
        self_url=_link(feed, "self"),
        hub=_link(feed, "hub"),
    )


def _entry(entry: Any) -> Entry:  # noqa: ANN401 - feedparser is not typed
    contents = [_markup(part.get("value"), part) for part in entry.get("content") or ()]
    return Entry(
        guid=str(entry.get("id") or ""),
        link=str(entry.get("link") or ""),
        title=_markup(entry.get("title"), entry.get("title_detail")),
        texts=(*contents, _markup(entry.get("summary"), entry.get("summary_detail"))),
        author=str(entry.get("author") or ""),
        published_at=_published(entry),
        rating=_first(entry, RATINGS),
        best_rating=_first(entry, BEST_RATINGS),
        comments_feed=str(entry.get("wfw_commentrss") or "") or _link(entry, "replies", "xml"),
        source_title=str((entry.get("source") or {}).get("title") or ""),
    )


def _link(node: Any, relation: str, media_type: str = "") -> str:  # noqa: ANN401 - feedparser is not typed
    links = (link for link in node.get("links") or () if link.get("rel") == relation and link.get("href"))
    return next((str(link["href"]) for link in links if media_type in str(link.get("type") or "")), "")


def _first(entry: Any, names: tuple[str, ...]) -> str:  # noqa: ANN401 - feedparser is not typed
    values = (entry[name] for name in names if name in entry)
    return next((value for value in values if value and isinstance(value, str)), "")


def _markup(value: Any, detail: Any) -> Markup:  # noqa: ANN401 - feedparser is not typed
    return Markup(str(value or ""), str((detail or {}).get("type") or "text/html"))


def _published(entry: Any) -> datetime | None:  # noqa: ANN401 - feedparser is not typed
    # `in` first: feedparser warns, and takes the one for the other, where only one is there.
    dates = (instant(entry[name]) for name in ("published_parsed", "updated_parsed") if name in entry)
    return next(filter(None, dates), None)
