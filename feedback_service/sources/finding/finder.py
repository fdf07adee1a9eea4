"""Finding out what can be read at an address that somebody pasted: few requests, one after the other.

    address -> is its place known? -> what is it? -> what does it name? -> what does its software serve?
            -> (nothing yet) where do sites usually have it? robots.txt is asked before each guess

Every candidate is read before it is offered: what is found has a kind, a title and items.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from feedback_service.sources.errors import FetchError, FetchFailure, ReadError
from feedback_service.sources.finding import discovery
from feedback_service.sources.finding.discovery import Candidate, Why
from feedback_service.sources.http.fetcher import check_address
from feedback_service.sources.http.pages import Page
from feedback_service.sources.items import Reading
from feedback_service.sources.models import SourceKind
from feedback_service.sources.places import account_of, check_place, kind_of
from feedback_service.sources.reading import Found, SourceReader

MOST_REQUESTS = 14
_MOST_POSTS = 4
_MOST_COMMENTS = 2
_HOST = re.compile(r"[^\s/:@?#]+\.[^\s/:@?#]+(?::\d{1,5})?(?:[/?#]\S*)?")
_NO_HTTPS = frozenset({FetchFailure.TLS, FetchFailure.UNREACHABLE, FetchFailure.TIMEOUT, FetchFailure.BROKEN})
# What a page says itself, then what is only likely; the next is asked where the one before gave nothing.
_TIERS = (Why.LINK, Why.SOFTWARE, Why.ANCHOR)
_OWN_KINDS = frozenset({SourceKind.FEED, SourceKind.REVIEW_PAGE})


@dataclass(frozen=True, slots=True)
class Discovered:
    """A source that was found and read: what it holds, why it was tried, and whether it carries comments."""

    found: Found
    why: Why
    is_comments: bool

    @property
    def url(self) -> str:
        """Where it is."""
        return self.found.url

    @property
    def title(self) -> str:
        """What it calls itself."""
        return self.found.reading.title


def discover(reader: SourceReader, address: str, seconds: float) -> tuple[Discovered, ...]:
    """Return the sources found at an address, the best first, never none.

    An account of an API (`trustpilot:main`) is asked, and a name that things are pushed under is taken as it is.

    Args:
        reader: fetches and reads.
        address: as somebody pasted it, with or without a scheme.
        seconds: no further request is begun after that long.

    Raises `FetchError` where the address cannot be read, and `ReadError` where nothing can be read there.
    """
    if kind_of(address):
        return (named(reader, address),)
    if "://" in address or not _HOST.fullmatch(address.strip()):
        return _Search(reader, seconds).at(check_address(address))
    secure = check_address(f"https://{address.strip()}")
    try:
        return _Search(reader, seconds).at(secure)
    except FetchError as error:
        if error.kind not in _NO_HTTPS:
            raise
    return _Search(reader, seconds).at(check_address(f"http://{address.strip()}"))


def named(reader: SourceReader, place: str, kind: SourceKind | None = None) -> Discovered:
    """Return the source at a place whose kind is said, by the place itself or by `kind`: nothing is searched.

    Nothing is fetched for what is pushed. Raises `FetchError` and `ReadError`.
    """
    where = check_place(place, kind)
    if kind_of(where) is SourceKind.PUSHED:
        found = Found(SourceKind.PUSHED, where, Reading(account_of(where), ()), Page(where, b""))
    else:
        found = reader.find(where, kind)
    return Discovered(found, Why.GIVEN, discovery.is_comments(found.url, found.reading.title))


class _Search:
    """One search: what was found so far, and what may still be asked."""

    def __init__(self, reader: SourceReader, seconds: float) -> None:
        self._reader = reader
        self._until = time.monotonic() + seconds
        self._requests = 0
        self._asked: set[str] = set()
        self._found: list[Discovered] = []
        self._failures: list[str] = []

    def at(self, url: str) -> tuple[Discovered, ...]:
        self._ask(discovery.known_places(url))
        if self._found:
            return self._best_first()
        self._asked.add(url)
        page = self._reader.open(url)
        self._asked.add(page.url)
        unread = self._take_page(url, page)
        named = discovery.candidates(page.url, page.body, page.headers)
        for tier in _TIERS:
            self._ask(_few([each for each in named if each.why is tier and not self._has(each)]))
        # Who may not read the page is told so; a feed somewhere else on the site is not what was asked for.
        is_refused = isinstance(unread, FetchError)
        if not is_refused and discovery.is_page(page.body) and not self._has_own_kind():
            self._guess(page.url)
        if not self._found:
            raise self._nothing(unread, page)
        return self._best_first()

    def _take_page(self, url: str, page: Page) -> FetchError | ReadError | None:
        """Take the page itself for a source if it is one; return why it is none."""
        try:
            found = self._reader.identify(url, page)
        except (FetchError, ReadError) as error:
            return error
        self._add(Discovered(found, Why.GIVEN, discovery.is_comments(found.url, found.reading.title)))
        return None

    def _ask(self, wanted: Sequence[Candidate]) -> None:
        for candidate in wanted:
            if self._may_ask(candidate.url):
                try:
                    found = self._reader.find(candidate.url, candidate.kind)
                except (FetchError, ReadError) as error:
                    self._failures.append(f"{candidate.url}: {error}")
                else:
                    self._add(Discovered(found, candidate.why, candidate.is_comments))

    def _guess(self, url: str) -> None:
        """Try the usual places until one holds."""
        for candidate in discovery.usual_places(url):
            if self._may_ask(candidate.url):
                try:
                    found = self._reader.guess(candidate.url)
                except (FetchError, ReadError):
                    continue
                self._add(Discovered(found, candidate.why, candidate.is_comments))
                return

    def _may_ask(self, url: str) -> bool:
        if url in self._asked or self._requests >= MOST_REQUESTS or time.monotonic() > self._until:
            return False
        self._asked.add(url)
        self._requests += 1
        return True

    def _has_own_kind(self) -> bool:
        return any(each.found.kind in _OWN_KINDS for each in self._found)

    def _has(self, wanted: Candidate) -> bool:
        """Tell whether such a source was found by a stronger sign."""
        is_weaker = wanted.why is not Why.LINK
        return is_weaker and any(each.is_comments == wanted.is_comments for each in self._found)

    def _add(self, new: Discovered) -> None:
        """Take what was found, unless it is there already: under its address, or in another format."""
        links = _links(new)
        for known in self._found:
            if known.url == new.url or (links and links == _links(known)):
                return
        self._found.append(new)

    def _best_first(self) -> tuple[Discovered, ...]:
        return tuple(sorted(self._found, key=_rank))

    def _nothing(self, unread: FetchError | ReadError | None, page: Page) -> FetchError | ReadError:
        """Return why nothing can be read: what the page is, and what became of what it names."""
        assert unread is not None  # noqa: S101 - a page that could be read would have been found
        if isinstance(unread, FetchError):
            return unread
        tried = f" What it names cannot be read: {self._failures[0]}" if self._failures else ""
        guessed = " No feed stands at the usual places of the site." if discovery.is_page(page.body) else ""
        sentence = f"{unread}{tried}{guessed}"
        return ReadError(unread.kind, sentence, url=page.url, feed_url=unread.feed_url)


def _few(named: Sequence[Candidate]) -> list[Candidate]:
    """Return the first of the posts and of the comments: a newspaper names a feed for each of its columns."""
    posts = [candidate for candidate in named if not candidate.is_comments]
    comments = [candidate for candidate in named if candidate.is_comments]
    return [*posts[:_MOST_POSTS], *comments[:_MOST_COMMENTS]]


def _links(discovered: Discovered) -> frozenset[str]:
    items = discovered.found.reading.items
    return frozenset(item.url for item in items) if discovered.found.kind is SourceKind.FEED else frozenset()


def _rank(discovered: Discovered) -> tuple[bool, bool, bool]:
    """Return a key that puts what is worth most first: posts and reviews, then comments, then mere articles."""
    found = discovered.found
    return found.kind not in _OWN_KINDS, discovered.is_comments, not found.reading.items
