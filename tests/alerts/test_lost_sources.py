"""A lost source is told once, and its return once; a hiccup is neither."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service import paths
from feedback_service.alerts.lost_sources import LostSources
from feedback_service.db import Database
from feedback_service.links import Links
from feedback_service.mail.models import OutboxMail
from feedback_service.mail.outbox import Outbox
from feedback_service.mail.render import Renderer
from feedback_service.shops.models import Role
from feedback_service.shops.operators import operators
from feedback_service.sources.models import Source, SourceKind, SourceOutage, SourceState
from feedback_service.sources.outages import News, Standing, news_of
from feedback_service.sources.registry import add_source
from tests.support.builders import NOW, SECRET, make_shop, make_staff

HOUR = timedelta(hours=1)
Poll = Callable[..., News | None]


@pytest.fixture
def lost_sources() -> LostSources:
    """What tells the operator."""
    links = Links("https://feedback.example.com")
    return LostSources(Outbox(Renderer((paths.templates_folder(),), links), SECRET), links)


@pytest.fixture
def poll(database: Database, lost_sources: LostSources) -> Poll:
    """Settle a poll of the one source, in the state given, and say what was told."""
    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop, "admin@example.com", role=Role.ADMIN, language="fr")
        make_staff(session, shop, "agent@example.com", role=Role.AGENT)
        add_source(session, shop, "https://forum.example.com/feed", SourceKind.FEED, NOW, title="Forum")

    def settle(state: SourceState, now: datetime, failures: int = 0, *, is_gone: bool = False) -> News | None:
        with database.writing() as session:
            source = session.scalars(sa.select(Source)).one()
            before, source.state, source.failures = source.state, state, failures
            source.state_reason = "The site has a fault (HTTP 500)."
            source.due_at = None if is_gone else now + HOUR
            session.flush()
            return lost_sources.source_changed_state(session, source, before, state, now)

    return settle


def mails(database: Database) -> list[OutboxMail]:
    with database.reading() as session:
        return list(session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)))


def test_a_refusal_is_told_at_once_and_once_and_so_is_the_return(database: Database, poll: Poll) -> None:
    told = [
        poll(SourceState.OK, NOW),
        poll(SourceState.BLOCKED, NOW + HOUR, 1),
        poll(SourceState.BLOCKED, NOW + 2 * HOUR, 2),
        poll(SourceState.CHANGED, NOW + 3 * HOUR, 3),
        poll(SourceState.OK, NOW + 4 * HOUR),
        poll(SourceState.OK, NOW + 5 * HOUR),
        poll(SourceState.ROBOTS, NOW + 6 * HOUR, 1),
    ]
    assert told == [None, News.LOST, None, None, News.HEARD, None, News.LOST]
    assert [mail.kind for mail in mails(database)] == ["source_lost", "source_heard", "source_lost"]


def test_a_site_that_is_down_is_lost_after_three_failures(poll: Poll) -> None:
    told = [poll(SourceState.DOWN, NOW + number * HOUR, number) for number in range(1, 5)]
    assert told == [None, None, News.LOST, None]


def test_a_site_that_is_down_is_lost_after_a_day(poll: Poll) -> None:
    assert poll(SourceState.DOWN, NOW, 1) is None
    assert poll(SourceState.DOWN, NOW + 25 * HOUR, 2) is News.LOST


def test_a_hiccup_is_told_neither_as_a_loss_nor_as_a_return(database: Database, poll: Poll) -> None:
    assert poll(SourceState.DOWN, NOW, 1) is None
    assert poll(SourceState.OK, NOW + HOUR) is None
    assert mails(database) == []
    with database.reading() as session:
        outage = session.scalars(sa.select(SourceOutage)).one()
        assert (outage.since, outage.until, outage.told_at) == (NOW, NOW + HOUR, None)


def test_an_address_that_is_gone_for_good_is_told_at_once(poll: Poll) -> None:
    assert poll(SourceState.DOWN, NOW, 1, is_gone=True) is News.LOST


def test_the_mail_says_in_the_operators_language_what_and_why_and_since_when(database: Database, poll: Poll) -> None:
    poll(SourceState.BLOCKED, NOW, 1)
    (mail,) = mails(database)
    assert (mail.recipient, mail.language, mail.subject) == ("admin@example.com", "fr", "On n’entend plus Forum")
    for part in (mail.text or "", mail.html or ""):
        assert "23 novembre 2026" in part
        assert "(HTTP 500)" in part
        assert "https://feedback.example.com/sources" in part
        assert "The site" not in part


def test_without_anybody_to_tell_it_is_told_when_somebody_comes(database: Database, lost_sources: LostSources) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        source = add_source(session, shop, "https://forum.example.com/feed", SourceKind.FEED, NOW)
        blocked = SourceState.BLOCKED
        assert lost_sources.source_changed_state(session, source, SourceState.OK, blocked, NOW) is None
        make_staff(session, shop, "manager@example.com", role=Role.MANAGER)
        assert lost_sources.source_changed_state(session, source, blocked, blocked, NOW + HOUR) is News.LOST


def test_the_operator_is_an_administrator_or_else_a_manager(database: Database) -> None:
    def named(session: Session) -> list[str]:
        return [staff.email for staff in operators(session, shop)]

    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop, "agent@example.com")
        assert named(session) == []
        make_staff(session, shop, "manager@example.com", role=Role.MANAGER)
        make_staff(session, shop, "left@example.com", role=Role.ADMIN, is_active=False)
        make_staff(session, shop, "quiet@example.com", role=Role.ADMIN, wants_alerts=False)
        assert named(session) == ["manager@example.com"]
        make_staff(session, shop, "admin@example.com", role=Role.ADMIN)
        assert named(session) == ["admin@example.com"]


@pytest.mark.parametrize("state", [SourceState.BLOCKED, SourceState.ROBOTS, SourceState.CHANGED, SourceState.SILENT])
def test_what_no_waiting_repairs_is_told_at_once(state: SourceState) -> None:
    standing = Standing(state, NOW, failures=0, is_told=False)
    assert news_of(standing, NOW) is News.LOST
