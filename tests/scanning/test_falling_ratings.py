"""An average that falls is told to the staff of the shop once, and stands in the reason of its source."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.bootstrap import build
from feedback_service.clock import ManualClock
from feedback_service.mail.models import OutboxMail
from feedback_service.settings import Settings
from feedback_service.shops.models import Role, Shop
from feedback_service.sources.items import Aggregate
from feedback_service.sources.models import SourceKind
from feedback_service.sources.registry import add_source
from feedback_service.sources.review_pages.aggregates import lasting
from jobs import scan_sources
from tests.scanning.steps import scan_all, serve
from tests.support.builders import make_shop, make_staff
from tests.support.feeds import review, review_page
from tests.support.scans import ScanStage


def page(value: float | None, count: int = 100) -> bytes:
    """Return a page with one review and this average."""
    rated = {"@type": "AggregateRating", "ratingValue": value, "bestRating": 5, "reviewCount": count}
    more: dict[str, Any] = {"aggregateRating": rated} if value is not None else {}
    return review_page([review("Très belle lampe, livraison rapide.", 5)], **more)


def polled(httpserver: HTTPServer, stage: ScanStage, shop: Shop, *bodies: bytes) -> int:
    source_id = stage.add(shop, serve(httpserver, bodies[0]), SourceKind.REVIEW_PAGE)
    for body in bodies:
        serve(httpserver, body)
        assert scan_all(stage, timedelta(days=2)) == 1
    return source_id


def test_a_fall_is_said_in_the_reason_and_told(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = polled(httpserver, stage, shop, page(4.5, 100), page(4.2, 120))
    source = stage.source(source_id)
    (fall,) = stage.falling_ratings.falls
    assert fall.startswith("The average rating has fallen from 4.50 to 4.20 out of 5. The 20 new ratings")
    assert source.state_reason == f"Read: 1 item. {fall}"
    assert source.aggregate == {"value": 4.2, "best": 5, "count": 120}


def test_a_first_scan_and_an_average_that_was_not_known_tell_nothing(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    source_id = polled(httpserver, stage, shop, page(None), page(2.0))
    assert stage.falling_ratings.falls == []
    assert stage.source(source_id).aggregate == {"value": 2.0, "best": 5, "count": 100}


def test_an_average_that_is_missing_once_is_still_compared(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    polled(httpserver, stage, shop, page(4.5), page(None), page(4.0, 130))
    assert len(stage.falling_ratings.falls) == 1


def test_an_average_that_sinks_slowly_has_fallen_in_the_end(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    values = [(4.5 - 0.03 * turn, 100 + 3 * turn) for turn in range(6)]
    polled(httpserver, stage, shop, *(page(round(value, 2), count) for value, count in values))
    assert [fall.partition(" out")[0] for fall in stage.falling_ratings.falls] == [
        "The average rating has fallen from 4.50 to 4.38"
    ]


def test_what_an_average_is_compared_with() -> None:
    known = Aggregate(4.5, 5, 100)
    assert lasting(None, known) is known
    for value, kept in ((4.6, False), (4.5, False), (4.45, True), (4.41, True), (4.4, False), (3.0, False)):
        after = Aggregate(value, 5, 110)
        assert lasting(known, after) is (known if kept else after), value


def test_the_staff_who_get_alerts_get_one_mail_each_in_their_language(
    settings: Settings, clock: ManualClock, httpserver: HTTPServer
) -> None:
    services = build(settings).with_clock(clock)
    with services.database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop, "agente@example.com", language="fr")
        make_staff(session, shop, "agent@example.com", language="en")
        make_staff(session, shop, "manager@example.com", role=Role.MANAGER)
        url = serve(httpserver, page(4.5))
        add_source(session, shop, url, SourceKind.REVIEW_PAGE, clock.now(), title="Avis Lampe")
    for body in (page(4.5), page(4.2, 120), page(4.2, 120), page(4.25, 121)):
        serve(httpserver, body)
        clock.advance(timedelta(days=2))
        assert scan_sources.run(services) == 1
    with services.database.reading() as session:
        mails = {mail.recipient: mail for mail in session.scalars(sa.select(OutboxMail))}
    assert mails.keys() == {"agente@example.com", "agent@example.com"}
    french, english = mails["agente@example.com"], mails["agent@example.com"]
    assert {french.kind, english.kind} == {"rating_fell"}
    assert french.subject == "La note moyenne sur Avis Lampe a baissé"
    assert english.subject == "The average rating at Avis Lampe has fallen"
    assert "The average rating has fallen from 4.50 to 4.20 out of 5." in (english.text or "")
    assert "4.50" not in (french.text or "").partition("out of")[2]
    assert "La note moyenne" in (french.text or "")
    services.close()
