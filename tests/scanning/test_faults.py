"""A source that fails, or a fault of our own, never stops the others and loses nothing."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.mentions.models import Document
from feedback_service.shops.models import Shop
from feedback_service.sources import registry
from feedback_service.sources.models import Source, SourceKind, SourceState
from tests.scanning.steps import BAD, OLD, count, mentions, scan_all, serve
from tests.support.builders import NOW
from tests.support.feeds import rss
from tests.support.scans import ScanStage
from tests.support.wire import raw_server, sending

FAULTS = {
    403: SourceState.BLOCKED,
    404: SourceState.DOWN,
    410: SourceState.DOWN,
    429: SourceState.DOWN,
    500: SourceState.DOWN,
}


@pytest.mark.parametrize(("status", "state"), FAULTS.items())
def test_a_source_that_fails_says_so_and_stops_no_other(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop, status: int, state: SourceState
) -> None:
    good_url = serve(httpserver, rss(BAD))
    httpserver.expect_request("/bad").respond_with_data("", status, {"Retry-After": "90000"})
    bad, good = stage.add(shop, httpserver.url_for("/bad")), stage.add(shop, good_url)
    assert scan_all(stage) == 2
    failed = stage.source(bad)
    assert (failed.state, failed.failures, failed.baseline_at) == (state, 1, None)
    assert f"HTTP {status}" in failed.state_reason
    if status == 410:
        assert failed.due_at is None
    else:
        assert failed.due_at is not None
        assert failed.due_at >= stage.clock.now() + timedelta(hours=25)
    assert stage.source(good).state is SourceState.OK


def test_a_failing_source_is_asked_less_and_less_and_recovers(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    url = serve(httpserver, "", status=500)
    source_id = stage.add(shop, url)
    waits = []
    for _ in range(3):
        scan_all(stage, timedelta(days=2))
        waits.append((stage.source(source_id).due_at or NOW) - stage.clock.now())
    assert waits[0] < waits[1] < waits[2]
    since = stage.source(source_id).state_since
    assert since == NOW + timedelta(days=2)
    serve(httpserver, rss(OLD))
    scan_all(stage, timedelta(days=2))
    source = stage.source(source_id)
    assert (source.state, source.failures, source.state_since) == (SourceState.OK, 0, stage.clock.now())
    assert stage.story_desk.told == []


def test_a_page_instead_of_the_feed_is_a_changed_source(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(OLD)))
    scan_all(stage)
    serve(httpserver, "<!DOCTYPE html><html><body>We have moved</body></html>")
    scan_all(stage)
    source = stage.source(source_id)
    assert source.state is SourceState.CHANGED
    assert "HTML page, not a feed" in source.state_reason
    assert "could be read before" in source.state_reason


def test_robots_block_a_page_in_words(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    url = httpserver.url_for("/avis")
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /")
    source_id = stage.add(shop, url, SourceKind.REVIEW_PAGE)
    scan_all(stage)
    source = stage.source(source_id)
    assert source.state is SourceState.ROBOTS
    assert "robots.txt" in source.state_reason


def test_endless_and_huge_sources_stop_no_other(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    chunk = b"<item>" + b"x" * 100_000
    with raw_server(sending(head, (chunk for _ in range(500)))) as huge:
        sources = [stage.add(shop, huge), stage.add(shop, serve(httpserver, rss(OLD)))]
        assert scan_all(stage) == 2
    assert [stage.source(source).state for source in sources] == [SourceState.DOWN, SourceState.OK]
    assert "fetch_max_bytes" in stage.source(sources[0]).state_reason


def test_our_own_fault_stops_no_other_source_and_stores_nothing(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    first = stage.add(shop, serve(httpserver, rss()))
    scan_all(stage)
    serve(httpserver, rss(BAD))
    stage.story_desk.explodes = True
    scan_all(stage)
    source = stage.source(first)
    assert source.state is SourceState.DOWN
    assert "fault of this program" in source.state_reason
    assert mentions(stage.database) == []
    stage.story_desk.explodes = False
    scan_all(stage, timedelta(days=1))
    assert len(stage.story_desk.told) == 1


def test_a_scan_that_lost_its_claim_stores_nothing(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(BAD)))

    class Stealing:
        """Another process takes the claim while this one judges."""

        def score(self, text: str, language: str | None = None) -> Any:  # noqa: ANN401 - never gives one
            with stage.database.writing() as session:
                session.execute(sa.update(Source).values(claim="theirs"))
            return stage_scorer.score(text, language)

    stage_scorer = stage.scorer
    stage.scorer = Stealing()  # type: ignore[assignment] # a scorer all the same
    scan_all(stage)
    assert count(stage.database, Document) == 0
    assert stage.source(source_id).claim == "theirs"


def test_a_source_claimed_by_a_dead_process_is_due_again_after_its_lease(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(BAD)))
    with stage.database.writing() as session:
        session.execute(sa.update(Source).values(claim="dead", claimed_until=NOW + timedelta(minutes=10)))
    assert scan_all(stage, timedelta(minutes=5)) == 0
    assert scan_all(stage, timedelta(minutes=6)) == 1
    assert stage.source(source_id).state is SourceState.OK


def test_a_source_that_ends_the_program_each_time_is_left_alone(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(BAD)))
    with stage.database.writing() as session:
        session.execute(sa.update(Source).values(attempts=5))
    scan_all(stage)
    assert stage.source(source_id).state is SourceState.DOWN
    assert httpserver.log == []


def test_a_paused_source_is_not_read_and_a_poll_under_way_does_not_wake_it(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(BAD)))
    with stage.database.writing() as session:
        registry.pause(session, session.get_one(Source, source_id))
    assert scan_all(stage) == 0
    with stage.database.writing() as session:
        registry.resume(session, session.get_one(Source, source_id), stage.clock.now())
    assert scan_all(stage) == 1
