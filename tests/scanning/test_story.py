"""With the real scorer and the real desk: a bad review becomes a story and an alert."""

import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.alerts.models import Story
from feedback_service.bootstrap import build
from feedback_service.clock import ManualClock
from feedback_service.mail.models import OutboxMail
from feedback_service.settings import Settings
from feedback_service.sources.models import SourceKind
from feedback_service.sources.registry import add_source, make_all_due
from jobs import scan_sources
from tests.support.builders import make_shop, make_staff
from tests.support.feeds import review, review_page


def test_a_bad_review_becomes_one_story_and_one_alert(
    settings: Settings, clock: ManualClock, httpserver: HTTPServer
) -> None:
    services = build(settings).with_clock(clock)
    good = review("Très belle lampe, livraison rapide, je recommande.", 5)
    bad = review("Colis jamais reçu, aucun remboursement, service client injoignable. C'est une honte !", 1)
    httpserver.expect_request("/robots.txt").respond_with_data("")
    httpserver.expect_oneshot_request("/avis").respond_with_data(review_page([good]))
    with services.database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop)
        add_source(session, shop, httpserver.url_for("/avis"), SourceKind.REVIEW_PAGE, clock.now(), reach=2)
    assert scan_sources.run(services) == 1
    httpserver.expect_request("/avis").respond_with_data(review_page([bad, good]))
    for _ in range(2):
        with services.database.writing() as session:
            make_all_due(session, clock.now())
        assert scan_sources.run(services) == 1
    with services.database.reading() as session:
        stories = session.scalars(sa.select(Story)).all()
        assert [story.key for story in stories] == [f"thread:{httpserver.url_for('/avis')}"]
        assert [mail.kind for mail in session.scalars(sa.select(OutboxMail))] == ["story_alert"]
    services.close()


def test_asked_to_stop_the_job_ends_before_the_next_source(settings: Settings, clock: ManualClock) -> None:
    services = build(settings).with_clock(clock)
    with services.database.writing() as session:
        add_source(session, make_shop(session), "http://127.0.0.1:9/", SourceKind.FEED, clock.now())
    services.stopping.set()
    assert scan_sources.run(services) == 0
    services.close()
