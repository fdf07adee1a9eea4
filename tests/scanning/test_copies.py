"""Copies with some words changed: one mention, told once, and counted."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

from pytest_httpserver import HTTPServer

from feedback_service.mentions.models import Document, MentionBand
from feedback_service.scanning.intake import take_in
from feedback_service.shops.models import Shop
from feedback_service.sources.items import Item
from feedback_service.sources.models import SourceKind
from tests.scanning.steps import count, mentions, scan_all, serve
from tests.scanning.test_edits import versions
from tests.support.builders import make_shop
from tests.support.feeds import review, review_page, rss, rss_item
from tests.support.scans import ScanStage

LONG = (
    "J'ai commandé une lampe chez Atelier Lumen au printemps : horrible expérience, le colis est arrivé ouvert, "
    "l'abat-jour plié, et le vendeur refuse de rembourser malgré trois courriers recommandés."
)
NEAR = (
    LONG.replace("au printemps", "en avril"),
    LONG.replace("trois courriers", "plusieurs courriers"),
    f"Lu ailleurs : {LONG}",
)


def copy(number: int, text: str) -> str:
    return rss_item(text, guid=f"g{number}", link=f"https://copy{number}.example.com/post")


def serve_at(httpserver: HTTPServer, path: str, body: bytes) -> str:
    httpserver.expect_request(path).respond_with_data(body)
    return httpserver.url_for(path)


def add_three(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    """Add three blogs; what they publish first they published after the service came to know them."""
    httpserver.expect_request("/robots.txt").respond_with_data("")
    for number in range(3):
        httpserver.expect_oneshot_request(f"/{number}").respond_with_data(rss(title=f"Blog {number}"))
        stage.add(shop, httpserver.url_for(f"/{number}"))
    assert scan_all(stage) == 3


def test_near_copies_on_other_sources_are_one_mention_told_once_more(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    add_three(httpserver, stage, shop)
    for number, text in enumerate((LONG, NEAR[1], NEAR[2])):
        serve_at(httpserver, f"/{number}", rss(copy(number, text)))
        scan_all(stage, timedelta(days=2))
    (mention,) = mentions(stage.database)
    assert (mention.text, mention.copies, count(stage.database, Document)) == (LONG, 3, 3)
    assert stage.story_desk.told == [mention.id] * 3


def test_three_copies_within_one_poll_are_one_mention(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    stage.add(shop, serve(httpserver, rss()))
    scan_all(stage)
    serve(httpserver, rss(copy(2, NEAR[1]), copy(1, NEAR[0]), copy(0, LONG)))
    scan_all(stage)
    (mention,) = mentions(stage.database)
    assert (mention.text, mention.copies) == (LONG, 3), "the oldest, which comes last in a feed, is the original"
    assert stage.story_desk.told == [mention.id]
    assert count(stage.database, MentionBand) > 0


def test_near_words_with_other_stars_are_a_mention_of_their_own(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    reviews = [review(LONG, 1, "Ann A."), review(NEAR[0], 2, "Bob B."), review(NEAR[1], 1, "Cid C.")]
    stage.add(shop, serve(httpserver, review_page(reviews)), SourceKind.REVIEW_PAGE)
    scan_all(stage)
    assert sorted((mention.rating, mention.copies) for mention in mentions(stage.database)) == [(1.0, 2), (2.0, 1)]


def test_near_words_of_another_sense_are_a_mention_of_their_own(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    pleased = LONG.replace("horrible expérience", "belle expérience")
    stage.add(shop, serve(httpserver, rss(copy(0, LONG), copy(1, pleased))))
    scan_all(stage)
    assert [mention.copies for mention in mentions(stage.database)] == [1, 1]


def in_threads(*tasks: Callable[[], object]) -> None:
    """Run the tasks at once; a failure of one is raised."""
    with ThreadPoolExecutor(len(tasks)) as pool:
        for running in [pool.submit(task) for task in tasks]:
            running.result()


def test_two_sources_that_bring_near_copies_at_once_bring_one_mention(stage: ScanStage) -> None:
    for turn in range(8):
        with stage.database.writing() as session:
            shop = make_shop(session, f"shop-{turn}")
        sources = [stage.add(shop, f"pushed:blog-{name}", SourceKind.PUSHED) for name in ("a", "b")]
        start = threading.Barrier(2)

        def bring(source_id: int, text: str, start: threading.Barrier = start) -> None:
            start.wait()
            take_in(stage, source_id, [Item("1", f"https://example.com/{source_id}", "", text)], tells=True)

        in_threads(partial(bring, sources[0], LONG), partial(bring, sources[1], NEAR[0]))
    found = mentions(stage.database)
    assert [mention.copies for mention in found] == [2] * 8
    assert sorted(stage.story_desk.told) == sorted([mention.id for mention in found] * 2)


def test_an_edit_that_comes_twice_at_once_is_kept_and_told_once(stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, "pushed:blog", SourceKind.PUSHED)

    def bring(text: str) -> None:
        take_in(stage, source_id, [Item("1", "https://example.com/1", "Ma lampe", text)], tells=True)

    for before, after in ((LONG, NEAR[0]), (NEAR[0], NEAR[1]), (NEAR[1], LONG)):
        bring(before)
        stage.story_desk.changed.clear()
        in_threads(partial(bring, after), partial(bring, after))
        assert len(stage.story_desk.changed) == 1
    assert len(versions(stage)) == 3
