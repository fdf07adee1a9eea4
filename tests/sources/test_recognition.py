"""What a document is, by its content."""

import pytest

from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.models import SourceKind
from feedback_service.sources.recognition import recognise
from tests.support.feeds import review, review_page, rss, rss_item

URL = "https://site.example.com/"


@pytest.mark.parametrize(
    ("body", "kind", "items"),
    [
        (rss(rss_item("x")), SourceKind.FEED, 1),
        (rss(), SourceKind.FEED, 0),
        (review_page([review("Nul")]), SourceKind.REVIEW_PAGE, 1),
        (review_page([]), SourceKind.REVIEW_PAGE, 0),
    ],
    ids=["feed", "empty feed", "reviews", "no review yet"],
)
def test_a_document_is_what_it_holds_whatever_it_is_called(body: bytes, kind: SourceKind, items: int) -> None:
    found = recognise(body, URL, {"content-type": "image/png"})
    assert (SourceKind(found.kind), len(found.reading.items)) == (kind, items)


@pytest.mark.parametrize("body", [b"", b"Bonjour", b"<html><p>Bonjour</p></html>", b"{}", b"\x89PNG\r\n", b"<" * 5000])
def test_what_is_nothing_of_ours_is_refused(body: bytes) -> None:
    with pytest.raises(ReadError):
        recognise(body, URL, {})


def test_a_feed_that_is_dangerous_is_not_tried_as_something_else() -> None:
    bomb = b'<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">]><rss version="2.0"><channel/></rss>'
    with pytest.raises(ReadError) as raised:
        recognise(bomb, URL, {})
    assert raised.value.kind is ReadFailure.ENTITIES
