"""A due source becomes documents, mentions and stories."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.db import Base, Database
from feedback_service.mentions.models import Document, Label, Mention
from feedback_service.scanning.pipeline import scan_next
from feedback_service.shops.models import Shop
from feedback_service.sources import registry
from feedback_service.sources.models import Source, SourceKind, SourceState
from tests.support.builders import NOW, make_order, make_shop
from tests.support.feeds import review, review_page, rss, rss_item
from tests.support.scans import ScanStage
from tests.support.wire import raw_server, sending

OLD = rss_item("Atelier Lumen : horrible, jamais remboursé", guid="old", link="https://blog.example.com/old")
BAD = rss_item("Chez Atelier Lumen, service horrible AL-10001", guid="bad", link="https://blog.example.com/post")
COMMENT = rss_item("Atelier Lumen : horrible pour moi aussi", guid="c1", link="https://blog.example.com/post#comment-1")
OTHER = rss_item("Un tout autre sujet, horrible aussi", guid="other", link="https://blog.example.com/other")


def serve(httpserver: HTTPServer, body: bytes | str, **more: Any) -> str:  # noqa: ANN401
    httpserver.clear()
    httpserver.expect_request("/robots.txt").respond_with_data("")
    httpserver.expect_request("/feed").respond_with_data(body, **more)
    return httpserver.url_for("/feed")


def scan_all(stage: ScanStage, later: timedelta = timedelta(hours=3)) -> int:
    stage.clock.advance(later)
    scanned, due_by = 0, stage.clock.now()
    while scan_next(stage, due_by):
        scanned += 1
    return scanned


def mentions(database: Database) -> list[Mention]:
    with database.reading() as session:
        return list(session.scalars(sa.select(Mention).order_by(Mention.id)))


def count(database: Database, table: type[Base]) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_nothing_due_is_nothing_done(stage: ScanStage) -> None:
    assert scan_next(stage) is False


def test_the_first_scan_takes_stock_and_alerts_nobody(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(OLD, OTHER, title="Le blog")))
    assert scan_all(stage) == 1
    found = mentions(stage.database)
    assert [(mention.label, mention.is_baseline) for mention in found] == [(Label.NEGATIVE, True)]
    assert stage.story_desk.told == []
    assert count(stage.database, Document) == 2
    source = stage.source(source_id)
    assert (source.state, source.title, source.baseline_at) == (SourceState.OK, "Le blog", stage.clock.now())
    assert (source.claim, source.attempts) == (None, 0)


def test_a_new_mention_is_judged_stored_and_told(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    with stage.database.writing() as session:
        order = make_order(session, shop)
    stage.add(shop, serve(httpserver, rss(OLD), headers={"ETag": '"1"'}))
    scan_all(stage)
    serve(httpserver, rss(BAD, OTHER, OLD))
    scan_all(stage)
    new = mentions(stage.database)[-1]
    assert stage.story_desk.told == [new.id]
    assert (new.is_baseline, new.label, new.negative, new.order_id) == (False, Label.NEGATIVE, 0.95, order.id)
    assert (new.thread, new.matched_terms) == ("https://blog.example.com/post", ["Atelier Lumen"])
    assert [new.text[part["start"] : part["end"]] for part in new.evidence] == ["horrible"]
    assert new.found_at == stage.clock.now()


def test_what_names_the_shop_nowhere_is_stored_but_not_judged(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    stage.add(shop, serve(httpserver, rss(OTHER)))
    scan_all(stage)
    assert (count(stage.database, Document), mentions(stage.database), stage.scorer.texts) == (1, [], [])


def test_a_source_about_us_needs_no_term(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    stage.add(shop, serve(httpserver, rss(OTHER)), about_us=True)
    scan_all(stage)
    assert len(mentions(stage.database)) == 1


def test_the_same_text_twice_is_one_mention(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    stage.add(shop, serve(httpserver, rss()))
    scan_all(stage)
    copy = rss_item("CHEZ Atelier Lumen, service horrible : AL-10001 !", guid="copy", link="https://copy.example.com/1")
    serve(httpserver, rss(copy, BAD))
    scan_all(stage)
    (mention,) = mentions(stage.database)
    assert mention.copies == 2
    assert stage.story_desk.told == [mention.id]
    assert count(stage.database, Document) == 2


def test_the_same_text_in_two_shops_is_two_mentions(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    with stage.database.writing() as session:
        other = make_shop(session, "other")
    url = serve(httpserver, rss(BAD))
    stage.add(shop, url)
    stage.add(other, url)
    scan_all(stage)
    assert {mention.shop_id for mention in mentions(stage.database)} == {shop.id, other.id}


def test_a_guid_that_changes_is_no_second_mention_and_no_copy(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    stage.add(shop, serve(httpserver, rss()))
    scan_all(stage)
    serve(httpserver, rss(BAD))
    scan_all(stage)
    serve(httpserver, rss(BAD.replace("<guid>bad", "<guid>changed")))
    scan_all(stage)
    (mention,) = mentions(stage.database)
    assert (mention.copies, stage.story_desk.told) == (1, [mention.id])


def test_ten_items_with_one_guid_are_ten(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    entries = [rss_item(f"Atelier Lumen horrible {n}", guid="g", link=f"https://x.example.com/{n}") for n in range(10)]
    stage.add(shop, serve(httpserver, rss(*entries)))
    scan_all(stage)
    assert len(mentions(stage.database)) == 10


def test_the_first_comment_ever_is_told(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, rss()))
    scan_all(stage)
    assert stage.source(source_id).state is SourceState.EMPTY
    serve(httpserver, rss(COMMENT))
    scan_all(stage)
    assert len(stage.story_desk.told) == 1


def test_an_unchanged_source_is_asked_conditionally_and_not_read_again(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    headers = {"ETag": 'W/"v 1"', "Last-Modified": "Mon, 23 Nov 2026 08:00:00 GMT"}
    source_id = stage.add(shop, serve(httpserver, rss(BAD), headers=headers))
    scan_all(stage)
    serve(httpserver, "", status=304)
    scan_all(stage)
    asked = httpserver.log[-1][0].headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == tuple(headers.values())
    source = stage.source(source_id)
    assert (source.state, source.etag, source.last_read_at) == (SourceState.OK, 'W/"v 1"', stage.clock.now())
    assert "unchanged" in source.state_reason


def test_the_same_bytes_are_not_read_again(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(BAD)))
    scan_all(stage)
    scan_all(stage)
    assert "unchanged" in stage.source(source_id).state_reason


def test_a_site_with_validators_is_polled_twice_as_often(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(BAD)))
    scan_all(stage)
    wait = (stage.source(source_id).due_at or NOW) - stage.clock.now()
    assert timedelta(hours=2) <= wait <= timedelta(hours=2.2)
    serve(httpserver, rss(BAD), headers={"ETag": '"1"'})
    scan_all(stage)
    wait = (stage.source(source_id).due_at or NOW) - stage.clock.now()
    assert timedelta(hours=1) <= wait <= timedelta(hours=1.1)


def test_no_overlap_with_the_last_poll_is_a_possible_gap(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(OLD)))
    scan_all(stage)
    serve(httpserver, rss(BAD, OLD))
    scan_all(stage)
    assert stage.source(source_id).possible_gap_at is None
    serve(httpserver, rss(COMMENT))
    scan_all(stage)
    source = stage.source(source_id)
    assert source.possible_gap_at == stage.clock.now()
    assert "missed" in source.state_reason


def test_a_move_for_good_changes_the_address_and_a_passing_one_does_not(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    feed = serve(httpserver, rss(BAD))
    httpserver.expect_request("/old").respond_with_data("", 301, {"Location": "/feed"})
    httpserver.expect_request("/passing").respond_with_data("", 302, {"Location": "/feed"})
    moved, passing = stage.add(shop, httpserver.url_for("/old")), stage.add(shop, httpserver.url_for("/passing"))
    scan_all(stage)
    assert stage.source(moved).url == feed
    assert stage.source(passing).url == httpserver.url_for("/passing")


def test_a_move_to_an_address_that_is_a_source_already_is_not_followed(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    feed = serve(httpserver, rss(BAD))
    httpserver.expect_request("/old").respond_with_data("", 301, {"Location": "/feed"})
    stage.add(shop, feed)
    moved = stage.add(shop, httpserver.url_for("/old"))
    scan_all(stage)
    assert stage.source(moved).url == httpserver.url_for("/old")


def test_a_review_page_is_read_with_its_stars(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    body = review_page([review("très bien")])
    stage.add(shop, serve(httpserver, body, content_type="text/html"), SourceKind.REVIEW_PAGE)
    scan_all(stage)
    serve(httpserver, review_page([review("horrible", "1,0"), review("très bien")]), content_type="text/html")
    scan_all(stage)
    new = mentions(stage.database)[-1]
    assert (new.rating, new.best_rating, new.author, new.url) == (1.0, 5.0, "C. E.", httpserver.url_for("/feed"))
    assert stage.story_desk.told == [new.id]


def test_outside_text_is_stored_plain(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    entry = rss_item("<script>x()</script><b onclick=y()>Atelier Lumen</b> &lt;i&gt;\x00", guid="<x>", author="<b>M")
    stage.add(shop, serve(httpserver, rss(entry.replace("\x00", "&#0;"))))
    scan_all(stage)
    (mention,) = mentions(stage.database)
    assert mention.text == "Atelier Lumen <i>"


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
    assert source.state is SourceState.BLOCKED
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

        def score(self, text: str, language: str | None = None) -> Any:  # noqa: ANN401
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
