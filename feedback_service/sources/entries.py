"""An entry of a feed in its own words, and the item that is made of it.

    bytes --any parser--> ParsedFeed of Entry --to_reading--> Reading of Item

Whatever reads the bytes gives the same `ParsedFeed`; what is cleaned, unwrapped or left out is decided here,
once. Pure.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from feedback_service.sources.items import Item, Reading, pseudonym, short_guid
from feedback_service.sources.plain import html_to_text, one_line, storable, tidy
from feedback_service.sources.redirects import unwrapped

_LONGEST_TTL_MINUTES = 7 * 24 * 60
_BEST_STARS = 5.0


@dataclass(frozen=True, slots=True)
class Markup:
    """A text as published, and its media type; what the feed does not say is taken for HTML."""

    value: str
    type: str = "text/html"

    def plain(self) -> str:
        """Return the text that a reader sees."""
        return tidy(self.value) if self.type == "text/plain" else html_to_text(self.value)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, field by field as published; empty where the feed has none.

    `texts` are all its bodies (content, summary): the longest is the one that is read. `published_at` is aware,
    UTC. `rating` is what an app store's feed gives, in stars out of five.
    """

    guid: str
    link: str
    title: Markup
    texts: tuple[Markup, ...]
    author: str = ""
    published_at: datetime | None = None
    rating: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed as a parser gives it, newest as the feed has them.

    `ttl` in minutes, as published. `skip_hours` and `skip_days` (English, lower case) are GMT.
    """

    title: Markup
    entries: tuple[Entry, ...]
    ttl: str = ""
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[str] = frozenset()


def to_reading(feed: ParsedFeed, url: str) -> Reading:
    """Return the items of a feed that came from `url`, against which relative links are resolved."""
    items = tuple(to_item(entry, url) for entry in feed.entries)
    return Reading(one_line(feed.title.plain()), items, _ttl(feed.ttl), feed.skip_hours, feed.skip_days)


def to_item(entry: Entry, url: str) -> Item:
    """Return the item of an entry: plain text, a link that leads to what it names, a pseudonym (R18)."""
    link = entry.link.strip()
    rating, best = _stars(entry.rating)
    return Item(
        guid=short_guid(one_line(entry.guid)),
        url=unwrapped(_absolute(url, link)) if link else "",
        title=one_line(entry.title.plain()),
        text=max((text.plain() for text in entry.texts), key=len, default=""),
        author=pseudonym(entry.author),
        published_at=entry.published_at,
        rating=rating,
        best_rating=best,
    )


def _absolute(base: str, link: str) -> str:
    try:
        return storable(urljoin(base, link))
    except ValueError:
        return ""


def _stars(raw: str) -> tuple[float | None, float | None]:
    try:
        rating = float(raw)
    except ValueError:
        return None, None
    return (rating, _BEST_STARS) if 0 <= rating <= _BEST_STARS else (None, None)


def _ttl(minutes: str) -> int | None:
    text = minutes.strip()
    return min(int(text[:6]), _LONGEST_TTL_MINUTES) * 60 if text.isascii() and text.isdigit() else None
