"""Items that are pushed or handed in go the way of those that are polled, once, also while a poll is under way."""

import threading
from datetime import datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer
from sqlalchemy.orm import Session

from feedback_service.db import Database
from feedback_service.errors import NotFoundError
from feedback_service.mentions.models import Document, Mention
from feedback_service.scanning.intake import Outcome, Taken, take_in
from feedback_service.shops.models import Shop
from feedback_service.sources.adapters import Asked, Polled
from feedback_service.sources.http.pages import Page
from feedback_service.sources.items import Item, Reading
from feedback_service.sources.models import Source, SourceKind, SourceState
from feedback_service.sources.push.subscriptions import SubscriptionState, WebSubSubscription
from tests.scanning.steps import BAD, OTHER, count, mentions, scan_all, serve
from tests.support.commands import eventually
from tests.support.feeds import rss, rss_item
from tests.support.scans import ScanStage

POST = Item("bad", "https://blog.example.com/post", "", "Chez Atelier Lumen, service horrible AL-10001")
ELSEWHERE = Item("other", "https://blog.example.com/other", "", "Un tout autre sujet, horrible aussi")


@pytest.fixture
def source_id(stage: ScanStage, shop: Shop, httpserver: HTTPServer) -> int:
    """A feed that was scanned when it held nothing."""
    source_id = stage.add(shop, serve(httpserver, rss()))
    scan_all(stage)
    return source_id


def test_new_items_are_stored_judged_and_told(stage: ScanStage, source_id: int) -> None:
    taken = take_in(stage, source_id, [POST, ELSEWHERE], tells=True)
    assert taken == Taken(2, 0, 1, (Outcome(is_new=True, is_about_us=True), Outcome(is_new=True, is_about_us=False)))
    [mention] = mentions(stage.database)
    assert (mention.url, mention.is_baseline) == (POST.url, False)
    assert stage.story_desk.told == [mention.id]
    assert stage.source(source_id).last_new_at == stage.clock.now()


def test_again_they_are_known_and_nothing_is_told(stage: ScanStage, source_id: int) -> None:
    take_in(stage, source_id, [POST], tells=True)
    before = stage.source(source_id).last_new_at
    stage.clock.advance(timedelta(hours=1))
    taken = take_in(stage, source_id, [POST, ELSEWHERE], tells=True)
    assert (taken.new, taken.known, taken.mentions) == (1, 1, 0)
    taken = take_in(stage, source_id, [POST, ELSEWHERE], tells=True)
    assert (taken.new, taken.known, taken.mentions) == (0, 2, 0)
    assert len(stage.story_desk.told) == 1
    assert before is not None


def test_what_was_pushed_is_known_to_the_next_poll_and_the_other_way_round(
    stage: ScanStage, source_id: int, httpserver: HTTPServer
) -> None:
    take_in(stage, source_id, [POST], tells=True)
    serve(httpserver, rss(BAD, OTHER))
    scan_all(stage)
    assert count(stage.database, Document) == 2
    assert len(stage.story_desk.told) == 1
    assert take_in(stage, source_id, [POST, ELSEWHERE], tells=True).known == 2


def test_a_history_is_stored_and_shown_and_alerts_nobody(stage: ScanStage, source_id: int) -> None:
    assert take_in(stage, source_id, [POST], tells=False).mentions == 1
    assert mentions(stage.database)[0].is_baseline
    assert stage.story_desk.told == []


def test_nothing_is_nothing(stage: ScanStage, source_id: int) -> None:
    assert take_in(stage, source_id, [], tells=True) == Taken(0, 0, 0)


def test_a_source_that_is_gone_is_told(stage: ScanStage) -> None:
    with pytest.raises(NotFoundError):
        take_in(stage, 4711, [POST], tells=True)


