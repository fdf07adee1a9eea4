"""Import of a review export: streamed, in batches, good records kept and bad ones told.

ReviewFile (records) -> ReviewRows (items) -> intake.take_in (documents, mentions, stories)
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from feedback_service.batches import batched
from feedback_service.formats import zone
from feedback_service.hashing import content_digest
from feedback_service.scanning.intake import Taken, count_known, take_in
from feedback_service.scanning.ports import ScanServices
from feedback_service.scanning.review_files import Complaint, Record, open_reviews
from feedback_service.scanning.review_map import ReviewMap
from feedback_service.scanning.review_rows import ReviewRows
from feedback_service.shops.models import Shop
from feedback_service.sources.items import Item
from feedback_service.sources.models import SourceKind
from feedback_service.sources.registry import find_place, pushed_source

NEWS = timedelta(days=7)
"""How old a review may be to alert somebody, where an import tells at all: what is older is history."""

_BATCH = 200


@dataclass(slots=True)
class ReviewTotals:
    """What an import did, or with `dry_run` would do. `other_rows` are those the map leaves out."""

    rows: int = 0
    other_rows: int = 0
    problems: int = 0
    taken: Taken = field(default_factory=Taken)


@dataclass(frozen=True)
class ReviewDesk:
    """Where a review import writes, and how.

    Attributes:
        name: what the reviews are filed under: one source for each name.
        tells: reviews of the last days (`NEWS`) may alert; else all of it is history.
        dry_run: read and count, and store nothing.
    """

    services: ScanServices
    shop: Shop
    name: str
    tells: bool = False
    dry_run: bool = False
    tell: Callable[[Complaint], None] = field(default=lambda _complaint: None)


class ReviewImport:
    """One export, opened and understood; `run` imports it."""

    def __init__(self, path: Path, review_map: ReviewMap) -> None:
        """Open the file; raise `InvalidInputError` when it cannot be read or lacks a column."""
        self._map = review_map
        self._file = open_reviews(path, review_map)

    def run(self, desk: ReviewDesk) -> ReviewTotals:
        """Import the file; each bad record is told to `desk.tell` and left out."""
        totals = ReviewTotals()
        source_id = _source_id(desk)
        for batch in batched(self._items(desk, totals), _BATCH):
            totals.taken += _take(desk, source_id, batch)
        return totals

    def _items(self, desk: ReviewDesk, totals: ReviewTotals) -> Iterator[Item]:
        rows = ReviewRows(self._map, zone(self._map.time_zone or desk.shop.time_zone))
        seen = _Seen()
        for record in self._file.records():
            totals.rows += 1
            if isinstance(record, Record) and not rows.counts(record):
                totals.other_rows += 1
                continue
            item = _read(record, rows, seen)
            if isinstance(item, Complaint):
                totals.problems += 1
                desk.tell(item)
            elif item:
                yield item
            else:
                totals.taken += Taken(known=1)


def _read(record: Record | Complaint, rows: ReviewRows, seen: "_Seen") -> Item | Complaint | None:
    item = rows.item(record) if isinstance(record, Record) else record
    return seen.once(item, record.place) if isinstance(item, Item) else item


class _Seen:
    """Which ids the file has had: one that stands for two reviews is no id, and would hide one of them."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[str, str]] = {}

    def once(self, item: Item, place: str) -> Item | Complaint | None:
        """Return the item, None for the same one again, or a complaint about an id that is another review's too."""
        digest = content_digest(item.title, item.text, item.author, str(item.rating), str(item.published_at))
        before = self._places.setdefault(item.guid, (digest, place))
        if before[1] == place:
            return item
        if before[0] == digest:
            return None
        return Complaint(place, f"id: {item.guid[:50]!r} is that of another review too ({before[1]})")


def _source_id(desk: ReviewDesk) -> int | None:
    """Return the source of the import, added where it is new; None for a dry run of a new one."""
    now = desk.services.clock.now()
    if desk.dry_run:
        with desk.services.database.reading() as session:
            found = find_place(session, desk.shop, f"{SourceKind.PUSHED}:{desk.name}")
            return found.id if found else None
    with desk.services.database.writing() as session:
        return pushed_source(session, desk.shop, desk.name, now, about_us=True).id


def _take(desk: ReviewDesk, source_id: int | None, batch: Sequence[Item]) -> Taken:
    if source_id is None or desk.dry_run:
        known = count_known(desk.services, source_id, batch) if source_id else 0
        return Taken(len(batch) - known, known)
    since = desk.services.clock.now() - NEWS
    news = [item for item in batch if desk.tells and item.published_at and item.published_at > since]
    history = [item for item in batch if item not in news]
    taken = take_in(desk.services, source_id, history, tells=False)
    return taken + take_in(desk.services, source_id, news, tells=True)
