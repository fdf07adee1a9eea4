"""Review pages that go on: the next ones are read too, up to a bound, and only when the first has something new.

first page --304, same bytes, same reviews--> nothing
     |
   next? --same host, robots.txt, new address, something new on it, pages left, time left--> next? ...
"""

import hashlib
import time
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from feedback_service.sources.adapters import Asked, Polled
from feedback_service.sources.errors import FetchError, FetchFailure, ReadError
from feedback_service.sources.http.fetcher import PAGE_TYPES, Fetcher, HopCheck
from feedback_service.sources.http.pages import NO_VALIDATORS, Page, Validators
from feedback_service.sources.items import Item, Reading
from feedback_service.sources.review_pages.reader import ReviewPage, is_cut, open_review_page

MAX_PAGES = 5
SECONDS = 20.0
_PASSING = frozenset({
    FetchFailure.UNKNOWN_HOST, FetchFailure.UNREACHABLE, FetchFailure.TLS, FetchFailure.TIMEOUT, FetchFailure.BROKEN,
    FetchFailure.BUSY, FetchFailure.SERVER,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Followed:
    """All reviews that were read; `goes_on`: there is more; `again`: a passing fault ended it, so try the next time."""

    items: tuple[Item, ...]
    goes_on: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class ReviewPageAdapter:
    """Reads a page of reviews and those that follow it: `max_pages` in all, begun within `seconds`.

    The first page is asked conditionally. When its reviews are those of the last poll, whatever else has changed in
    its bytes (a token, a counter), the poll ends there. So the last page of a long list is asked for only when the
    first one has news, and an edit further back is seen then.
    """

    fetcher: Fetcher
    before_hop: HopCheck
    max_pages: int = MAX_PAGES
    seconds: float = SECONDS

    def poll(self, asked: Asked) -> Polled:
        """Fetch the page and what follows; raise `FetchError` or `ReadError` for the first page only."""
        until = time.monotonic() + self.seconds
        # Without a digest the last poll did not get to the end: "not modified" would hide the rest for good.
        page = self.fetch(asked.url, asked.validators if asked.body_digest else NO_VALIDATORS)
        if page.unchanged:
            return Polled(page, asked.body_digest, None)
        known_bytes, _, known_reviews = (asked.body_digest or "").partition(":")
        bytes_digest = hashlib.sha256(page.body).hexdigest()
        if bytes_digest == known_bytes:
            return Polled(page, asked.body_digest, None)
        first = open_review_page(page.body, page.url, page.headers)
        digest = f"{bytes_digest}:{_digest(first.reading)}"
        if digest == f"{bytes_digest}:{known_reviews}":
            return Polled(page, digest, None)
        followed = self._follow(first, page.url, until)
        cut = followed.goes_on or is_cut(followed.items, first.reading.aggregate, "")
        reading = replace(first.reading, items=followed.items, is_cut=cut)
        return Polled(page, None if followed.again else digest, reading)

    def fetch(self, url: str, validators: Validators = NO_VALIDATORS) -> Page:
        """Fetch one page; raise `FetchError`."""
        return self.fetcher.fetch(url, validators=validators, accept=PAGE_TYPES, before_hop=self.before_hop)

    def read(self, page: Page) -> Reading:
        """Read one fetched page; raise `ReadError`."""
        return open_review_page(page.body, page.url, page.headers).reading

    def _follow(self, first: ReviewPage, url: str, until: float) -> _Followed:
        items = dict.fromkeys(first.reading.items)
        visited, next_url = {url}, first.next_url
        while next_url:
            if next_url in visited or len(visited) >= self.max_pages:
                return _Followed(tuple(items), goes_on=True)
            if time.monotonic() >= until:
                return _Followed(tuple(items), goes_on=True, again=True)
            visited.add(next_url)
            try:
                following = self._open(next_url, url)
            except FetchError as error:
                return _Followed(tuple(items), goes_on=True, again=error.kind in _PASSING)
            except ReadError:
                return _Followed(tuple(items), goes_on=True)
            # A review moves from page to page as new ones come in: it stands on the list, which the first page is.
            fresh = [moved for item in following.reading.items if (moved := replace(item, page_url=url)) not in items]
            if not fresh:
                return _Followed(tuple(items), goes_on=True)
            items.update(dict.fromkeys(fresh))
            next_url = following.next_url
        return _Followed(tuple(items))

    def _open(self, next_url: str, first_url: str) -> ReviewPage:
        page = self.fetch(next_url)
        if urlsplit(page.url).hostname != urlsplit(first_url).hostname:
            raise FetchError(FetchFailure.REDIRECTS, "The next page is on another host.", url=page.url)
        return open_review_page(page.body, page.url, page.headers)


def _digest(reading: Reading) -> str:
    return hashlib.sha256(repr((reading.items, reading.aggregate)).encode("utf-8", "replace")).hexdigest()
