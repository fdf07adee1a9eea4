"""Steps that the scan tests share: serve a feed, scan what is due, look at what was stored."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.db import Base, Database
from feedback_service.mentions.models import Mention
from feedback_service.scanning.rounds import scan_due
from tests.support.feeds import rss_item
from tests.support.scans import ScanStage

OLD = rss_item("Atelier Lumen : horrible, jamais remboursé", guid="old", link="https://blog.example.com/old")
BAD = rss_item("Chez Atelier Lumen, service horrible AL-10001", guid="bad", link="https://blog.example.com/post")
COMMENT = rss_item("Atelier Lumen : horrible pour moi aussi", guid="c1", link="https://blog.example.com/post#comment-1")
OTHER = rss_item("Un tout autre sujet, horrible aussi", guid="other", link="https://blog.example.com/other")


def serve(httpserver: HTTPServer, body: bytes | str, **more: Any) -> str:  # noqa: ANN401 - any of its options
    """Serve `body` at /feed from now on; return its address."""
    httpserver.clear()
    httpserver.expect_request("/robots.txt").respond_with_data("")
    httpserver.expect_request("/feed").respond_with_data(body, **more)
    return httpserver.url_for("/feed")


def scan_all(stage: ScanStage, later: timedelta = timedelta(hours=3)) -> int:
    """Let time pass, read every source that is due, and return how many were."""
    stage.clock.advance(later)
    return scan_due(stage)


def mentions(database: Database) -> list[Mention]:
    """Return the mentions in the order in which they were stored."""
    with database.reading() as session:
        return list(session.scalars(sa.select(Mention).order_by(Mention.id)))


def count(database: Database, table: type[Base]) -> int:
    """Return how many rows a table has."""
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
