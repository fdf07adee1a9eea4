"""Which adapter reads which kind of source, and detection for those who do not know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from feedback_service.sources.adapters import Adapter, Asked, DocumentAdapter, Polled
from feedback_service.sources.articles.reader import read_article
from feedback_service.sources.errors import FetchError, FetchFailure, ReadError, ReadFailure
from feedback_service.sources.feeds.reader import read_feed
from feedback_service.sources.http.fetcher import FEED_TYPES, PAGE_TYPES, Fetcher
from feedback_service.sources.http.pages import Page
from feedback_service.sources.http.robots import Robots
from feedback_service.sources.items import Reading
from feedback_service.sources.models import API_KINDS, SourceKind
from feedback_service.sources.places import kind_of
from feedback_service.sources.recognition import recognise
from feedback_service.sources.review_pages.paged_reviews import MAX_PAGES, SECONDS, ReviewPageAdapter

_NOTHING_YET = "The page is made for reviews and has none yet; say that it is a review page to wait for the first."


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
        apis: Callable[[], Mapping[SourceKind, Adapter]] = dict,
        *,
        max_pages: int = MAX_PAGES,
        seconds: float = SECONDS,
    ) -> None:
        self._fetcher = fetcher
        self._robots = robots
        self._feeds = DocumentAdapter(fetcher, read_feed, FEED_TYPES)
        self._documents: dict[SourceKind, DocumentAdapter | ReviewPageAdapter] = {
            SourceKind.FEED: self._feeds,
            SourceKind.REVIEW_PAGE: ReviewPageAdapter(fetcher, robots.check, max_pages, seconds),
            SourceKind.ARTICLE: DocumentAdapter(fetcher, read_article, PAGE_TYPES, before_hop=robots.check),
        }
        # What speaks to review APIs takes 4 MB, and most shops have no account: it is loaded when it is asked for.
        self._apis = apis

    def poll(self, kind: SourceKind, asked: Asked) -> Polled:
        """Ask a source for what it holds now; raise `FetchError` or `ReadError`."""
        adapters: Mapping[SourceKind, Adapter] = self._apis() if kind in API_KINDS else self._documents
        adapter = adapters.get(kind)
        if adapter is None:
            sentence = "Nothing is fetched from here: what comes in is pushed or imported."
            raise FetchError(FetchFailure.BAD_ADDRESS, sentence, url=asked.url)
        return adapter.poll(asked)

    def find(self, url: str, kind: SourceKind | None = None) -> Found:
        """Say what stands at `url`; raise `FetchError`, or `ReadError` in the words of the likeliest kind.

        Without a `kind` the body says what it is. robots.txt is asked for once it is known that it is no feed.
        """
        kind = kind or kind_of(url)
        if kind is None:
            return self.identify(url, self.open(url))
        if kind not in self._documents:
            polled = self.poll(kind, Asked(url))
            return Found(kind, url, polled.reading or Reading("", ()), polled.page)
        adapter = self._documents[kind]
        page = adapter.fetch(url)
        return Found(kind, page.moved_to or url, adapter.read(page), page)

    def open(self, url: str) -> Page:
        """Fetch an address of which nothing is known yet; raise `FetchError`."""
        return self._fetcher.fetch(url)

    def identify(self, url: str, page: Page) -> Found:
        """Say what was fetched from `url`; raise `ReadError`, or `FetchError` where robots.txt forbids such a page."""
        document = recognise(page.body, page.url, page.headers)
        kind = SourceKind(document.kind)
        if kind is not SourceKind.FEED:
            if not document.reading.items and not document.reading.aggregate:
                raise ReadError(ReadFailure.NO_MARKUP, _NOTHING_YET, url=page.url)
            self._robots.check(page.url)
        return Found(kind, page.moved_to or url, document.reading, page)

    def guess(self, url: str) -> Found:
        """Say whether a feed stands at an address that nobody named: robots.txt is asked before (R55)."""
        adapter = replace(self._feeds, before_hop=self._robots.check)
        page = adapter.fetch(url)
        return Found(SourceKind.FEED, page.moved_to or url, adapter.read(page), page)

    def rest(self) -> None:
        """Close the connections that stand idle, for it will be long until the next poll; polls under way go on."""
        self._fetcher.rest()

    def robots_line(self, url: str) -> str:
        """Return the line of a site's robots.txt that decides on `url`; empty where none does."""
        return self._robots.line_for(url)
