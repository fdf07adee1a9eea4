"""From page to page, for any service: nothing newer than what is stored is ever missed."""

import time
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.apis.services import ApiPage
from feedback_service.sources.apis.walk import Bounds, Fetched, walk
from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http.pages import Answer
from feedback_service.sources.items import Item

START = datetime(2026, 11, 1, tzinfo=UTC)
FINE = Answer(200, {}, b"")


def pages_of(ages: list[int], size: int) -> list[ApiPage]:
    """Return pages of `size` reviews, newest first, each named by its number."""
    moments = sorted((START + timedelta(minutes=age) for age in ages), reverse=True)
    items = [Item(str(number), "", "", "Nul", published_at=moment) for number, moment in enumerate(moments)]
    pages = [items[at : at + size] for at in range(0, len(items), size)] or [[]]
    return [
        ApiPage(
            tuple(page),
            tuple(item.published_at for item in page if item.published_at),
            str(number + 1) if number + 1 < len(pages) else "",
        )
        for number, page in enumerate(pages)
    ]


@given(
    ages=st.lists(st.integers(0, 60), max_size=40),
    size=st.integers(1, 7),
    known=st.none() | st.integers(0, 60),
    max_pages=st.integers(1, 50),
)
def test_all_that_is_newer_is_read_within_the_bound(
    ages: list[int], size: int, known: int | None, max_pages: int
) -> None:
    pages = pages_of(ages, size)
    known_until = START + timedelta(minutes=known) if known is not None else None
    asked: list[str] = []

    def fetch(url: str) -> Fetched:
        asked.append(url)
        return Fetched(url, FINE, pages[int(url)])

    walked = walk(Fetched("0", FINE, pages[0]), fetch, Bounds(max_pages, time.monotonic() + 60, known_until))
    assert walked.is_whole
    assert len(asked) < max_pages
    wanted = [item for page in pages[:max_pages] for item in page.items]
    if known_until:
        wanted = [item for item in wanted if item.published_at and item.published_at > known_until]
    assert {item.guid for item in wanted} <= {item.guid for item in walked.items}


def test_when_the_time_is_up_the_rest_waits() -> None:
    pages = pages_of(list(range(10)), 2)

    def fetch(url: str) -> Fetched:
        raise AssertionError(url)

    walked = walk(Fetched("0", FINE, pages[0]), fetch, Bounds(50, time.monotonic() - 1))
    assert (len(walked.items), walked.is_whole) == (2, False)


def test_a_slow_page_keeps_what_was_read() -> None:
    pages = pages_of(list(range(10)), 2)

    def fetch(url: str) -> Fetched:
        raise FetchError(FetchFailure.TIMEOUT, "The site takes too long to answer (fetch_timeout).", url=url)

    walked = walk(Fetched("0", FINE, pages[0]), fetch, Bounds(50, time.monotonic() + 60))
    assert (len(walked.items), walked.is_whole, walked.wait) == (2, False, None)
