"""Which adapter reads which kind of source, and detection for those who do not know."""

from collections.abc import Mapping
from dataclasses import dataclass

from feedback_service.sources.adapters import Adapter, Asked, DocumentAdapter, Polled
from feedback_service.sources.articles import read_article
from feedback_service.sources.errors import FetchError, FetchFailure, ReadError, ReadFailure
from feedback_service.sources.feeds import read_feed
from feedback_service.sources.http import FEED_TYPES, PAGE_TYPES, Fetcher
from feedback_service.sources.items import Reading
from feedback_service.sources.models import SourceKind
from feedback_service.sources.paged_reviews import MAX_PAGES, SECONDS, ReviewPageAdapter
from feedback_service.sources.pages import Page
from feedback_service.sources.places import kind_of
from feedback_service.sources.robots import Robots


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at an address: the kind that reads it, where it really is, and what it holds."""

    kind: SourceKind
    url: str
    reading: Reading
    page: Page


class SourceReader:
    """Fetches and reads sources of every kind."""

    def __init__(
        self,
        fetcher: Fetcher,
        robots: Robots,
        apis: Mapping[SourceKind, Adapter] | None = None,
        *,
        max_pages: int = MAX_PAGES,
        seconds: float = SECONDS,
    ) -> None:
        self._fetcher = fetcher
        self._robots = robots
        self._documents: dict[SourceKind, DocumentAdapter | ReviewPageAdapter] = {
            SourceKind.FEED: DocumentAdapter(fetcher, read_feed, FEED_TYPES),
            SourceKind.REVIEW_PAGE: ReviewPageAdapter(fetcher, robots.check, max_pages, seconds),
            SourceKind.ARTICLE: DocumentAdapter(fetcher, read_article, PAGE_TYPES, before_hop=robots.check),
        }
        self._adapters: dict[SourceKind, Adapter] = {**self._documents, **(apis or {})}

    def poll(self, kind: SourceKind, asked: Asked) -> Polled:
        """Ask a source for what it holds now; raise `FetchError` or `ReadError`."""
        adapter = self._adapters.get(kind)
        if adapter is None:
            sentence = "Nothing is fetched from here: what comes in is pushed or imported."
            raise FetchError(FetchFailure.BAD_ADDRESS, sentence, url=asked.url)
        return adapter.poll(asked)

    def find(self, url: str, kind: SourceKind | None = None) -> Found:
        """Say what stands at `url`; raise `FetchError`, or `ReadError` in the words of the likeliest kind.

        Without a `kind` the body is tried as a feed, then as a review page, then as an article. robots.txt is
        asked for once it is known that the page is one.
        """
        kind = kind or kind_of(url)
        if kind and kind not in self._documents:
            polled = self.poll(kind, Asked(url))
            return Found(kind, url, polled.reading or Reading("", ()), polled.page)
        if kind:
            adapter = self._documents[kind]
            page = adapter.fetch(url)
            return Found(kind, page.moved_to or url, adapter.read(page), page)
        page = self._fetcher.fetch(url)
        try:
            return Found(SourceKind.FEED, page.moved_to or url, self._documents[SourceKind.FEED].read(page), page)
        except ReadError as error:
            if error.kind is not ReadFailure.NOT_A_FEED:
                raise
            return self._find_page(url, page, error)

    def _find_page(self, url: str, page: Page, not_a_feed: ReadError) -> Found:
        for kind in (SourceKind.REVIEW_PAGE, SourceKind.ARTICLE):
            try:
                reading = self._documents[kind].read(page)
            except ReadError:
                continue
            if reading.items or reading.aggregate:
                self._robots.check(page.url)
                return Found(kind, page.moved_to or url, reading, page)
        sentence = f"{not_a_feed} It carries no reviews that a program can read either."
        raise ReadError(not_a_feed.kind, sentence, url=page.url, feed_url=not_a_feed.feed_url) from not_a_feed
