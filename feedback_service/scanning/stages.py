"""The stages of a scan, one type each: their names tell the story."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feedback_service.mentions.matching import Match
from feedback_service.mentions.relevance import Relevance
from feedback_service.sentiment.judgement import Judgement
from feedback_service.shops.models import Shop
from feedback_service.sources.adapters import Polled
from feedback_service.sources.errors import FetchError, ReadError
from feedback_service.sources.items import Item
from feedback_service.sources.models import Source

ASKED_AT_ONCE = 500
"""Most values in one IN list: a first scan may bring thousands of items."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A due source that is ours to read, and its shop; both detached from their transaction."""

    source: Source
    shop: Shop
    takes_stock: bool | None = None
    """Whether what is found alerts nobody; None leaves it to whether the source was scanned before."""

    @property
    def is_first(self) -> bool:
        """Tell whether this is the first scan: it takes stock and alerts nobody (R57)."""
        return self.source.baseline_at is None if self.takes_stock is None else self.takes_stock

    def is_baseline(self, item: Item, now: datetime) -> bool:
        """Tell whether an item of this scan is stored without alerting: found first, and older than the window."""
        window = timedelta(days=self.source.window_days)
        is_young = bool(window and item.published_at and item.published_at >= now - window)
        return self.is_first and not is_young


@dataclass(frozen=True, slots=True)
class Failed:
    """A source that did not answer, or not with what it is said to be."""

    error: FetchError | ReadError


@dataclass(frozen=True, slots=True)
class Fresh:
    """An item that this source has not published before."""

    item: Item
    identity: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A fresh item that is about the shop: why, the text as judged, and what the scorer says of it."""

    fresh: Fresh
    match: Match
    text: str
    text_digest: str
    thread: str
    order_numbers: tuple[str, ...]
    judgement: Judgement
    relevance: Relevance


@dataclass(frozen=True, slots=True)
class Harvest:
    """What one poll brought: fresh items in the order of publication, those about us, and how many were known."""

    fresh: tuple[Fresh, ...] = ()
    judged: tuple[Judged, ...] = field(default=())
    known: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a reading's items are, in their order: a name for each, and what of them is new."""

    names: tuple[str, ...]
    harvest: Harvest


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a harvest: the names of the items that were stored, and of those that are about the shop."""

    new: frozenset[str] = frozenset()
    about_us: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Catch:
    """One source's part of a round, ready to be settled: what it answered, and what that brought."""

    claimed: Claimed
    polled: Polled | Failed
    harvest: Harvest = Harvest()
