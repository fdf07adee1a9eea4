"""What readers give: `Reading` with its `Item`s. The first stage of the pipeline."""

import re
from dataclasses import dataclass
from datetime import datetime

from feedback_service.hashing import content_digest

_EMAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+")
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_LONGEST_GUID = 300
_LONGEST_NAME = 200
_MAX_INITIALS = 2


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed or one review of a page, as published; text is plain, never markup.

    `guid` is the publisher's own id, empty where there is none, and is not to be trusted (R57): whoever
    needs an identity asks `mentions.identity`. `url` is empty where the item has no address of its own;
    `page_url` is the page it stands on, where the source is a page (with a fragment if there is one).
    `author` is already a pseudonym (R18). `published_at` is aware, UTC. `comments_feed` is the feed of its own
    comments. `is_reply`: an answer, whose title is that of what it answers to and not the author's own words.
    """

    guid: str
    url: str
    title: str
    text: str
    author: str = ""
    published_at: datetime | None = None
    rating: float | None = None
    best_rating: float | None = None
    page_url: str = ""
    comments_feed: str = ""
    is_reply: bool = False

    @property
    def address(self) -> str:
        """Where a person finds it: its own address, or else that of the page it stands on."""
        return self.url or self.page_url


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The average rating that a page shows of its main thing, and of how many ratings; 0 where it does not say."""

    value: float
    best: float
    count: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """One successful reading of a source.

    `ttl` is the seconds the source asks us to wait; `skip_hours` (0-23) and `skip_days` (lower-case English
    names) are when it asks not to be read, in GMT (R53). `hub` is where changes can be subscribed to, and `topic`
    the address to name there (R56).
    `aggregate` is the average that a page shows. `is_cut` tells that the source is known to hold more than `items`:
    what is missing then has not been deleted.
    """

    title: str
    items: tuple[Item, ...]
    ttl: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[str] = frozenset()
    hub: str = ""
    topic: str = ""
    aggregate: Aggregate | None = None
    is_cut: bool = False


def pseudonym(name: str) -> str:
    """Return initials such as 'M. D.' for a name, an address or a handle (R18); empty for none."""
    name = name[:_LONGEST_NAME]
    words = _WORD.findall(_EMAIL.sub(" ", name)) or _WORD.findall(name)
    return " ".join(f"{word[0].upper()}." for word in words[:_MAX_INITIALS])


def short_guid(guid: str) -> str:
    """Return the id as it can be indexed: longer ones by their digest."""
    return guid if len(guid) <= _LONGEST_GUID else f"sha256:{content_digest(guid)}"