def test_many_at_once_store_each_item_once(stage: ScanStage, source_id: int) -> None:
    items = [Item(str(n), f"https://b.example/{n}", "", f"Atelier Lumen, horrible numéro {n}") for n in range(5)]
    taken: list[Taken] = []
    threads = [
        threading.Thread(target=lambda: taken.append(take_in(stage, source_id, items, tells=True))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each.new for each in taken) == count(stage.database, Document) == 5
    assert count(stage.database, Mention) == len(stage.story_desk.told) == 5


def test_a_push_in_the_middle_of_a_poll_harms_neither(stage: ScanStage, source_id: int, httpserver: HTTPServer) -> None:
    serve(httpserver, rss(BAD, OTHER))
    judge = stage.scorer.score

    def pushed_meanwhile(text: str, language: str | None = None) -> object:
        stage.scorer.score = judge  # type: ignore[method-assign]  # once only
        take_in(stage, source_id, [POST], tells=True)
        return judge(text, language)

    stage.scorer.score = pushed_meanwhile  # type: ignore[method-assign,assignment]  # the scorer is where the poll is then
    scan_all(stage)
    source = stage.source(source_id)
    assert (source.state, source.failures) == (SourceState.OK, 0)
    assert count(stage.database, Document) == 2
    assert len(stage.story_desk.told) == 1


def test_a_push_while_a_round_is_settled_waits_and_neither_waits_for_ever(
    stage: ScanStage, shop: Shop, source_id: int, httpserver: HTTPServer
) -> None:
    """The round holds the shop and has one of its sources still before it; that is the one that is pushed."""
    second_id = stage.add(shop, serve(httpserver, rss()) + "?second")
    scan_all(stage)
    httpserver.clear()
    for path in ("first", "second"):
        text = f"Atelier Lumen : horrible pour la {path} fois"
        body = rss(rss_item(text, guid=path, link=f"https://blog.example.com/{path}"))
        httpserver.expect_request("/feed", query_string="" if path == "first" else path).respond_with_data(body)
    taken: list[Taken] = []
    pushed = [Item("p", "https://blog.example.com/p", "", "Atelier Lumen : horrible encore")]
    other = {source_id: second_id, second_id: source_id}
    threads: list[threading.Thread] = []

    def push_the_other(session: Session, mention: Mention, now: datetime) -> None:
        del session, now
        if threads:
            return
        target = partial(take_in, stage, other[mention.source_id], pushed, tells=True)
        threads.append(threading.Thread(target=lambda: taken.append(target())))
        threads[0].start()
        eventually(lambda: _is_waiting(stage.database) or taken)

    stage.story_desk.mention_came_in = push_the_other  # type: ignore[method-assign]  # inside the round's transaction
    scan_all(stage)
    threads[0].join()
    assert [each.new for each in taken] == [1]
    assert count(stage.database, Document) == 3
    assert {stage.source(each).state for each in other} == {SourceState.OK}


def _is_waiting(database: Database) -> bool:
    """Tell whether a session waits for the lock of another; on SQLite everybody but one does, unseen."""
    if database.is_sqlite:
        return True
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with database.reading() as session:
        return bool(session.scalar(sa.text(waiting)))


class HubReader:
    """Reads every source as a feed that names a hub, until it names none."""

    def __init__(self) -> None:
        self.reading: Reading | None = Reading("", (), hub="https://hub.example/", topic="https://b.example/feed")

    def poll(self, kind: SourceKind, asked: Asked) -> Polled:
        """Give the reading."""
        del kind
        return Polled(Page(asked.url, b""), None, self.reading)

    def rest(self) -> None:
        """Hold nothing open."""


def test_hub_and_topic_of_a_reading_are_kept_with_the_source(stage: ScanStage, source_id: int) -> None:
    def named() -> tuple[str, str]:
        scan_all(stage)
        source = stage.source(source_id)
        return source.hub, source.topic

    reader = HubReader()
    assert named() == ("", "")
    stage.source_reader = reader  # type: ignore[assignment]  # all that a scan needs of it
    assert named() == ("https://hub.example/", "https://b.example/feed")
    reader.reading = None  # unchanged
    assert named() == ("https://hub.example/", "https://b.example/feed")
    reader.reading = Reading("", ())
    assert named() == ("", "")


@pytest.mark.parametrize(
    ("pushed_ago", "state", "times"),
    [
        (timedelta(0), SubscriptionState.ACTIVE, 6),
        (timedelta(0), SubscriptionState.ENDED, 1),
        (None, SubscriptionState.ACTIVE, 1),
    ],
    ids=["pushed", "ended", "never pushed"],
)
def test_a_source_whose_hub_pushes_is_polled_more_slowly(
    stage: ScanStage,
    source_id: int,
    httpserver: HTTPServer,
    pushed_ago: timedelta | None,
    state: SubscriptionState,
    times: int,
) -> None:
    serve(httpserver, rss(OTHER), headers={"ETag": '"1"'})
    scan_all(stage)
    now = stage.clock.now()
    with stage.database.writing() as session:
        session.get_one(Source, source_id).hub = "https://hub.example/"
        session.add(
            WebSubSubscription(
                source_id=source_id,
                hub="https://hub.example/",
                topic="https://b.example/feed",
                nonce="n",
                token_digest="d",  # noqa: S106 - no password
                state=state,
                state_since=now,
                lease_until=now + timedelta(days=9),
                last_push_at=None if pushed_ago is None else now - pushed_ago,
            )
        )
    scan_all(stage)
    due_at = stage.source(source_id).due_at
    assert due_at is not None
    wait = due_at - stage.clock.now()
    assert timedelta(hours=times) <= wait <= timedelta(hours=times) * 1.1
