"""What to look at first: order, limit, and nothing without a reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feedback_service.digest.priorities import Kind, Signals, grown_reason, look_first
from feedback_service.reports.figures import (
    AnswerFigures,
    Delay,
    Figures,
    HeardFigures,
    LateRefunds,
    ProductFigure,
    ReasonCount,
    ReturnFigures,
    SourceLine,
    Span,
    WaitingStory,
)
from feedback_service.reports.statistics import Rate, Total, mean, net_score, ratio, wilson

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
NOTHING = Total(0, 0, 0)


def _returned(rate: Rate, **reasons: int) -> ReturnFigures:
    return ReturnFigures(
        orders=rate.n,
        returns=rate.k,
        returns_of_unknown_order=0,
        returns_rejected=0,
        returned_orders=rate.k,
        rate_orders=rate,
        rate_cohort=rate,
        rate_units=ratio(NOTHING, NOTHING),
        rate_value=ratio(NOTHING, NOTHING),
        currency="EUR",
        other_currencies=0,
        reasons=tuple(ReasonCount(reason, count) for reason, count in reasons.items()),
    )


def _figures(
    rate: Rate | None = None, csat: Rate | None = None, response: Rate | None = None, *, lost: int = 0
) -> Figures:
    nothing = wilson(0, 0)
    line = SourceLine("Forum", "https://forum.example.com", "blocked", "403", NOW, True, False)  # noqa: FBT003 - a row
    delay = Delay(0, None)
    return Figures(
        span=Span(),
        at=NOW,
        returned=_returned(rate or nothing),
        answered=AnswerFigures((0, 0, 0, 0, 0), csat or nothing, nothing, mean({}, (1, 7)), response or nothing),
        heard=HeardFigures(0, 0, net_score(0, 0, 0), 0, 0, delay, delay, delay),
        sources=(line,) * lost,
    )


def _signals(**values: Any) -> Signals:  # noqa: ANN401 - any signal
    nothing = _returned(wilson(0, 0))
    defaults: dict[str, Any] = {
        "week": _figures(),
        "before": _figures(),
        "month": nothing,
        "month_before": nothing,
        "stories": (),
        "late": LateRefunds(0, None, None),
        "products": (),
    }
    return Signals(**(defaults | values))


def _story(level: str, severity: float = 50) -> WaitingStory:
    return WaitingStory(7, "Never arrived", level, severity, NOW - timedelta(hours=5))


PRODUCT = ProductFigure("BOOT", "Boots", wilson(30, 100), 20)
LATE = LateRefunds(2, NOW - timedelta(days=20), 5)


def _kinds(signals: Signals) -> list[Kind]:
    return [priority.kind for priority in look_first(signals)]


def test_a_quiet_week_has_nothing_to_look_at() -> None:
    assert look_first(_signals()) == ()


def test_three_at_most_and_people_before_figures() -> None:
    signals = _signals(
        week=_figures(wilson(60, 200), lost=1),
        before=_figures(wilson(20, 200)),
        stories=(_story("same_day"),),
        late=LATE,
        products=(PRODUCT,),
    )
    assert _kinds(signals) == [Kind.LATE_REFUNDS, Kind.STORY, Kind.RETURNS_UP]


@pytest.mark.parametrize(
    ("level", "kinds"),
    [
        ("crisis", [Kind.STORY, Kind.LATE_REFUNDS, Kind.PRODUCT]),
        ("same_day", [Kind.LATE_REFUNDS, Kind.STORY, Kind.PRODUCT]),
        ("digest", [Kind.LATE_REFUNDS, Kind.PRODUCT, Kind.STORY]),
    ],
)
def test_a_story_ranks_by_its_level(level: str, kinds: list[Kind]) -> None:
    assert _kinds(_signals(stories=(_story(level),), late=LATE, products=(PRODUCT,))) == kinds


def test_the_worst_story_stands_for_all_that_wait() -> None:
    stories = (_story("digest", 99), _story("crisis", 70), _story("same_day", 80))
    (priority,) = look_first(_signals(stories=stories))
    assert (priority.rank, priority.count, priority.target_id) == (100, 3, 7)


def test_lost_sources_are_one_line_however_many() -> None:
    (priority,) = look_first(_signals(week=_figures(lost=9)))
    assert (priority.kind, priority.count, priority.subject) == (Kind.SOURCE, 9, "Forum")


def test_a_change_within_the_error_is_no_priority() -> None:
    assert _kinds(_signals(week=_figures(wilson(13, 100)), before=_figures(wilson(10, 100)))) == []


def test_a_clear_fall_of_satisfaction_is_one() -> None:
    signals = _signals(week=_figures(csat=wilson(10, 40)), before=_figures(csat=wilson(35, 40)))
    assert _kinds(signals) == [Kind.SATISFACTION_DOWN]


@pytest.mark.parametrize(
    ("response", "expected"),
    [(wilson(1, 60), [Kind.LOW_RESPONSE]), (wilson(0, 20), []), (wilson(4, 60), [Kind.RESPONSE])],
    ids=["clearly below a tenth", "too few sent", "could be a tenth"],
)
def test_a_low_response_must_be_clearly_low(response: Rate, expected: list[Kind]) -> None:
    assert _kinds(_signals(week=_figures(response=response))) == expected


def test_the_reason_that_clearly_grew_most_is_named() -> None:
    before = _returned(wilson(60, 500), too_small=40, defective=20, unknown=90)
    now = _returned(wilson(60, 500), too_small=20, defective=40, unknown=5)
    found = grown_reason(before, now)
    assert found is not None
    assert (found[0], found[1].k, found[2].k) == ("defective", 40, 20)
    assert _kinds(_signals(month=now, month_before=before))[:1] == [Kind.REASON]


def test_few_known_reasons_say_nothing_of_growth() -> None:
    assert grown_reason(_returned(wilson(9, 90), late=9), _returned(wilson(9, 90), style=9)) is None


def test_figures_that_only_stand_there_fill_up_to_three() -> None:
    month = _returned(wilson(60, 500), too_small=40, defective=20)
    calm = _signals(month=month, month_before=month, week=_figures(response=wilson(20, 60), lost=1))
    assert _kinds(calm) == [Kind.SOURCE, Kind.MAIN_REASON, Kind.RETURN_RATE]


def test_a_tie_a_handful_or_another_reason_is_no_main_reason() -> None:
    tied = _returned(wilson(60, 500), too_small=20, defective=20)
    few = _returned(wilson(60, 500), too_small=5)
    many = _returned(wilson(60, 500), other=40, too_small=20)
    for month in (tied, few, many):
        assert Kind.MAIN_REASON not in _kinds(_signals(month=month, month_before=month))
