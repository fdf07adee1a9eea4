"""Mentions, stories and sources: what was said, how fast it was seen, and what could not be heard."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import Story, StoryState
from feedback_service.mentions.models import Mention, Verdict
from feedback_service.mentions.relevance import Standing
from feedback_service.reports.figures import Delay, HeardFigures, SourceLine, Span, WaitingStory
from feedback_service.reports.spans import within
from feedback_service.reports.statistics import Score, net_score
from feedback_service.sentiment.judgement import Label
from feedback_service.sources.models import UNHEARD, Source, SourceOutage

_HICCUP = timedelta(days=1)


def heard_figures(session: Session, shop_id: int, span: Span) -> HeardFigures:
    """Return the mentions found and the stories opened in `span`."""
    first_scan, sentiment = _mentions(session, shop_id, span)
    stories = session.execute(
        sa.select(Story.state, Story.published_at, Story.fetched_at, Story.opened_at, Story.acknowledged_at).where(
            Story.shop_id == shop_id, within(Story.opened_at, span), Story.state != StoryState.DISMISSED
        )
    ).all()
    return HeardFigures(
        mentions=sentiment.n,
        first_scan=first_scan,
        sentiment=sentiment,
        stories=len(stories),
        waiting=sum(story.state is StoryState.OPEN for story in stories),
        detect=_delay((story.published_at, story.opened_at) for story in stories),
        detect_from_fetch=_delay((story.fetched_at, story.opened_at) for story in stories),
        acknowledge=_delay((story.opened_at, story.acknowledged_at) for story in stories),
    )


def sources(session: Session, shop_id: int, span: Span) -> tuple[SourceLine, ...]:
    """Return the shop's sources as they stand now and how they stood in `span`, those in trouble first."""
    rows = session.scalars(sa.select(Source).where(Source.shop_id == shop_id).order_by(Source.id))
    unheard = _unheard(session, shop_id, span)
    lines = [
        SourceLine(
            title=source.title or source.url,
            url=source.url,
            state=source.state.value,
            reason=source.state_reason,
            since=source.state_since,
            is_trouble=source.state in UNHEARD or source.due_at is None,
            has_gap=_lies_in(source.possible_gap_at, span),
            unheard=tuple(unheard[source.id]),
        )
        for source in rows
    ]
    return tuple(sorted(lines, key=lambda line: not line.is_trouble))


def _unheard(session: Session, shop_id: int, span: Span) -> defaultdict[int, list[Span]]:
    """Return the outages that reach into `span`, by source; a hiccup of less than a day is none."""
    chosen = sa.select(SourceOutage).join(Source, Source.id == SourceOutage.source_id).where(Source.shop_id == shop_id)
    if span.end:
        chosen = chosen.where(SourceOutage.since < span.end)
    if span.start:
        chosen = chosen.where(sa.or_(SourceOutage.until.is_(None), SourceOutage.until > span.start))
    found = defaultdict[int, list[Span]](list)
    for outage in session.scalars(chosen.order_by(SourceOutage.since)):
        is_hiccup = outage.told_at is None and outage.until and outage.until - outage.since < _HICCUP
        if not is_hiccup:
            found[outage.source_id].append(Span(outage.since, outage.until))
    return found


def waiting_stories(session: Session, shop_id: int, limit: int = 3) -> tuple[WaitingStory, ...]:
    """Return the stories nobody has taken yet, most severe first."""
    rows = session.scalars(
        sa.select(Story)
        .where(Story.shop_id == shop_id, Story.state == StoryState.OPEN)
        .order_by(Story.severity.desc(), Story.opened_at, Story.id)
        .limit(limit)
    )
    return tuple(
        WaitingStory(story.id, story.title, story.level.value, story.severity, story.opened_at) for story in rows
    )


def _mentions(session: Session, shop_id: int, span: Span) -> tuple[int, Score]:
    """Return how many mentions are of first scans, and the balance of the others."""
    undecided = Mention.verdict.is_(None)
    is_negative = sa.or_(sa.and_(Mention.label == Label.NEGATIVE, undecided), Mention.verdict == Verdict.COMPLAINT)
    new = Mention.is_baseline.is_(False)
    first_scan, mentions, positive, negative = session.execute(
        sa.select(
            sa.func.count(sa.case((Mention.is_baseline.is_(True), 1))),
            sa.func.count(sa.case((new, 1))),
            sa.func.count(sa.case((sa.and_(new, Mention.label == Label.POSITIVE), 1))),
            sa.func.count(sa.case((sa.and_(new, is_negative), 1))),
        ).where(
            Mention.shop_id == shop_id,
            within(Mention.found_at, span),
            Mention.standing == Standing.US,
            sa.or_(undecided, Mention.verdict != Verdict.NOT_US),
        )
    ).one()
    return first_scan, net_score(positive, negative, mentions)


def _delay(pairs: Iterable[tuple[datetime | None, datetime | None]]) -> Delay:
    # A publication dated after our fetch is a wrong clock of the site: no time passed that we could measure.
    seconds = [max(0.0, (end - start).total_seconds()) for start, end in pairs if start and end]
    return Delay(len(seconds), median(seconds) if seconds else None)


def _lies_in(instant: datetime | None, span: Span) -> bool:
    if instant is None or (span.start and instant < span.start):
        return False
    return span.end is None or instant < span.end
