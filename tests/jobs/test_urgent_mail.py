"""An alert leaves as soon as it is committed; every other mail waits for the tick."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.mail.models import Audience
from feedback_service.mail.outbox import URGENT
from feedback_service.settings import Settings
from feedback_service.ticks import JobTick, slot_of
from jobs import registry, urgent_mail
from tests.support.builders import make_shop
from tests.support.commands import environment, eventually, free_port, running
from tests.support.letters import return_letter
from tests.support.mail_catcher import MailCatcher, catching


@pytest.fixture
def catcher() -> Iterator[MailCatcher]:
    """A mail server."""
    with catching() as catcher:
        yield catcher


@pytest.fixture
def installation(settings: Settings, clock: ManualClock, database: Database, catcher: MailCatcher) -> Services:
    """An installation that sends to it."""
    return Services(settings.model_copy(update={"smtp_port": catcher.port}), clock, database)


@contextmanager
def serving(services: Services) -> Iterator[None]:
    """Listen for urgent mail while open."""
    thread = threading.Thread(target=urgent_mail.serve, args=(services,))
    thread.start()
    try:
        yield
    finally:
        services.stopping.set()
        thread.join(20)
        assert not thread.is_alive()


def post(services: Services, cause: str, priority: int) -> None:
    """Put one mail into the outbox."""
    with services.database.writing() as session:
        shop = make_shop(session, slug=cause)
        address, now = f"{cause}@example.com", services.clock.now()
        letter = return_letter(shop, address, now, cause=cause, audience=Audience.STAFF, priority=priority)
        services.outbox.post(session, letter, services.clock.now())


def test_an_urgent_mail_leaves_without_a_tick(installation: Services, catcher: MailCatcher) -> None:
    with serving(installation):
        # Until it listens a ring is lost, which the tick would make up for.
        number = 0
        while not catcher.recipients and number < 100:
            number += 1
            post(installation, f"urgent-{number}", URGENT)
            installation.stopping.wait(0.1)
        eventually(lambda: len(catcher.recipients) == number)
        post(installation, "last", URGENT)
        eventually(lambda: "last@example.com" in catcher.recipients)
    assert len(set(catcher.recipients)) == len(catcher.recipients)


def test_other_mail_waits_for_the_tick(installation: Services, catcher: MailCatcher) -> None:
    with installation.bell.listening() as listener:
        post(installation, "notice", URGENT + 1)
        assert not listener.heard(0.2)
        post(installation, "alert", URGENT)
        assert listener.heard(5)
    assert catcher.recipients == []


def test_a_mail_server_that_is_away_leaves_the_mail_to_the_tick(services: Services) -> None:
    away = Services(services.settings.model_copy(update={"smtp_port": free_port()}), services.clock, services.database)
    post(away, "alert", URGENT)
    assert urgent_mail.send_now(away) == 0


@pytest.mark.slow
def test_a_process_of_jobs_is_woken_by_another_process(services: Services, settings: Settings) -> None:
    _take_every_slot(services)
    with catching() as catcher:
        environ = environment(settings, smtp_port=catcher.port, jobs_pace=1)
        with running("jobs", environ=environ) as process:
            number = 0
            while not catcher.recipients and number < 100:
                number += 1
                post(services, f"urgent-{number}", URGENT)
                services.stopping.wait(0.3)
            eventually(lambda: len(catcher.recipients) == number)
            process.terminate()
            assert process.wait(30) == 0


def _take_every_slot(services: Services) -> None:
    """Let no process run the job for an hour: what is sent then was sent because of the bell."""
    job = registry.find("send_mail")
    first = slot_of(datetime.now(UTC), job.every)
    with services.database.writing() as session:
        session.add_all(JobTick(job=job.name, slot=first + number * job.every) for number in range(360))
