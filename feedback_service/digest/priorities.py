"""The three things to look at first: which, in which order, and why. Pure.

One thing of each kind at most, so that ten lost sources do not hide a late refund. The ranks say what a
week's delay costs: a person who waits for money or an answer comes before a figure that moved. Where less than
three things press, figures that only stand there fill up, each with enough cases to mean something.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feedback_service.reports.figures import (
    OTHER_REASON,
    Figures,
    LateRefunds,
    ProductFigure,
    ReturnFigures,
    WaitingStory,
)
from feedback_service.reports.statistics import LEAST_SHOWN, Rate, Trend, rate_trend, wilson

_MOST = 3
_LOW_RESPONSE = 0.10  # A survey answered by fewer than one in ten tells little about the others.
_LEAST_SENT = 30
_STORY_RANK = {"crisis": 100, "same_day": 80, "digest": 40}


class Kind(StrEnum):
    """What a priority is about."""

    STORY = "story"
    LATE_REFUNDS = "late_refunds"
    RETURNS_UP = "returns_up"
    SATISFACTION_DOWN = "satisfaction_down"
    PRODUCT = "product"
    REASON = "reason"
    SOURCE = "source"
    LOW_RESPONSE = "low_response"
    MAIN_REASON = "main_reason"
    RETURN_RATE = "return_rate"
    RESPONSE = "response"
    NO_SOURCE = "no_source"


@dataclass(frozen=True, slots=True)
class Priority:
    """One thing to look at.

    Attributes:
        rank: higher comes first.
        subject: what it is about: a story's title, a product, a reason code, a source; may be empty.
        count: how many there are of its kind.
        rate: the rate that makes it stand out, if one does.
        before: what that rate was before.
        since: since when, if that is known.
        target_id: the story or return to open, if there is one.
    """

    kind: Kind
    rank: int
    subject: str = ""
    count: int = 1
    rate: Rate | None = None
    before: Rate | None = None
    since: datetime | None = None
    target_id: int | None = None


@dataclass(frozen=True, slots=True)
class Signals:
    """What the choice is made from. `month` and `month_before` are the four weeks up to the week's end and before."""

    week: Figures
    before: Figures
    month: ReturnFigures
    month_before: ReturnFigures
    stories: tuple[WaitingStory, ...]
    late: LateRefunds
    products: tuple[ProductFigure, ...]


def look_first(signals: Signals) -> tuple[Priority, ...]:
    """Return at most three priorities, the most pressing first; the same signals give the same answer."""
    pressing = list(_all(signals))
    milder = _milder(signals, {priority.kind for priority in pressing})
    found = sorted((*pressing, *milder), key=lambda priority: (-priority.rank, priority.kind))
    return tuple(found[:_MOST])


def _all(signals: Signals) -> Iterator[Priority]:
    yield from _people(signals)
    yield from _figures(signals)
    lost = signals.week.lost_sources
    if lost:
        yield Priority(Kind.SOURCE, 60, lost[0].title, len(lost), since=lost[0].since)
    response = signals.week.answered.response
    if _is_low(response):
        yield Priority(Kind.LOW_RESPONSE, 30, rate=response)


def _milder(signals: Signals, pressing: set[Kind]) -> Iterator[Priority]:
    """Yield what is worth knowing though nothing is wrong with it, and nothing that `pressing` says already."""
    month, response = signals.month, signals.week.answered.response
    if not signals.week.sources and (month.orders or month.returns):
        yield Priority(Kind.NO_SOURCE, 25)
    # "Another reason" is many reasons: nobody can act on it.
    named = month.main_reason_rate.is_shown and not month.main_reason_tied and month.main_reason != OTHER_REASON
    if month.main_reason and named and Kind.REASON not in pressing:
        yield Priority(Kind.MAIN_REASON, 20, month.main_reason, rate=month.main_reason_rate)
    risen = rate_trend(signals.month_before.rate_orders, month.rate_orders) is Trend.UP
    if month.returns and month.rate_orders.is_shown and not risen and Kind.RETURNS_UP not in pressing:
        yield Priority(Kind.RETURN_RATE, 15, rate=month.rate_orders)
    if response.n >= _LEAST_SENT and not _is_low(response):
        yield Priority(Kind.RESPONSE, 10, rate=response)


def _is_low(response: Rate) -> bool:
    return response.n >= _LEAST_SENT and response.high is not None and response.high < _LOW_RESPONSE


def _people(signals: Signals) -> Iterator[Priority]:
    if signals.stories:
        worst = max(signals.stories, key=lambda story: (_STORY_RANK.get(story.level, 0), story.severity))
        rank = _STORY_RANK.get(worst.level, 40)
        count = max(len(signals.stories), signals.week.heard.waiting)
        yield Priority(Kind.STORY, rank, worst.title, count, since=worst.opened_at, target_id=worst.story_id)
    late = signals.late
    if late.count:
        yield Priority(Kind.LATE_REFUNDS, 90, "", late.count, since=late.oldest_at, target_id=late.oldest_return_id)


def _figures(signals: Signals) -> Iterator[Priority]:
    now, before = signals.week, signals.before
    if rate_trend(before.returned.rate_orders, now.returned.rate_orders) is Trend.UP:
        yield Priority(Kind.RETURNS_UP, 75, rate=now.returned.rate_orders, before=before.returned.rate_orders)
    if rate_trend(before.answered.csat, now.answered.csat) is Trend.DOWN:
        yield Priority(Kind.SATISFACTION_DOWN, 72, rate=now.answered.csat, before=before.answered.csat)
    if signals.products:
        product = signals.products[0]
        yield Priority(Kind.PRODUCT, 70, product.product, len(signals.products), rate=product.rate)
    grown = grown_reason(signals.month_before, signals.month)
    if grown:
        reason, rate, rate_before = grown
        yield Priority(Kind.REASON, 65, reason, rate=rate, before=rate_before)


def grown_reason(before: ReturnFigures, now: ReturnFigures) -> tuple[str, Rate, Rate] | None:
    """Return the reason whose share of the known reasons clearly grew the most, with its share now and before."""
    known_now, known_before = _known(now), _known(before)
    if min(known_now, known_before) < LEAST_SHOWN:
        return None
    earlier = {count.reason: count.returns for count in before.known_reasons}
    pairs = [
        (count.reason, wilson(count.returns, known_now), wilson(earlier.get(count.reason, 0), known_before))
        for count in now.known_reasons
    ]
    grown = [pair for pair in pairs if rate_trend(pair[2], pair[1]) is Trend.UP]
    return max(grown, key=lambda pair: (pair[1].share or 0) - (pair[2].share or 0)) if grown else None


def _known(figures: ReturnFigures) -> int:
    return sum(count.returns for count in figures.known_reasons)
