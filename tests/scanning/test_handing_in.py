"""What nobody fetched comes in by the same way as what a scan finds."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback_service.errors import NotFoundError
from feedback_service.mentions.models import Document, Mention
from feedback_service.scanning.intake import Taken, count_known, take_in
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import Shop
from feedback_service.sources.items import Item
from feedback_service.sources.models import SourceState
from feedback_service.sources.registry import pushed_source
from tests.scanning.steps import count, mentions
from tests.support.builders import NOW, make_order
from tests.support.scans import ScanStage


def item(number: int, text: str = "Service horrible, je ne reviendrai pas") -> Item:
    return Item(f"x{number}", "", "", f"{text} {number}", "M. D.", NOW - timedelta(hours=number), 1.0, 5.0)


def pushed(stage: ScanStage, shop: Shop, name: str = "Old", *, about_us: bool = True) -> int:
    with stage.database.writing() as session:
        return pushed_source(session, shop, name, stage.clock.now(), about_us=about_us).id


def test_history_is_stored_and_alerts_nobody(stage: ScanStage, shop: Shop) -> None:
    source_id = pushed(stage, shop)
    assert take_in(stage, source_id, [item(2), item(1)], tells=False) == Taken(2, 0, 2)
    assert [(mention.label, mention.is_baseline) for mention in mentions(stage.database)] == [
        (Label.NEGATIVE, True)
    ] * 2
    assert stage.story_desk.told == []
    source = stage.source(source_id)
    assert (source.state, source.due_at, source.last_new_at) == (SourceState.OK, None, stage.clock.now())


def test_news_are_stored_and_told_oldest_first(stage: ScanStage, shop: Shop) -> None:
    with stage.database.writing() as session:
        order = make_order(session, shop)
    source_id = pushed(stage, shop)
    taken = take_in(stage, source_id, [item(1), item(2, f"Commande {order.number} : horrible")], tells=True)
    assert taken == Taken(2, 0, 2)
    found = mentions(stage.database)
    assert stage.story_desk.told == [mention.id for mention in found]
    assert [mention.published_at for mention in found] == [NOW - timedelta(hours=2), NOW - timedelta(hours=1)]
    assert [mention.order_id for mention in found] == [order.id, None]


def test_the_second_time_changes_nothing(stage: ScanStage, shop: Shop) -> None:
    source_id = pushed(stage, shop)
    items = [item(number) for number in range(5)]
    take_in(stage, source_id, items, tells=True)
    told = list(stage.story_desk.told)
    assert count_known(stage, source_id, [*items, item(9)]) == 5
    assert take_in(stage, source_id, items, tells=True) == Taken(0, 5, 0)
    assert take_in(stage, source_id, items, tells=False) == Taken(0, 5, 0)
    assert (count(stage.database, Document), count(stage.database, Mention)) == (5, 5)
    assert stage.story_desk.told == told


def test_history_that_was_stored_is_not_told_later(stage: ScanStage, shop: Shop) -> None:
    source_id = pushed(stage, shop)
    take_in(stage, source_id, [item(1)], tells=False)
    take_in(stage, source_id, [item(1), item(2)], tells=True)
    assert stage.story_desk.told == [mentions(stage.database)[1].id]


def test_where_not_everything_is_about_us_a_term_is_needed(stage: ScanStage, shop: Shop) -> None:
    source_id = pushed(stage, shop, about_us=False)
    taken = take_in(stage, source_id, [item(1), item(2, "Atelier Lumen : horrible")], tells=True)
    assert taken == Taken(2, 0, 1)


def test_more_than_one_batch_comes_in_whole(stage: ScanStage, shop: Shop) -> None:
    source_id = pushed(stage, shop)
    items = [item(number) for number in range(450)]
    assert take_in(stage, source_id, items, tells=False) == Taken(450, 0, 450)
    assert count(stage.database, Document) == 450


def test_nothing_is_nothing(stage: ScanStage, shop: Shop) -> None:
    assert take_in(stage, pushed(stage, shop), [], tells=True) == Taken()


def test_an_unknown_source_is_an_error(stage: ScanStage) -> None:
    with pytest.raises(NotFoundError):
        take_in(stage, 99, [item(1)], tells=True)


def test_two_who_bring_the_same_at_once_store_it_once(stage: ScanStage, shop: Shop) -> None:
    source_id = pushed(stage, shop)
    items = [item(number) for number in range(60)]
    both = threading.Barrier(2)
    results: list[Taken] = []

    def bring() -> None:
        both.wait()
        results.append(take_in(stage, source_id, items, tells=True))

    threads = [threading.Thread(target=bring) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken.new for taken in results) == 60
    assert sum(taken.known for taken in results) == 60
    assert count(stage.database, Document) == count(stage.database, Mention) == 60
    assert sorted(stage.story_desk.told) == sorted(mention.id for mention in mentions(stage.database))


def test_two_who_bring_the_first_of_a_name_at_once_share_a_source(stage: ScanStage, shop: Shop) -> None:
    both = threading.Barrier(4)
    ids: list[int] = []

    def bring() -> None:
        both.wait()
        ids.append(pushed(stage, shop, "New"))

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4
    assert len(set(ids)) == 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.integers(0, 20), max_size=8), max_size=4))
def test_however_it_is_cut_each_item_is_stored_once(stage: ScanStage, shop: Shop, deliveries: list[list[int]]) -> None:
    source_id = pushed(stage, shop)
    with stage.database.writing() as session:
        session.execute(sa.delete(Document).where(Document.source_id == source_id))
    for numbers in deliveries:
        taken = take_in(stage, source_id, [item(number) for number in dict.fromkeys(numbers)], tells=False)
        assert taken.new + taken.known == len(set(numbers))
    assert count(stage.database, Document) == len({number for numbers in deliveries for number in numbers})


def test_an_edit_that_is_handed_in_is_no_news(stage: ScanStage, shop: Shop) -> None:
    source_id = pushed(stage, shop)
    take_in(stage, source_id, [item(1)], tells=True)
    came = stage.source(source_id).last_new_at
    stage.clock.advance(timedelta(days=1))
    edited = item(1, "Service horrible, puis un remboursement enfin arrivé, je ne reviendrai pas")
    assert take_in(stage, source_id, [edited], tells=True) == Taken(0, 1, 0)
    assert len(stage.story_desk.changed) == 1
    assert stage.source(source_id).last_new_at == came
