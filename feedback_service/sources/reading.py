"""How each kind of source is fetched and read: one row per kind, and detection for those who do not know.

To add a kind: a member of `SourceKind`, a reader (bytes, address, headers -> `Reading`, raising
`ReadError`), and a row in `_KINDS`. docs/sources.md has the checklist.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.feeds import read_feed
from feedback_service.sources.http import FEED_TYPES, PAGE_TYPES, Fetcher
from feedback_service.sources.items import Reading
from feedback_service.sources.models import SourceKind
from feedback_service.sources.pages import NO_VALIDATORS, Page, Validators
from feedback_service.sources.review_pages import read_review_page
from feedback_service.sources.robots import Robots

Reader = Callable[[bytes, str, Mapping[str, str]], Reading]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a kind is read: `is_for_people` pages obey robots.txt (R55); `is_about_us` by default."""

    read: Reader
    accept: str
    is_for_people: bool
    is_about_us: bool


_KINDS = {
    SourceKind.FEED: _Kind(read_feed, FEED_TYPES, is_for_people=False, is_about_us=False),
    SourceKind.REVIEW_PAGE: _Kind(read_review_page, PAGE_TYPES, is_for_people=True, is_about_us=True),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at an address: the kind that reads it, where it really is, and what it holds."""

    kind: SourceKind
    url: str
    reading: Reading
    page: Page


def is_about_us_by_default(kind: SourceKind) -> bool:
    """Tell whether everything in a source of this kind is about the shop unless somebody says otherwise."""
    return _KINDS[kind].is_about_us


class SourceReader:
    """Fetches and reads sources of every kind."""

    def __init__(self, fetcher: Fetcher, robots: Robots) -> None:
        self._fetcher = fetcher
        self._robots = robots

    def fetch(self, kind: SourceKind, url: str, validators: Validators = NO_VALIDATORS) -> Page:
        """Fetch a source politely; raise `FetchError`."""
        how = _KINDS[kind]
        check = self._robots.check if how.is_for_people else None
        return self._fetcher.fetch(url, validators=validators, accept=how.accept, before_hop=check)

    def read(self, kind: SourceKind, page: Page) -> Reading:
        """Read a fetched body; raise `ReadError`."""
        return _KINDS[kind].read(page.body, page.url, page.headers)

    def find(self, url: str, kind: SourceKind | None = None) -> Found:
        """Say what stands at `url`; raise `FetchError`, or `ReadError` in the words of the likeliest kind.

        Without a `kind` the body is tried as a feed, then as a review page. robots.txt is asked for
        once it is known that the page is one.
        """
        if kind:
            page = self.fetch(kind, url)
            return Found(kind, page.moved_to or url, self.read(kind, page), page)
        page = self._fetcher.fetch(url)
        try:
            return Found(SourceKind.FEED, page.moved_to or url, self.read(SourceKind.FEED, page), page)
        except ReadError as error:
            if error.kind is not ReadFailure.NOT_A_FEED:
                raise
            return self._find_review_page(url, page, error)

    def _find_review_page(self, url: str, page: Page, not_a_feed: ReadError) -> Found:
        try:
            reading = self.read(SourceKind.REVIEW_PAGE, page)
        except ReadError as error:
            sentence = f"{not_a_feed} It carries no reviews that a program can read either."
            raise ReadError(not_a_feed.kind, sentence, url=page.url, feed_url=not_a_feed.feed_url) from error
        if not reading.items:
            raise not_a_feed
        self._robots.check(page.url)
        return Found(SourceKind.REVIEW_PAGE, page.moved_to or url, reading, page)
