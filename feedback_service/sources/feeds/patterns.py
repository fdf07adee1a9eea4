"""What the patterns of platforms are made of: where a feed comes from, and how boilerplate is cut off. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from feedback_service.sources.feeds.entries import AS_SEEN, Entry, Markup, ParsedFeed

_LONGEST_PARAGRAPH = 2000
_ANY = re.compile(r".*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Origin:
    """What a feed says of itself: the (host, path) of its addresses, its program and its title."""

    places: tuple[tuple[str, str], ...]
    generator: str
    title: Markup

    def stands_at(self, host: re.Pattern[str] = _ANY, path: re.Pattern[str] = _ANY) -> bool:
        """Tell whether one of the feed's addresses has this host and this path, both as a whole."""
        return any(host.fullmatch(own_host) and path.fullmatch(own_path) for own_host, own_path in self.places)


Rewrite = Callable[[Entry, Origin], Entry | None]


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one platform writes its feeds.

    `recognises` is asked once for a feed; `rewrite` gives each entry as a person wrote it, the same object where
    there is nothing to do, and None for what nobody wrote.
    """

    name: str
    recognises: Callable[[Origin], bool]
    rewrite: Rewrite


def origin_of(feed: ParsedFeed, url: str) -> Origin:
    """Return the origin of a feed that came from `url`; what it says itself counts where it was saved elsewhere."""
    addresses = dict.fromkeys(address for address in (url, feed.self_url, feed.link) if address)
    return Origin(tuple(map(_place, addresses)), feed.generator, feed.title)


def _place(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").removeprefix("www."), parts.path
    except ValueError:
        return "", ""


def as_seen(text: str) -> Markup:
    """Return a text that is no markup."""
    return Markup(text, AS_SEEN)


def with_texts(entry: Entry, rewrite: Callable[[str], str]) -> Entry:
    """Return the entry with every text rewritten; the same entry where nothing changes."""
    texts = tuple(_changed(text, rewrite(text.value)) for text in entry.texts)
    return entry if texts == entry.texts else replace(entry, texts=texts)


def without_last_paragraph(html: str, footer: re.Pattern[str]) -> str:
    """Return `html` without its last `<p>` where that is, as a whole, the `footer`."""
    start = html.rfind("<p", max(0, len(html) - _LONGEST_PARAGRAPH))
    return html[:start] if start >= 0 and footer.fullmatch(html, start) else html


def without_beginning(html: str, opening: re.Pattern[str]) -> str:
    """Return `html` without the `opening` that it begins with, if it does."""
    found = opening.match(html)
    return html[found.end() :] if found else html


def _changed(text: Markup, value: str) -> Markup:
    return text if value == text.value else Markup(value, text.type)
