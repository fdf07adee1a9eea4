"""From page to page of a review API, newest first, and where to stop.

the end | a page that holds nothing newer than what is stored | the bound      -> the walk is whole
the service asks for a pause, an answer takes too long, or the time is up      -> it is not: the next poll begins anew
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from feedback_service.sources.apis import limits
from feedback_service.sources.apis.services import ApiPage
from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http.pages import Answer
from feedback_service.sources.items import Item

_PAUSES = frozenset({FetchFailure.BUSY, FetchFailure.TIMEOUT})


@dataclass(frozen=True, slots=True)
class Fetched:
    """One page with the answer that brought it."""

    url: str
    answer: Answer
    page: ApiPage


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a walk goes. `ends_at` is on the monotonic clock; up to `known_until` everything is stored."""

    max_pages: int
    ends_at: float
    known_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """What was read. `wait` are the seconds that the service asks for, where it stopped us."""

    items: tuple[Item, ...]
    newest_at: datetime | None
    is_whole: bool
    wait: int | None = None


def walk(first: Fetched, fetch: Callable[[str], Fetched], bounds: Bounds) -> Walk:
    """Return the reviews of the pages from `first` on; raise what `fetch` raises, but for a pause."""
    pages, seen, here = [first.page], {first.url}, first
    while here.page.next_url and here.page.next_url not in seen and len(pages) < bounds.max_pages:
        if bounds.known_until and holds_nothing_newer(here.page, bounds.known_until):
            break
        if limits.is_used_up(here.answer) or time.monotonic() > bounds.ends_at:
            return _walked(pages, is_whole=False)
        seen.add(here.page.next_url)
        try:
            here = fetch(here.page.next_url)
        except FetchError as error:
            if error.kind not in _PAUSES:
                raise
            return _walked(pages, is_whole=False, wait=error.retry_after)
        pages.append(here.page)
    return _walked(pages, is_whole=True)


def holds_nothing_newer(page: ApiPage, known_until: datetime) -> bool:
    """Tell whether every review of a page is from `known_until` or before; a page without dates proves nothing."""
    return bool(page.moments) and max(page.moments) <= known_until


def _walked(pages: list[ApiPage], *, is_whole: bool, wait: int | None = None) -> Walk:
    newest_at = max((moment for page in pages for moment in page.moments), default=None)
    return Walk(_once(item for page in pages for item in page.items), newest_at, is_whole, wait)


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return each review once: one that comes in while we turn the page pushes another onto the next."""
    by_id: dict[str, Item] = {}
    for item in items:
        by_id.setdefault(item.guid, item)
    return tuple(by_id.values())
