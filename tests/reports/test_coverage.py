"""Coverage: what could not be heard in a span, so that silence never reads as good news."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback_service.db import Database
from feedback_service.digest import builder
from feedback_service.digest.paper import paper
from feedback_service.digest.periods import Week
from feedback_service.links import Links
from feedback_service.reports.figures import SourceLine, Span
from feedback_service.reports.queries import figures_of
from feedback_service.reports.sections import sources_section
from feedback_service.reports.words import Words
from feedback_service.shops.models import Shop
from feedback_service.sources.models import Source, SourceOutage, SourceState
from tests.support.builders import NOW, make_shop
from tests.support.voices import make_source

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 15, 23, tzinfo=UTC)  # 16 November, 0:00 in Paris.
WEEK = Span(MONDAY, MONDAY + 7 * DAY)


def outage(source: Source, since: datetime, until: datetime | None, told_at: datetime | None = None) -> SourceOutage:
    return SourceOutage(source_id=source.id, state=SourceState.DOWN, since=since, until=until, told_at=told_at)


OUTAGES = {
    "in the middle of the week": (MONDAY + DAY, MONDAY + 3 * DAY, None, True),
    "from the week before into it": (MONDAY - 9 * DAY, MONDAY + DAY, None, True),
    "that lasts": (MONDAY + 6 * DAY, None, None, True),
    "short, but told": (MONDAY + DAY, MONDAY + DAY + HOUR, MONDAY + DAY, True),
    "a hiccup": (MONDAY + DAY, MONDAY + DAY + HOUR, None, False),
    "over before the week": (MONDAY - 9 * DAY, MONDAY - DAY, None, False),
    "after the week": (MONDAY + 8 * DAY, None, None, False),
}


@pytest.mark.parametrize(("since", "until", "told_at", "counts"), OUTAGES.values(), ids=OUTAGES.keys())
def test_an_outage_counts_where_it_reaches_into_the_span(
    database: Database,
    since: datetime,
    until: datetime | None,
    told_at: datetime | None,
    counts: bool,  # noqa: FBT001 - a table
) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_source(session, shop, "https://other.example.com/feed")
        source = make_source(session, shop)
        session.add(outage(source, since, until, told_at))
        found = figures_of(session, shop.id, WEEK, NOW)
    assert [line.unheard for line in found.unheard_sources] == ([(Span(since, until),)] if counts else [])


def test_another_shops_outage_is_not_ours(database: Database) -> None:
    with database.writing() as session:
        ours, theirs = make_shop(session), make_shop(session, "other")
        make_source(session, ours)
        session.add(outage(make_source(session, theirs), MONDAY, None))
        assert figures_of(session, ours.id, WEEK, NOW).unheard_sources == ()


def line(title: str, *unheard: Span, is_trouble: bool = False) -> SourceLine:
    return SourceLine(title, "https://x.example.com", "ok", "", MONDAY, is_trouble, has_gap=False, unheard=unheard)


def test_the_section_says_how_many_were_heard_all_the_time_and_when_the_others_were_not() -> None:
    lines = (line("Forum", Span(MONDAY + DAY, MONDAY + 3 * DAY)), line("Blog"), line("Avis"))
    section = sources_section(lines, Words("en", ZoneInfo("Europe/Paris")))
    assert section.number == "3 of 3"
    assert section.sentences == (
        "2 of 3 sources were heard all the time.",
        "Forum was not heard from 17 November to 19 November.",
        "No news from a source that is not heard is not good news.",
    )


def test_where_all_was_heard_nothing_is_said_of_outages() -> None:
    assert sources_section((line("Blog"),), Words("en", ZoneInfo("Europe/Paris"))).sentences == ()


@pytest.fixture
def quiet_shop(database: Database) -> Shop:
    """A shop with one source and nothing that came in."""
    with database.writing() as session:
        shop = make_shop(session)
        make_source(session, shop)
    return shop


def summary(database: Database, shop: Shop) -> str:
    with database.reading() as session:
        contents = builder.build(session, shop, Week(MONDAY.date() + DAY), NOW)
    assert builder.from_json(builder.to_json(contents)) == contents
    return paper(contents, shop, "en", Links("https://feedback.example.com")).summary


def test_a_quiet_week_reads_as_one_only_where_it_was_heard(database: Database, quiet_shop: Shop) -> None:
    assert summary(database, quiet_shop) == "no returns and no negative stories this week"
    with database.writing() as session:
        source = session.get_one(Source, 1)
        session.add(outage(source, MONDAY + DAY, MONDAY + 3 * DAY))
    assert summary(database, quiet_shop).endswith("this week, but 1 source was not fully heard")
