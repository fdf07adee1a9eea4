"""The figures of a shop on both databases: what counts, what does not, and in which span."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import StoryState
from feedback_service.db import Database
from feedback_service.mentions.models import Verdict
from feedback_service.reports.figures import Span
from feedback_service.reports.heard import waiting_stories
from feedback_service.reports.queries import figures_of
from feedback_service.reports.returned import conspicuous_products, late_refunds, return_rates
from feedback_service.returns.models import OrderLine, ReturnLine, ReturnState
from feedback_service.sentiment.judgement import Label
from feedback_service.sources.models import SourceState
from tests.support.builders import NOW, make_order, make_return, make_shop
from tests.support.voices import make_answer, make_mention, make_sent_survey, make_source, make_story

WEEK = timedelta(days=7)


def _day(number: int) -> datetime:
    return NOW - timedelta(days=number)


def test_an_empty_shop_has_figures_without_shares(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        figures = figures_of(session, shop.id, Span(), NOW)
    assert figures.returned.orders == 0
    assert figures.returned.rate_orders.share is None
    assert figures.returned.main_reason is None
    assert figures.returned.currency == "EUR"
    assert figures.answered.csat.n == 0
    assert figures.heard.detect.median is None
    assert figures.sources == ()


def test_returns_of_unknown_order_count_in_the_rate_of_the_period(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        orders = [make_order(session, shop, f"AL-1000{number}") for number in range(4)]
        make_return(session, shop, orders[0], external_id="R-1")
        make_return(session, shop, orders[0], external_id="R-2", state=ReturnState.REJECTED)
        make_return(session, shop, None, external_id="R-3", reason="unknown")
        found = figures_of(session, shop.id, Span(), NOW).returned
    assert (found.orders, found.returns, found.returns_of_unknown_order, found.returns_rejected) == (4, 3, 1, 1)
    assert (found.rate_orders.k, found.rate_orders.n) == (2, 4)
    assert (found.rate_cohort.k, found.rate_cohort.n) == (1, 4)


def test_the_three_rates_are_of_orders_units_and_value(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        orders = [make_order(session, shop, f"AL-1000{number}") for number in range(2)]
        make_return(session, shop, orders[0])
        found = figures_of(session, shop.id, Span(), NOW).returned
    assert found.rate_orders.share == 0.5
    assert (found.rate_units.part, found.rate_units.whole) == (1, 6)
    assert (found.rate_value.part, found.rate_value.whole, found.currency) == (50.0, 220.0, "EUR")


def test_value_is_summed_in_the_currency_of_most_orders_only(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        for number in range(2):
            make_order(session, shop, f"AL-1000{number}", currency="GBP")
        franc = make_order(session, shop, "AL-20000", currency="CHF")
        make_return(session, shop, franc, currency="CHF")
        found = figures_of(session, shop.id, Span(), NOW).returned
    assert (found.currency, found.other_currencies) == ("GBP", 1)
    assert (found.rate_value.part, found.rate_value.whole) == (0.0, 220.0)


def test_the_span_holds_its_start_and_not_its_end(database: Database) -> None:
    start, end = _day(14), _day(7)
    with database.writing() as session:
        shop = make_shop(session)
        for number, at in enumerate((start - timedelta(seconds=1), start, end - timedelta(seconds=1), end)):
            make_order(session, shop, f"AL-1000{number}", ordered_at=at)
            make_return(session, shop, None, external_id=f"R-{number}", requested_at=at)
            make_answer(session, shop, 5, at)
            make_story(session, shop, at)
        found = figures_of(session, shop.id, Span(start, end), NOW)
    assert (found.returned.orders, found.returned.returns) == (2, 2)
    assert (found.answered.csat.n, found.heard.stories) == (2, 2)


def test_another_shops_rows_are_not_counted(database: Database) -> None:
    with database.writing() as session:
        shop, other = make_shop(session), make_shop(session, "other")
        order = make_order(session, other)
        returned = make_return(session, other, order)
        make_sent_survey(session, returned, _day(1))
        make_answer(session, other, 1)
        make_story(session, other)
        make_mention(session, make_source(session, other), Label.NEGATIVE)
        found = figures_of(session, shop.id, Span(), NOW)
    assert (found.returned.orders, found.returned.returns, found.answered.csat.n) == (0, 0, 0)
    assert (found.answered.response.n, found.heard.stories, found.heard.mentions) == (0, 0, 0)


def test_the_main_reason_is_the_mode_of_the_known_reasons(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        for number, reason in enumerate(["unknown"] * 5 + ["too_small"] * 3 + ["defective"] * 2):
            make_return(session, shop, None, external_id=f"R-{number}", reason=reason)
        found = figures_of(session, shop.id, Span(), NOW).returned
    assert found.main_reason == "too_small"
    assert (found.main_reason_rate.k, found.main_reason_rate.n) == (3, 5)
    assert (found.unknown_reason_rate.k, found.unknown_reason_rate.n) == (5, 10)


def test_satisfaction_and_effort_follow_the_wording_of_the_scale(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        for rating, effort in [(5, 7), (4, 5), (3, 4), (1, None)]:
            make_answer(session, shop, rating, effort=effort)
        found = figures_of(session, shop.id, Span(), NOW).answered
    assert found.ratings == (1, 0, 1, 1, 1)
    assert (found.csat.k, found.csat.n) == (2, 4)
    assert (found.ces.k, found.ces.n) == (2, 3)
    assert found.ces_mean.value == pytest.approx(16 / 3)


def test_the_response_rate_belongs_to_the_day_the_survey_was_sent(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        for number, (sent_at, answered_at) in enumerate([(_day(9), _day(1)), (_day(9), None), (_day(2), _day(1))]):
            returned = make_return(session, shop, None, external_id=f"R-{number}")
            make_sent_survey(session, returned, sent_at, answered_at=answered_at)
        found = figures_of(session, shop.id, Span(_day(14), _day(7)), NOW).answered
    assert (found.response.k, found.response.n) == (1, 2)


def test_a_survey_that_has_not_left_is_not_a_survey_sent(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        invitation = make_sent_survey(session, make_return(session, shop, None), _day(1))
        assert invitation.mail_id is not None
        session.execute(sa.text("UPDATE outbox_mail SET sent_at = NULL"))
        found = figures_of(session, shop.id, Span(), NOW).answered
    assert found.response.n == 0


def test_mentions_of_a_first_scan_and_of_others_are_left_out(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        source = make_source(session, shop)
        make_mention(session, source, Label.NEGATIVE, is_baseline=True)
        make_mention(session, source, Label.NEGATIVE, verdict=Verdict.NOT_US)
        make_mention(session, source, Label.NEGATIVE, verdict=Verdict.NOT_NEGATIVE)
        make_mention(session, source, Label.NEGATIVE)
        make_mention(session, source, Label.POSITIVE)
        make_mention(session, source, Label.POSITIVE)
        found = figures_of(session, shop.id, Span(), NOW).heard
    assert (found.mentions, found.first_scan) == (4, 1)
    assert (found.sentiment.positive, found.sentiment.negative, found.sentiment.value) == (2, 1, 0.25)


def test_time_to_detect_starts_at_publication_and_apart_from_that_at_the_first_fetch(database: Database) -> None:
    hour = timedelta(hours=1)
    with database.writing() as session:
        shop = make_shop(session)
        for hours, fetched, taken in [(2, 1, 1), (4, 1, None), (9, 0, 3)]:
            opened = NOW
            acknowledged = opened + taken * hour if taken else None
            state = StoryState.TAKEN if taken else StoryState.OPEN
            times = {"published_at": opened - hours * hour, "fetched_at": opened - fetched * hour}
            make_story(session, shop, opened, state=state, acknowledged_at=acknowledged, **times)
        make_story(session, shop, NOW)
        make_story(session, shop, NOW, state=StoryState.DISMISSED, published_at=NOW - 99 * hour)
        found = figures_of(session, shop.id, Span(), NOW).heard
    assert (found.stories, found.waiting) == (4, 2)
    assert (found.detect.n, found.detect.median) == (3, 4 * 3600)
    assert (found.detect_from_fetch.n, found.detect_from_fetch.median) == (3, 3600)
    assert (found.acknowledge.n, found.acknowledge.median) == (2, 2 * 3600)


@pytest.mark.parametrize("state", [SourceState.BLOCKED, SourceState.DOWN, SourceState.CHANGED, SourceState.SILENT])
def test_a_source_that_is_not_heard_is_trouble_and_comes_first(database: Database, state: SourceState) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_source(session, shop)
        make_source(session, shop, "https://lost.example.com/", state=state, state_reason="403", title="Perdue")
        found = figures_of(session, shop.id, Span(), NOW)
    assert [source.title for source in found.sources] == ["Perdue", "Avis Exemple"]
    assert [source.state for source in found.lost_sources] == [state.value]


def test_a_paused_source_is_not_heard_either(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_source(session, shop, due_at=None)
        found = figures_of(session, shop.id, Span(), NOW)
    assert len(found.lost_sources) == 1


def test_the_course_of_the_return_rate_has_every_bucket(database: Database) -> None:
    edges = [_day(21), _day(14), _day(7), NOW]
    with database.writing() as session:
        shop = make_shop(session)
        for number, age in enumerate((20, 14, 13, 1)):
            make_order(session, shop, f"AL-1000{number}", ordered_at=_day(age))
        make_return(session, shop, None, requested_at=_day(14))
        points = return_rates(session, shop.id, edges)
    assert [(point.start, point.rate.k, point.rate.n) for point in points] == [
        (_day(21), 0, 1),
        (_day(14), 1, 2),
        (_day(7), 0, 1),
    ]


def _sell(session: Session, shop_id: int, sku: str, sold: int, back: int) -> None:
    from feedback_service.shops.models import Shop

    shop = session.get_one(Shop, shop_id)
    for number in range(sold):
        line = OrderLine(position=1, sku=sku, product=sku.title(), quantity=1, unit_price=Decimal(10))
        order = make_order(session, shop, f"{sku}-{number}", lines=[line])
        if number < back:
            part = ReturnLine(position=1, sku=sku, product=sku.title(), quantity=1, unit_price=Decimal(10))
            make_return(session, shop, order, external_id=f"R-{sku}-{number}", lines=[part])


def test_a_product_stands_out_only_when_its_whole_interval_does(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        _sell(session, shop.id, "scarf", sold=60, back=3)
        _sell(session, shop.id, "boots", sold=20, back=10)
        _sell(session, shop.id, "glove", sold=4, back=4)
        found = conspicuous_products(session, shop.id, Span())
    assert [(item.sku, item.product, item.rate.k, item.rate.n) for item in found] == [("boots", "Boots", 10, 20)]
    assert found[0].excess == pytest.approx(10 - 20 * 17 / 84)


def test_refunds_are_late_when_received_long_ago_and_still_open(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        waiting = {"state": ReturnState.RECEIVED, "closed_at": None}
        late = make_return(session, shop, None, external_id="R-1", requested_at=_day(20), **waiting)
        make_return(session, shop, None, external_id="R-2", requested_at=_day(5), **waiting)
        make_return(session, shop, None, external_id="R-3", requested_at=_day(20))
        make_return(session, shop, None, external_id="R-4", requested_at=_day(20), **waiting | {"received_at": None})
        found = late_refunds(session, shop, NOW)
    assert (found.count, found.oldest_return_id, found.oldest_at) == (1, late.id, _day(20))


def test_waiting_stories_come_worst_first(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_story(session, shop, title="Petit", severity=10)
        make_story(session, shop, title="Grave", severity=90)
        make_story(session, shop, title="Pris", severity=95, state=StoryState.TAKEN)
        found = waiting_stories(session, shop.id)
    assert [story.title for story in found] == ["Grave", "Petit"]


def test_the_number_of_statements_does_not_grow_with_the_rows(database: Database) -> None:
    statements: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counts = []
    for size in (1, 30):
        with database.writing() as session:
            shop = make_shop(session, f"shop-{size}")
            for number in range(size):
                order = make_order(session, shop, f"AL-1000{number}")
                make_return(session, shop, order, external_id=f"R-{number}")
                make_story(session, shop)
        with database.reading() as session:
            statements.clear()
            figures_of(session, shop.id, Span(), NOW)
            counts.append(len(statements))
    assert counts[0] == counts[1]


def test_the_recommendation_is_promoters_minus_detractors_of_the_periodic_survey_alone(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        for number in (10, 10, 9, 9, 9, 8, 7, 7, 6, 0):
            answer = make_answer(session, shop, 5)
            answer.rating, answer.nps = None, number
        make_answer(session, shop, 1)
        found = figures_of(session, shop.id, Span(), NOW).answered
    assert (found.nps.positive, found.nps.negative, found.nps.n) == (5, 2, 10)
    assert found.nps.value == pytest.approx(0.3)
    assert (found.csat.k, found.csat.n) == (0, 1)
