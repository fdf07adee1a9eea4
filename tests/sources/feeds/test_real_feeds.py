"""All real feeds through a server and the reader of sources: what feedparser's own reading of the files says."""

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feedback_service.clock import ManualClock
from feedback_service.sources.adapters import Asked
from feedback_service.sources.errors import ReadError
from feedback_service.sources.feeds.lenient_feeds import parse_leniently
from feedback_service.sources.feeds.platforms import as_written
from feedback_service.sources.feeds.reader import read_feed
from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.http.robots import Robots
from feedback_service.sources.items import Item
from feedback_service.sources.models import SourceKind
from feedback_service.sources.reading import SourceReader
from feedback_service.sources.texts.plain import MAX_TEXT

pytestmark = pytest.mark.shared

# Its title is an image and nothing else, which is no text.
WITHOUT_WORDS = {"feedparser/tests_wellformed_sanitize_entry_title_onmouseover.xml"}

WITHOUT_ADDRESS = {"lemon24_reader/empty.atom", "lemon24_reader/full.atom"}
"""Where an identifier like urn:uuid:... stands for a link that is missing: nobody can open it, so it is none for us."""


@pytest.fixture
def folder(shared: Path) -> Path:
    """Where the real feeds are."""
    return shared / "data/feeds"


@pytest.fixture
def oracle(folder: Path) -> dict[str, dict[str, Any]]:
    """What feedparser says of each file that is XML."""
    files = json.loads((folder / "feedparser_oracle.json").read_text(encoding="utf-8"))["files"]
    return {name: said for name, said in files.items() if not name.endswith(".json")}


@pytest.fixture
def site(httpserver: HTTPServer, folder: Path) -> str:
    """A server that has every file under its name, as XML without a charset."""

    def answer(request: Request) -> Response:
        path = folder / request.path.lstrip("/")
        return Response(path.read_bytes() if path.is_file() else b"", 200, content_type="application/xml")

    httpserver.expect_request("/robots.txt").respond_with_data("")
    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    return httpserver.url_for("/")


@pytest.fixture
def reader(fetcher: Fetcher, clock: ManualClock) -> SourceReader:
    """Reads sources of this machine."""
    return SourceReader(fetcher, Robots(fetcher, clock))


def test_every_feed_that_is_served_gives_the_entries_that_feedparser_counts(
    oracle: dict[str, dict[str, Any]], site: str, reader: SourceReader
) -> None:
    wrong = {}
    for name, said in oracle.items():
        found = _polled(reader, f"{site}{name}")
        counted = {
            "entries": len(found),
            "no_title": sum(not item.title for item in found) * (name not in WITHOUT_WORDS),
            "no_id": sum(not item.guid for item in found),
            "no_date": sum(item.published_at is None for item in found),
            "no_link": sum(not item.url for item in found) * (name not in WITHOUT_ADDRESS),
        }
        expected = {key: said[key] for key in counted}
        if counted != expected:
            wrong[name] = (counted, expected)
    assert wrong == {}


def test_every_feed_gives_the_words_that_feedparser_gives(oracle: dict[str, dict[str, Any]], folder: Path) -> None:
    for name, said in oracle.items():
        if not said["entries"]:
            continue
        body = (folder / name).read_bytes()
        parsed = parse_leniently(body, "", {})
        assert parsed is not None
        read = read_feed(body, "https://blog.example.com/feed", {})
        expected = as_written(parsed, "https://blog.example.com/feed").entries
        for item, entry in zip(read.items, expected, strict=True):
            assert item.title == " ".join(entry.title.plain().split()), name
            assert item.text == max((text.plain() for text in entry.texts), key=len), name
            assert item.published_at == entry.published_at, name


@pytest.mark.parametrize("kept", [0.5, 0.95])
def test_a_feed_that_breaks_off_gives_its_beginning_or_a_reason(folder: Path, kept: float) -> None:
    for body in _bodies(folder):
        with contextlib.suppress(ReadError):
            reading = read_feed(body[: int(len(body) * kept)], "https://blog.example.com/feed", {})
            assert all(len(item.text) <= MAX_TEXT for item in reading.items)


def _bodies(folder: Path) -> Iterator[bytes]:
    return (path.read_bytes() for path in sorted(folder.glob("*/*")) if path.is_file())


def _polled(reader: SourceReader, address: str) -> tuple[Item, ...]:
    try:
        reading = reader.poll(SourceKind.FEED, Asked(address)).reading
    except ReadError:
        return ()
    return reading.items if reading else ()
