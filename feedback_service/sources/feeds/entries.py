"""An entry of a feed in its own words, and the item that is made of it.

    bytes --any parser--> ParsedFeed of Entry --platforms.as_written--> ParsedFeed --to_reading--> Reading of Item

Whatever reads the bytes gives the same `ParsedFeed`; what is cleaned, unwrapped or left out is decided here
and in `platforms`, once. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from types import MappingProxyType
from urllib.parse import urljoin, urlsplit

from feedback_service.sources.feeds import stars
from feedback_service.sources.feeds.hubs import hub_and_topic
from feedback_service.sources.feeds.redirects import unwrapped
from feedback_service.sources.items import Item, Reading, pseudonym, short_guid
from feedback_service.sources.texts.plain import html_to_text, one_line, storable, tidy

_LONGEST_TTL_MINUTES = 7 * 24 * 60
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
# Feeds call HTML "text" more often than people write a closing tag or a whole entity in plain text.
_IS_HTML = re.compile(
    r"</(?:a|abbr|b|big|blockquote|cite|code|div|em|font|h[1-6]|i|li|ol|p|pre|q|s|small|span|strong|sub|sup|u|ul)>"
    r"|<(?:br|hr) ?/?>|&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8}\d{0,2});",
    re.IGNORECASE,
)


AS_SEEN = "text/plain; as=seen"
"""The type of a text that is what a reader sees, whatever it looks like; no parser gives it."""
# Of such an address `urljoin` makes what it is, in ten times the time.
_IN_ADDRESS = r"[\w.~/%+@:=&,!-]"
_ABSOLUTE = re.compile(rf"https?://[\w.-]+(?:/{_IN_ADDRESS}*)?(?:\?{_IN_ADDRESS}+)?(?:#{_IN_ADDRESS}+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Markup:
    """A text as published, and its media type; what the feed does not say is taken for HTML."""

    value: str
    type: str = "text/html"

    def plain(self) -> str:
        """Return the text that a reader sees; HTML that is called plain, or is escaped twice, is read as HTML."""
        if self.type == AS_SEEN or ("<" not in self.value and "&" not in self.value):
            return tidy(self.value)
        if self.type == "text/plain" and not _IS_HTML.search(self.value):
            return tidy(self.value)
        return html_to_text(unescape(self.value) if _is_escaped_twice(self.value) else self.value)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, field by field as published; empty where the feed has none.

    `texts` are all its bodies (content, summary): the longest is the one that is read. `published_at` is aware,
    UTC. `rating` and `best_rating` are what an extension says (an app store's stars are out of five).
    `comments_feed` is the feed of its own comments, `source_title` what RSS calls its source. No parser fills
    what comes after: `platforms` says whether the title is that of the thread it answers to.
    """

    guid: str
    link: str
    title: Markup
    texts: tuple[Markup, ...]
    author: str = ""
    published_at: datetime | None = None
    rating: str = ""
    best_rating: str = ""
    comments_feed: str = ""
    source_title: str = ""
    is_reply: bool = False


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed as a parser gives it, newest as the feed has them.

    `ttl` in minutes, as published. `skip_hours` and `skip_days` (English, lower case) are GMT.
    `link` is the page it belongs to; `self_url` and `hub` are its links with those relations (RFC 4287, WebSub).
    """

    title: Markup
    entries: tuple[Entry, ...]
    ttl: str = ""
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[str] = frozenset()
    link: str = ""
    generator: str = ""
    self_url: str = ""
    hub: str = ""


def to_reading(feed: ParsedFeed, url: str, headers: Mapping[str, str] = _NO_HEADERS) -> Reading:
    """Return the items of a feed that came from `url`, against which relative links are resolved.

    `headers` of the answer (lower-case names) may name a WebSub hub too.
    """
    hub, topic = hub_and_topic(headers, feed.hub, feed.self_url, url)
    return Reading(
        title=one_line(feed.title.plain()),
        items=tuple(to_item(entry, url) for entry in feed.entries),
        ttl=_ttl(feed.ttl),
        skip_hours=feed.skip_hours,
        skip_days=feed.skip_days,
        hub=hub,
        topic=topic,
    )


def to_item(entry: Entry, url: str) -> Item:
    """Return the item of an entry: plain text, a link that leads to what it names, a pseudonym (R18)."""
    title = one_line(entry.title.plain())
    rating, best = stars.stated(entry.rating, entry.best_rating) if entry.rating else stars.alone(title)
    # Most often the summary is the content again, and need not be understood twice.
    texts = (text.plain() for text in dict.fromkeys(entry.texts))
    return Item(
        guid=short_guid(one_line(entry.guid)),
        url=unwrapped(_absolute(url, entry.link)),
        title=title,
        text=max(texts, key=len, default=""),
        author=pseudonym(entry.author),
        published_at=entry.published_at,
        rating=rating,
        best_rating=best,
        comments_feed=_absolute(url, entry.comments_feed),
        is_reply=entry.is_reply,
    )


def _is_escaped_twice(html: str) -> bool:
    return "<" not in html and "&lt;/" in html and html.lstrip().startswith("&lt;")


def _absolute(base: str, link: str) -> str:
    """Return the address that can be opened; empty for `tag:`, `javascript:` and the like."""
    link = link.strip()
    if _ABSOLUTE.fullmatch(link):
        return link
    try:
        address = storable(urljoin(base, link)) if link else ""
        return address if urlsplit(address).scheme in {"http", "https", ""} else ""
    except ValueError:
        return ""


def _ttl(minutes: str) -> int | None:
    text = minutes.strip()
    return min(int(text[:6]), _LONGEST_TTL_MINUTES) * 60 if text.isascii() and text.isdigit() else None
