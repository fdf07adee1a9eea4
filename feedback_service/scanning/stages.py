"""The stages of a scan, one type each: their names tell the story."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from feedback_service.mentions.changes import Version
from feedback_service.mentions.comparing import Met
from feedback_service.mentions.keys import Named
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
    """An item that this source has not published before, with its keys, and the name it is stored by."""

    named: Named
    identity: str

    @property
    def item(self) -> Item:
        """The item itself."""
        return self.named.item


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
    text_before: str | None = None
    """What its document said before the author edited it; None for a document that is new."""

    def values(self) -> dict[str, Any]:
        """Return what a mention says of the text and of what was made of it, by the names of its columns."""
        item, judgement = self.fresh.item, self.judgement
        return {
            "title": item.title,
            "text": self.text,
            "rating": item.rating,
            "best_rating": item.best_rating,
            "matched_terms": list(self.match.terms),
            "standing": self.relevance.standing,
            "relevance": self.relevance.confidence,
            "clues": [asdict(clue) for clue in self.relevance.clues],
            "language": judgement.language,
            "label": judgement.label,
            "negative": judgement.negative,
            "evidence": [part._asdict() for part in judgement.evidence],
            "topics": [topic.value for topic in judgement.topics],
        }


@dataclass(frozen=True, slots=True)
class Edited:
    """A known document whose author changed it: as it was, as it is, and what is made of it if it is about the shop."""

    met: Met
    before: Version
    judged: Judged | None


@dataclass(frozen=True, slots=True)
class Harvest:
    """What one poll brought.

    Attributes:
        fresh: new items, in the order of publication.
        judged: those of them that are about the shop, or may be.
        known: how many items were known.
        edited: known items whose authors changed them.
        moved: known items under another GUID or address; nothing is told of them.
        quiet: known items whose form has changed; nothing is told of them either.
        gone: documents that their page shows no more.
        back: documents that were gone and are shown again.
    """

    fresh: tuple[Fresh, ...] = ()
    judged: tuple[Judged, ...] = ()
    known: int = 0
    edited: tuple[Edited, ...] = ()
    moved: tuple[Met, ...] = ()
    quiet: tuple[Met, ...] = ()
    gone: tuple[int, ...] = ()
    back: tuple[int, ...] = ()

    @property
    def brings_something(self) -> bool:
        """Tell whether there is anything to write down."""
        return bool(self.fresh or self.edited or self.moved or self.quiet or self.gone or self.back)

    @property
    def is_about_us(self) -> bool:
        """Tell whether anything new in it is about the shop."""
        return bool(self.judged or self.edited)


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
