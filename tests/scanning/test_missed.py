"""The missed-scan switch: by mail, on staff pages, for whatever watches, and for the operator at the console."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.app import create_app
from feedback_service.bootstrap import Services, build
from feedback_service.cli import checks
from feedback_service.clock import ManualClock
from feedback_service.mail.models import OutboxMail
from feedback_service.settings import Settings
from feedback_service.shops.models import Role
from feedback_service.shops.staff import add_staff
from feedback_service.sources.errors import FetchError
from feedback_service.sources.models import Source, SourceKind
from feedback_service.sources.registry import add_source
from feedback_service.ticks import JobRun
from jobs import watch_scans
from tests.support.builders import NOW, make_shop
from tests.support.staff import PASSWORD, Visitor

HOUR = timedelta(hours=1)


@pytest.fixture
def watched(settings: Settings, clock: ManualClock) -> Services:
    """An installation with one administrator and one source, read an hour ago and due now."""
    services = build(settings).with_clock(clock)
    with services.database.writing() as session:
        shop = make_shop(session)
        add_staff(session, "admin@example.com", "Admin", Role.ADMIN, [shop], PASSWORD, NOW, language="en")
        source = add_source(session, shop, "https://forum.example.com/feed", SourceKind.FEED, NOW)
        source.last_polled_at = NOW - HOUR
    return services


def read_at(services: Services, now: datetime) -> None:
    with services.database.writing() as session:
        session.execute(sa.update(Source).values(last_polled_at=now, due_at=now + HOUR))
        session.add(JobRun(job="scan_sources", started_at=now, finished_at=now, done=1))


def mails(services: Services) -> list[OutboxMail]:
    with services.database.reading() as session:
        return list(session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)))


def test_an_outage_of_the_scan_is_told_once(watched: Services, clock: ManualClock) -> None:
    clock.advance(2 * HOUR)
    assert watch_scans.run(watched) == 0
    clock.advance(2 * HOUR)
    assert [watch_scans.run(watched) for _ in range(3)] == [1, 0, 0]
    (mail,) = mails(watched)
    assert (mail.kind, mail.recipient) == ("scan_missed", "admin@example.com")
    for part in (mail.text or "", mail.html or ""):
        assert "No source has been read since" in part
        assert "1 source is overdue." in part
    watched.close()


def test_the_next_outage_is_told_again(watched: Services, clock: ManualClock) -> None:
    clock.advance(4 * HOUR)
    assert watch_scans.run(watched) == 1
    read_at(watched, clock.now())
    assert watch_scans.run(watched) == 0
    clock.advance(5 * HOUR)
    assert watch_scans.run(watched) == 1
    watched.close()


def test_sources_that_wait_for_a_later_poll_are_no_outage(watched: Services, clock: ManualClock) -> None:
    with watched.database.writing() as session:
        session.execute(sa.update(Source).values(due_at=NOW + 24 * HOUR))
    clock.advance(20 * HOUR)
    assert watch_scans.run(watched) == 0
    watched.close()


def test_a_paused_source_is_no_outage(watched: Services, clock: ManualClock) -> None:
    with watched.database.writing() as session:
        session.execute(sa.update(Source).values(due_at=None))
    clock.advance(90 * HOUR)
    assert watch_scans.run(watched) == 0
    watched.close()


def test_a_scan_that_has_just_begun_gets_its_chance_and_one_that_hangs_does_not(
    watched: Services, clock: ManualClock
) -> None:
    clock.advance(4 * HOUR)
    with watched.database.writing() as session:
        session.add(JobRun(job="scan_sources", started_at=clock.now()))
    assert watch_scans.run(watched) == 0
    clock.advance(timedelta(minutes=15))
    assert watch_scans.run(watched) == 1
    watched.close()


def test_the_pages_the_probe_and_the_doctor_say_so_even_where_no_job_runs(
    watched: Services, clock: ManualClock
) -> None:
    app = create_app(watched)
    visitor = Visitor(app.test_client())
    visitor.sign_in("admin@example.com")
    assert visitor.get("/readyz").json == {"status": "ok"}
    assert "No source has been read since" not in visitor.get("/inbox").text
    assert checks.check_scan(watched).to_do == ""
    clock.advance(4 * HOUR)
    assert (visitor.get("/readyz").status_code, visitor.get("/readyz").json) == (503, {"status": "no_scan"})
    assert "No source has been read since" in visitor.get("/inbox").text
    found = checks.check_scan(watched)
    assert found.to_do
    assert "overdue: 1" in found.found
    watched.close()


def test_the_heartbeat_beats_while_scans_go_well_and_stops_with_them(
    settings: Settings, clock: ManualClock, watched: Services, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/ping").respond_with_data("OK")
    url = httpserver.url_for("/ping")
    services = build(settings.model_copy(update={"heartbeat_url": url})).with_clock(clock)
    watch_scans.run(services)
    assert httpserver.log == []
    read_at(services, clock.now())
    watch_scans.run(services)
    assert len(httpserver.log) == 1
    with services.database.writing() as session:
        session.add(JobRun(job="scan_sources", started_at=NOW, finished_at=clock.now(), error="it fell over"))
    watch_scans.run(services)
    assert len(httpserver.log) == 1
    read_at(services, clock.now())
    clock.advance(4 * HOUR)
    watch_scans.run(services)
    assert len(httpserver.log) == 1
    services.close()
    watched.close()


def test_a_heartbeat_that_cannot_be_reached_is_an_error_of_the_job(
    settings: Settings, clock: ManualClock, watched: Services
) -> None:
    services = build(settings.model_copy(update={"heartbeat_url": "http://127.0.0.1:9/"})).with_clock(clock)
    read_at(services, clock.now())
    with pytest.raises(FetchError):
        watch_scans.run(services)
    services.close()
    watched.close()
