"""Figures as JSON with stable keys, for `stats --json` and whoever reads it (docs/figures.md lists them)."""

from datetime import datetime
from typing import Any

from feedback_service.reports.figures import AnswerFigures, Delay, Figures, HeardFigures, ReturnFigures
from feedback_service.reports.statistics import Mean, Rate, Ratio, Score

_DIGITS = 6


def as_json(shop: str, figures: Figures) -> dict[str, Any]:
    """Return every figure of `shop` (its slug); shares are 0-1, durations seconds, instants ISO 8601 in UTC."""
    span = figures.span
    return {
        "shop": shop,
        "from": _instant(span.start),
        "until": _instant(span.end),
        "at": _instant(figures.at),
        **_returned(figures.returned),
        **_answered(figures.answered),
        **_heard(figures.heard),
        "sources": len(figures.sources),
        "sources_lost": len(figures.lost_sources),
    }


def _returned(found: ReturnFigures) -> dict[str, Any]:
    return {
        "orders": found.orders,
        "returns": found.returns,
        "returns_of_unknown_order": found.returns_of_unknown_order,
        "returns_rejected": found.returns_rejected,
        "returned_orders": found.returned_orders,
        "units_sold": round(found.rate_units.whole),
        "units_returned": round(found.rate_units.part),
        "currency": found.currency,
        "gross_sales": found.rate_value.whole,
        "value_returned": found.rate_value.part,
        "orders_in_other_currencies": found.other_currencies,
        "return_rate_orders": _round(found.rate_orders.share),
        "return_rate_orders_interval": _interval(found.rate_orders),
        "return_rate_units": _round(found.rate_units.share),
        "return_rate_units_interval": _interval(found.rate_units),
        "return_rate_value": _round(found.rate_value.share),
        "return_rate_value_interval": _interval(found.rate_value),
        "return_rate_cohort": _rate(found.rate_cohort),
        "main_reason": found.main_reason,
        "main_reason_tied": found.main_reason_tied,
        "main_reason_share": _rate(found.main_reason_rate),
        "unknown_reason_share": _round(found.unknown_reason_rate.share),
        "reasons": {count.reason: count.returns for count in found.reasons},
    }


def _answered(found: AnswerFigures) -> dict[str, Any]:
    return {
        "answers": found.csat.n,
        "ratings": {str(number): count for number, count in enumerate(found.ratings, start=1)},
        "csat": _rate(found.csat),
        "ces": _rate(found.ces),
        "ces_mean": _mean(found.ces_mean),
        "surveys_sent": found.response.n,
        "surveys_answered": found.response.k,
        "response_rate": _rate(found.response),
        "nps": _score(found.nps),
    }


def _heard(found: HeardFigures) -> dict[str, Any]:
    return {
        "mentions": found.mentions,
        "mentions_of_first_scan": found.first_scan,
        "positive_mentions": found.sentiment.positive,
        "negative_mentions": found.sentiment.negative,
        "net_sentiment": _score(found.sentiment),
        "negative_stories": found.stories,
        "stories_waiting": found.waiting,
        "time_to_detect": _delay(found.detect),
        "time_to_detect_from_fetch": _delay(found.detect_from_fetch),
        "time_to_acknowledge": _delay(found.acknowledge),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "k": rate.k,
        "n": rate.n,
        "share": _round(rate.share),
        "low": _round(rate.low),
        "high": _round(rate.high),
    }


def _interval(rate: Rate | Ratio) -> list[float] | None:
    bounds = rate.bounds
    return [round(bounds[0], _DIGITS), round(bounds[2], _DIGITS)] if bounds else None


def _mean(mean: Mean) -> dict[str, Any]:
    return {"n": mean.n, "mean": _round(mean.value), "low": _round(mean.low), "high": _round(mean.high)}


def _score(score: Score) -> dict[str, Any]:
    return {"n": score.n, "score": _round(score.value), "low": _round(score.low), "high": _round(score.high)}


def _delay(delay: Delay) -> dict[str, Any]:
    return {"n": delay.n, "median_seconds": delay.median}


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _instant(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
