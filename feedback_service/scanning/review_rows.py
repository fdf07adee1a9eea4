"""From a record of an export to the item of a review. Pure; what is wrong with it comes back in words."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import TypeVar

from feedback_service.hashing import content_digest
from feedback_service.returns.connectors import csv_values
from feedback_service.returns.values import BadValueError
from feedback_service.scanning.review_files import Complaint, Record
from feedback_service.scanning.review_map import ReviewMap
from feedback_service.sources.errors import FetchError
from feedback_service.sources.feeds.stars import stated
from feedback_service.sources.http.fetcher import check_address
from feedback_service.sources.items import Item, pseudonym, short_guid
from feedback_service.sources.texts.plain import html_to_text, one_line

Value = TypeVar("Value")


class ReviewRows:
    """Makes items of records, by a map and the zone in which dates without an offset are meant."""

    def __init__(self, review_map: ReviewMap, tz: tzinfo) -> None:
        self._map = review_map
        self._part = review_map.reviews
        self._tz = tz

    def counts(self, record: Record) -> bool:
        """Tell whether the record is a review at all, by the map."""
        return all(test.holds(record.cells) for test in self._part.rows)

    def item(self, record: Record) -> Item | Complaint:
        """Return the review of a record; its author is a pseudonym, and no markup is left (R18)."""
        try:
            return self._item(record)
        except BadValueError as error:
            return Complaint(record.place, str(error))

    def _item(self, record: Record) -> Item:
        title = one_line(html_to_text(self._raw(record, "title")))
        text = html_to_text(self._raw(record, "text"))
        rating, best = self._read(record, "rating", lambda raw: self._rating(record, raw)) or (None, None)
        if not title and not text and rating is None:
            msg = "has neither a text nor a rating"
            raise BadValueError(msg)
        author = pseudonym(self._raw(record, "author"))
        published_at = self._read(record, "published_at", self._instant)
        own_id = one_line(self._raw(record, "id"))
        # Without an id a review is known by all that it says: the same export twice finds it again.
        content = (author, str(published_at), str(rating), title, text)
        return Item(
            guid=short_guid(own_id) if own_id else f"sha256:{content_digest(*content)}",
            url=self._read(record, "url", _address) or "",
            title=title,
            text=text,
            author=author,
            published_at=published_at,
            rating=rating,
            best_rating=best,
        )

    def _raw(self, record: Record, field: str) -> str:
        constants = self._part.constants
        return constants[field] if field in constants else record.cells.get(self._part.column(field), "").strip()

    def _read(self, record: Record, field: str, parse: Callable[[str], Value]) -> Value | None:
        raw = self._raw(record, field)
        try:
            return parse(raw) if raw else None
        except BadValueError as error:
            msg = f"{field}: {error}"
            raise BadValueError(msg) from error

    def _rating(self, record: Record, raw: str) -> tuple[float, float]:
        number = str(self._part.ratings[raw]) if raw in self._part.ratings else raw
        value, best = stated(number, self._raw(record, "best_rating"))
        if value is None or best is None:
            msg = f"{raw[:50]!r} is not a rating"
            raise BadValueError(msg)
        return value, best

    def _instant(self, raw: str) -> datetime:
        return csv_values.instant(raw, self._tz, self._map.date_format)


def _address(raw: str) -> str:
    try:
        check_address(raw)
    except FetchError as error:
        msg = f"{raw[:100]!r} is not an address that begins with http:// or https://"
        raise BadValueError(msg) from error
    return one_line(raw)
