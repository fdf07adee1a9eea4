"""With the real scorer and the real desk: what an edit, a deletion and a copy do to stories and alerts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeAlias

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.alerts.models import Story, StoryEvent
from feedback_service.bootstrap import Services, build
from feedback_service.clock import ManualClock
from feedback_service.mail.models import OutboxMail
from feedback_service.mentions.models import Document, Mention
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.sources.models import Source, SourceKind
from feedback_service.sources.registry import add_source, make_all_due
from jobs import scan_sources
from tests.scanning.steps import serve
from tests.support.builders import NOW, make_shop, make_staff
from tests.support.feeds import review, review_page, rss, rss_item

Scan: TypeAlias = Callable[[bytes], None]
GOOD = "Très belle lampe de chez Atelier Lumen, livraison rapide, je recommande."
BAD = "Atelier Lumen : colis jamais reçu, aucun remboursement, service client injoignable. C'est une honte !"
WORSE = f"{BAD} J'ai porté plainte pour escroquerie et prévenu la répression des fraudes."
NEAR = BAD.replace("C'est une honte", "C'est la honte")


def post(text: str, guid: str = "1") -> str:
    return rss_item(text, title="Ma lampe", guid=guid, link=f"https://blog.example.com/{guid}", at=NOW)


@pytest.fixture
def built(settings: Settings, clock: ManualClock) -> Iterator[Services]:
    """The services of an installation with a shop and an agent."""
    services = build(settings).with_clock(clock)
    with services.database.writing() as session:
        make_staff(session, make_shop(session))
    yield services
    services.close()


@pytest.fixture
def scan(built: Services, clock: ManualClock, httpserver: HTTPServer) -> Scan:
    """Read the one source with this body."""

    def read(body: bytes) -> None:
        url = serve(httpserver, body)
        kind = SourceKind.FEED if b"<rss" in body else SourceKind.REVIEW_PAGE
        with built.database.writing() as session:
            if session.scalar(sa.select(Source.id)) is None:
                shop = session.scalars(sa.select(Shop)).one()
                add_source(session, shop, url, kind, clock.now(), about_us=True)
            clock.advance(timedelta(hours=3))
            make_all_due(session, clock.now())
        assert scan_sources.run(built) == 1

    return read


def events(services: Services) -> list[str]:
    with services.database.reading() as session:
        return list(session.scalars(sa.select(StoryEvent.kind).order_by(StoryEvent.id)))


def alerts(services: Services) -> int:
    with services.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).where(OutboxMail.kind == "story_alert")) or 0


def test_praise_of_the_first_scan_that_becomes_a_complaint_opens_a_story_and_alerts(
    built: Services, scan: Scan
) -> None:
    scan(rss(post(GOOD)))
    assert (events(built), alerts(built)) == ([], 0)
    scan(rss(post(BAD)))
    assert (events(built), alerts(built)) == (["opened", "alerted"], 1)
    scan(rss(post(WORSE)))
    assert events(built)[:3] == ["opened", "alerted", "edited"]
    with built.database.reading() as session:
        (story,) = session.scalars(sa.select(Story))
        (mention,) = session.scalars(sa.select(Mention))
        assert (mention.text, [item.mention_id for item in story.items]) == (f"Ma lampe\n{WORSE}", [mention.id])


def test_a_complaint_that_is_taken_back_keeps_its_story(built: Services, scan: Scan) -> None:
    scan(rss())
    scan(rss(post(BAD)))
    scan(rss(post(GOOD)))
    assert events(built) == ["opened", "alerted", "edited"]
    assert alerts(built) == 1


def test_a_review_that_is_removed_is_an_event_of_its_story_and_no_alert(built: Services, scan: Scan) -> None:
    others = [review(f"{GOOD} {word}", 5, f"{word} X.") for word in ("Ann", "Bob", "Cid")]
    scan(review_page(others))
    scan(review_page([review(BAD, 1, "Zoé Z."), *others]))
    scan(review_page(others))
    assert (events(built), alerts(built)) == (["opened", "alerted", "went"], 1)
    scan(review_page([review(BAD, 1, "Zoé Z."), *others]))
    assert (events(built), alerts(built)) == (["opened", "alerted", "went"], 1)
    with built.database.reading() as session:
        assert set(session.scalars(sa.select(Document.gone_at))) == {None}


def test_near_copies_are_one_story_and_one_alert(built: Services, scan: Scan) -> None:
    scan(rss())
    scan(rss(post(BAD)))
    scan(rss(post(NEAR, "2"), post(BAD)))
    with built.database.reading() as session:
        assert [mention.copies for mention in session.scalars(sa.select(Mention))] == [2]
        assert len(session.scalars(sa.select(Story)).all()) == 1
    assert alerts(built) == 1
