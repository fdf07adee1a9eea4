"""Known answers of R36 and properties of every interval."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.reports.statistics import (
    LEAST_SHOWN,
    Rate,
    Total,
    Trend,
    count_trend,
    difference,
    mean,
    mean_trend,
    net_score,
    rate_trend,
    ratio,
    student,
    wilson,
)

COUNTS = st.integers(0, 5000)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(8, 10, 0.490, 0.943), (0, 5, 0.0, 0.434), (45, 50, 0.786, 0.957)],
    ids=["8 of 10", "0 of 5", "45 of 50"],
)
def test_wilson_gives_the_known_answers(k: int, n: int, low: float, high: float) -> None:
    rate = wilson(k, n)
    assert rate.low == pytest.approx(low, abs=5e-4)
    assert rate.high == pytest.approx(high, abs=5e-4)


@pytest.mark.parametrize(
    ("promoters", "detractors", "n", "score", "low", "high"),
    [(10, 5, 20, 25.0, -11.7, 55.2), (50, 20, 100, 30.0, 14.1, 44.2)],
    ids=["small", "hundred"],
)
def test_the_net_promoter_score_has_the_known_interval(
    promoters: int, detractors: int, n: int, score: float, low: float, high: float
) -> None:
    found = net_score(promoters, detractors, n)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert [round(100 * value, 1) for value in (found.value, found.low, found.high)] == [score, low, high]


@given(COUNTS, COUNTS)
def test_a_wilson_interval_lies_in_0_to_1_and_holds_the_share(a: int, b: int) -> None:
    k, n = min(a, b), max(a, b)
    rate = wilson(k, n)
    if n == 0:
        assert rate == Rate(0, 0, None, None)
        return
    assert rate.low is not None
    assert rate.high is not None
    assert rate.share is not None
    assert 0 <= rate.low <= rate.share <= rate.high <= 1


@given(st.integers(1, 500), st.integers(2, 50))
def test_more_cases_of_the_same_share_make_the_interval_narrower(k: int, factor: int) -> None:
    few, many = wilson(k, 2 * k), wilson(k * factor, 2 * k * factor)
    assert few.low is not None
    assert many.low is not None
    assert few.low < many.low


def test_more_returns_than_orders_have_a_share_but_no_interval() -> None:
    rate = wilson(3, 2)
    assert (rate.share, rate.low, rate.high) == (1.5, None, None)


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (0, -5)])
def test_negative_counts_are_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        wilson(k, n)


def test_parts_that_exceed_the_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="no parts of 3"):
        net_score(2, 2, 3)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_a_net_score_turns_its_sign_when_ends_are_swapped(up: int, middle: int, down: int) -> None:
    n = up + middle + down
    one, other = net_score(up, down, n), net_score(down, up, n)
    if n == 0:
        assert one.value is None
        return
    assert one.low is not None
    assert other.high is not None
    assert math.isclose(one.low, -other.high, abs_tol=1e-12)
    assert -1 <= one.low <= 1


def test_percentages_are_shown_from_ten_cases_on() -> None:
    assert not wilson(1, LEAST_SHOWN - 1).is_shown
    assert wilson(1, LEAST_SHOWN).is_shown


@pytest.mark.parametrize(
    ("degrees", "expected"), [(1, 12.706), (2, 4.303), (4, 2.776), (9, 2.262), (29, 2.045), (1000, 1.962)]
)
def test_student_gives_the_tabled_points(degrees: int, expected: float) -> None:
    assert student(degrees) == pytest.approx(expected, abs=3e-3)


def test_a_mean_carries_its_interval_within_the_scale() -> None:
    found = mean({7: 9, 6: 3}, (1, 7))
    assert found.value == pytest.approx(6.75)
    assert found.low == pytest.approx(6.75 - 2.201 * 0.4523 / math.sqrt(12), abs=1e-3)
    assert found.high == 7.0


@pytest.mark.parametrize(("histogram", "n"), [({}, 0), ({4: 1}, 1)], ids=["none", "one"])
def test_a_mean_of_too_few_has_no_interval(histogram: dict[int, int], n: int) -> None:
    found = mean(histogram, (1, 7))
    assert (found.n, found.low, found.high) == (n, None, None)


def test_the_difference_of_two_shares_has_newcombes_interval() -> None:
    gap = difference(wilson(48, 80), wilson(56, 70))
    assert gap is not None
    assert list(gap) == pytest.approx([0.0524, 0.3339], abs=1e-4)


@pytest.mark.parametrize(
    ("before", "now", "trend"),
    [
        ((48, 80), (56, 70), Trend.UP),
        ((56, 70), (48, 80), Trend.DOWN),
        ((10, 100), (13, 100), Trend.UNCLEAR),
        ((0, 9), (9, 9), Trend.UNCLEAR),
        ((0, 0), (50, 100), Trend.UNCLEAR),
        ((30, 20), (1, 100), Trend.UNCLEAR),
    ],
    ids=["rose", "fell", "within the error", "too few", "nothing before", "no proportion"],
)
def test_a_share_has_no_arrow_within_the_error(before: tuple[int, int], now: tuple[int, int], trend: Trend) -> None:
    assert rate_trend(wilson(*before), wilson(*now)) is trend


@given(st.integers(10, 400), st.integers(0, 400), st.integers(10, 400), st.integers(0, 400))
def test_a_change_read_backwards_has_the_opposite_arrow(n1: int, k1: int, n2: int, k2: int) -> None:
    one, two = wilson(min(k1, n1), n1), wilson(min(k2, n2), n2)
    opposite = {Trend.UP: Trend.DOWN, Trend.DOWN: Trend.UP, Trend.UNCLEAR: Trend.UNCLEAR}
    assert rate_trend(one, two) is opposite[rate_trend(two, one)]


@pytest.mark.parametrize(
    ("before", "now", "trend"),
    [(0, 0, Trend.UNCLEAR), (2, 4, Trend.UNCLEAR), (1, 12, Trend.UP), (12, 1, Trend.DOWN)],
)
def test_a_count_has_an_arrow_only_beyond_chance(before: int, now: int, trend: Trend) -> None:
    assert count_trend(before, now) is trend


def test_a_mean_has_an_arrow_only_beyond_the_error() -> None:
    low, high = mean({2: 20, 3: 20}, (1, 7)), mean({5: 20, 6: 20}, (1, 7))
    assert mean_trend(low, high) is Trend.UP
    assert mean_trend(low, mean({2: 19, 3: 21}, (1, 7))) is Trend.UNCLEAR
    assert mean_trend(low, mean({7: 3}, (1, 7))) is Trend.UNCLEAR


def test_one_huge_return_widens_the_interval_of_the_unit_rate() -> None:
    sold = Total(cases=100, total=1000, squares=10_000)
    even = ratio(Total(10, 100, 1000), sold)
    huge = ratio(Total(10, 100, 91 * 91 + 9), sold)
    assert even.share == huge.share == 0.1
    assert even.low is not None
    assert huge.low is not None
    assert huge.low < even.low < 0.1


def test_a_ratio_without_sales_or_returns_has_no_interval() -> None:
    nothing, sold = Total(0, 0, 0), Total(20, 40, 90)
    assert ratio(nothing, sold).share == 0
    assert ratio(nothing, sold).low is None
    assert ratio(sold, nothing).share is None
