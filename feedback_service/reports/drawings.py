"""Figures drawn: each chart with its alt text and the table of the numbers it shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedback_service.reports import charts
from feedback_service.reports.charts import Bar, Interval, Point
from feedback_service.reports.figures import AnswerFigures, RatePoint, ReturnFigures
from feedback_service.reports.statistics import Rate, wilson
from feedback_service.reports.words import Words

_MOST_REASONS = 6


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its caption, its column heads, its rows; the first cell of a row is its head."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, what it shows in one sentence, and its numbers."""

    svg: str
    alt: str
    table: Table


def course_chart(points: Sequence[RatePoint], label: Callable[[datetime], str], words: Words) -> Chart | None:
    """Draw the return rate over time with its interval; None while no bucket has a rate to show."""
    shown = [point for point in points if _is_drawn(point.rate)]
    if not shown:
        return None
    last = shown[-1]
    alt = words.say(
        "Return rate by order over time; the last value, from {day}, is {share} ({reach}).",
        day=label(last.start),
        share=words.share(last.rate),
        reach=words.reach(last.rate),
    )
    top = charts.axis_top([point.rate.high for point in shown] + [point.rate.share for point in shown])
    axis = [(value, words.percent(value, 100 if top < 0.1 and value else 1)) for value in (0.0, top / 2, top)]  # noqa: PLR2004 - small axes need a decimal
    drawn = [_point(point, label, words) for point in points]
    head = (words.say("Beginning"), words.say("Rate"), words.say("95% interval"), words.say("Counts"))
    rows = tuple(_row(point, label, words) for point in points)
    return Chart(charts.course(drawn, alt, axis), alt, Table(words.say("Return rate by order over time"), head, rows))


def reasons_chart(now: ReturnFigures, words: Words) -> Chart:
    """Draw the known reasons as bars, most frequent first; the rest and the unknown last."""
    known = sum(count.returns for count in now.known_reasons)
    named = [(words.reason(count.reason), count.returns) for count in now.known_reasons[:_MOST_REASONS]]
    rest = known - sum(returns for _, returns in named)
    if rest:
        named.append((words.say("All other reasons"), rest))
    rates = [(name, wilson(returns, known)) for name, returns in named]
    longest = max(returns for _, returns in named)
    bars = [
        Bar(name, rate.k / longest, _bar_text(rate, words), is_main=position < len(now.main_reasons))
        for position, (name, rate) in enumerate(rates)
    ]
    alt = words.say(
        "Reasons of {known} returns with a known reason; first: {reason}, {share}.",
        known=words.number(known),
        reason=rates[0][0],
        share=words.share(rates[0][1]),
    )
    head = (words.say("Reason"), words.say("Returns"), words.say("Share"), words.say("95% interval"))
    rows = [(name, words.number(rate.k), _hidden(rate, words), words.reach(rate)) for name, rate in rates]
    rows.append((words.reason("unknown"), words.number(now.unknown_reason_rate.k), "–", "–"))
    return Chart(charts.bar_list(bars, alt), alt, Table(words.say("Reasons of the returns"), head, tuple(rows)))


def satisfaction_chart(now: AnswerFigures, before: AnswerFigures | None, words: Words) -> Chart | None:
    """Draw CSAT and CES with their intervals; None while there are too few answers for a percentage."""
    rows = [(words.say("Satisfied (CSAT)"), now.csat, True)]
    if before:
        rows.append((words.say("The week before"), before.csat, False))
    rows.append((words.say("Easy (CES)"), now.ces, False))
    if not now.csat.is_shown:
        return None
    lines = [_interval(name, rate, words, is_main=is_main) for name, rate, is_main in rows]
    alt = words.say(
        "Share of satisfied customers: {share}, 95% interval {reach}.",
        share=words.share(now.csat),
        reach=words.reach(now.csat),
    )
    head = (words.say("Figure"), words.say("Share"), words.say("95% interval"), "n")
    table = Table(
        words.say("Satisfaction and ease"),
        head,
        tuple((name, _hidden(rate, words), words.reach(rate), words.number(rate.n)) for name, rate, _ in rows),
    )
    ends = (words.percent(0, 1), words.percent(1, 1))
    return Chart(charts.intervals(lines, alt, ends), alt, table)


def _is_drawn(rate: Rate) -> bool:
    return rate.is_shown and rate.share is not None


def _point(point: RatePoint, label: Callable[[datetime], str], words: Words) -> Point:
    rate = point.rate
    if not _is_drawn(rate):
        return Point(label(point.start), None, None, None)
    return Point(label(point.start), rate.share, rate.low, rate.high, words.share(rate))


def _row(point: RatePoint, label: Callable[[datetime], str], words: Words) -> tuple[str, ...]:
    rate = point.rate
    return label(point.start), _hidden(rate, words), words.reach(rate), words.parts(rate)


def _interval(name: str, rate: Rate, words: Words, *, is_main: bool) -> Interval:
    n = words.say("n = {n}", n=words.number(rate.n))
    if not rate.is_shown:
        return Interval(name, None, None, None, n)
    return Interval(name, rate.share, rate.low, rate.high, f"{words.share(rate)} · {n}", is_main=is_main)


def _bar_text(rate: Rate, words: Words) -> str:
    return f"{words.number(rate.k)} ({words.share(rate)})" if rate.is_shown else words.number(rate.k)


def _hidden(rate: Rate, words: Words) -> str:
    return words.share(rate) if rate.is_shown else "–"
