"""A scan that finds a source lost tells the operator in the transaction that settles it, and of its return too."""

from datetime import timedelta

import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.bootstrap import build
from feedback_service.clock import ManualClock
from feedback_service.mail.models import OutboxMail
from feedback_service.settings import Settings
from feedback_service.shops.models import Role, Shop
from feedback_service.sources.models import SourceKind, SourceOutage, SourceState
from feedback_service.sources.registry import add_source
from jobs import scan_sources
from tests.scanning.steps import OLD, scan_all, serve
from tests.support.builders import make_shop, make_staff
from tests.support.feeds import rss
from tests.support.scans import ScanStage

DAY = timedelta(days=1)


def test_a_loss_and_a_return_are_mailed_by_the_scan_itself(
    settings: Settings, clock: ManualClock, httpserver: HTTPServer
) -> None:
    services = build(settings).with_clock(clock)
    with services.database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop, "admin@example.com", role=Role.ADMIN, language="en")
        add_source(session, shop, serve(httpserver, rss(OLD)), SourceKind.FEED, clock.now())
    for body, status in ((rss(OLD), 200), (b"", 403), (b"", 403), (rss(OLD), 200), (rss(OLD), 200)):
        serve(httpserver, body, status=status)
        assert scan_sources.run(services) == 1
        clock.advance(2 * DAY)
    with services.database.reading() as session:
        kinds = [mail.kind for mail in session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id))]
        outage = session.scalars(sa.select(SourceOutage)).one()
    assert kinds == ["source_lost", "source_heard"]
    assert outage.until is not None
    assert outage.until - outage.since == 4 * DAY
    services.close()


def test_every_settled_poll_says_how_the_source_stood_and_stands(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(OLD)))
    for status in (200, 200, 500):
        serve(httpserver, rss(OLD), status=status)
        scan_all(stage, 2 * DAY)
    new, ok, down = SourceState.NEW, SourceState.OK, SourceState.DOWN
    assert stage.lost_sources.polls == [(source_id, new, ok), (source_id, ok, ok), (source_id, ok, down)]
