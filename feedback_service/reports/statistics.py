"""Statistics of small samples: rates with their 95 % interval, and whether a change is more than chance.

Pure: numbers in, frozen values out. Every rate carries its n (R36); below `LEAST_SHOWN` the percentage
is hidden, and within the error there is no arrow. Shares are 0-1, never percent.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Z = 1.959963984540054  # 97.5 % point of the normal distribution
_POWER = 0.8416212335729143  # 80 % point: the power that samples are planned with
LEAST_SHOWN = 10  # R36: percentages are hidden below this n.


class Trend(StrEnum):
    """Direction of a change; `UNCLEAR` while it lies within the error."""

    UP = "up"
    DOWN = "down"
    UNCLEAR = "unclear"


class _Sampled:
    """What is known from `n` cases."""

    __slots__ = ()
    n: int

    @property
    def is_shown(self) -> bool:
        """Tell whether n is large enough to show a percentage (R36)."""
        return self.n >= LEAST_SHOWN


class _Share(_Sampled):
    """A share with the bounds of its 95 % interval."""

    __slots__ = ()
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        """The share itself, None where there is nothing to divide by."""
        raise NotImplementedError

    @property
    def bounds(self) -> tuple[float, float, float] | None:
        """Low, share and high together; None where there is no interval."""
        if self.share is None or self.low is None or self.high is None:
            return None
        return self.low, self.share, self.high


@dataclass(frozen=True, slots=True)
class Rate(_Share):
    """`k` of `n` with the bounds of the 95 % interval; both bounds None where none can be given."""

    k: int
    n: int
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        """The share k / n (0-1), None without any case."""
        return self.k / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Ratio(_Share):
    """One total over another, such as units returned / units sold; `n` counts the independent cases.

    `low` and `high` bound the 95 % interval; None where none can be given.
    """

    part: float
    whole: float
    n: int
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        """Part / whole, None where the whole is nothing."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of `n` values with its 95 % interval; `deviation` is the sample standard deviation."""

    n: int
    value: float | None
    deviation: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Score(_Sampled):
    """(positive - negative) / n, in -1..1, with its 95 % interval: NPS and net sentiment."""

    positive: int
    negative: int
    n: int
    low: float | None
    high: float | None

    @property
    def value(self) -> float | None:
        """(positive - negative) / n, None without any case."""
        return (self.positive - self.negative) / self.n if self.n else None


def wilson(k: int, n: int) -> Rate:
    """Return `k` of `n` with Wilson's score interval (E. B. Wilson 1927; R36).

    Where k > n (more came back in the period than was ordered in it) this is no proportion of one
    population: the share stands, without an interval. Negative counts raise ValueError.
    """
    if k < 0 or n < 0:
        msg = f"counts cannot be negative: {k} of {n}"
        raise ValueError(msg)
    if n == 0 or k > n:
        return Rate(k, n, None, None)
    share, spread = k / n, Z * Z / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    # At the ends the bound is the share itself; rounding must not push it past.
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return Rate(k, n, low, high)


def net_score(positive: int, negative: int, n: int) -> Score:
    """Return the difference of two shares of one sample with the adjusted Wald interval (R36: NPS).

    Three cases are added, three quarters of one to each end. Raises ValueError where the parts
    exceed the whole.
    """
    if min(positive, negative) < 0 or positive + negative > n:
        msg = f"{positive} and {negative} are no parts of {n}"
        raise ValueError(msg)
    if n == 0:
        return Score(positive, negative, n, None, None)
    total = n + 3
    up, down = (positive + 0.75) / total, (negative + 0.75) / total
    half = Z * math.sqrt((up + down - (up - down) ** 2) / total)
    return Score(positive, negative, n, max(-1.0, up - down - half), min(1.0, up - down + half))


def mean(histogram: Mapping[int, int], scale: tuple[int, int]) -> Mean:
    """Return the mean of `histogram` (value -> count) with Student's interval, cut at the scale's ends."""
    n = sum(histogram.values())
    if n == 0:
        return Mean(0, None, None, None, None)
    value = sum(point * count for point, count in histogram.items()) / n
    if n == 1:
        return Mean(1, value, None, None, None)
    squares = sum(count * (point - value) ** 2 for point, count in histogram.items())
    deviation = math.sqrt(squares / (n - 1))
    half = student(n - 1) * deviation / math.sqrt(n)
    return Mean(n, value, deviation, max(float(scale[0]), value - half), min(float(scale[1]), value + half))


def student(degrees: int) -> float:
    """Return the 97.5 % point of Student's t for `degrees` >= 1.

    Exact for 1 and 2, else the Cornish-Fisher expansion (Abramowitz and Stegun 26.7.5), good to 0.003 from 4 on.
    """
    if degrees == 1:
        return math.tan(math.pi * 0.475)
    if degrees == 2:  # noqa: PLR2004 - the closed form for two degrees
        return 0.95 * math.sqrt(2 / (1 - 0.95**2))
    z, v = Z, degrees
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over independent cases, with the sum of their squares, from which its error follows."""

    cases: int
    total: float
    squares: float


def ratio(part: Total, whole: Total) -> Ratio:
    """Return part / whole of two totals of independent cases, with a 95 % interval.

    Units of one return come back together, so units are no sample of their own: a binomial interval would
    be far too narrow. Each total is taken as compound Poisson, whose variance is the sum of squares, and
    the interval of the quotient follows on the log scale (delta method).
    """
    if part.total <= 0 or whole.total <= 0:
        return Ratio(part.total, whole.total, whole.cases, None, None)
    error = math.sqrt(part.squares / part.total**2 + whole.squares / whole.total**2)
    share, factor = part.total / whole.total, math.exp(Z * error)
    return Ratio(part.total, whole.total, whole.cases, share / factor, share * factor)


def rate_trend(before: Rate, now: Rate) -> Trend:
    """Tell whether a share moved: the interval of `difference` excludes zero.

    `UNCLEAR` where either has no interval or too few cases to show.
    """
    gap = difference(before, now)
    if gap is None or not (before.is_shown and now.is_shown):
        return Trend.UNCLEAR
    return _outside_zero(*gap)


def difference(before: Rate, now: Rate) -> tuple[float, float] | None:
    """Return the 95 % interval of now - before: Newcombe's hybrid score interval (1998, method 10).

    None where either share has no interval.
    """
    if before.bounds is None or now.bounds is None:
        return None
    (low_1, share_1, high_1), (low_2, share_2, high_2) = before.bounds, now.bounds
    gap = share_2 - share_1
    down, up = math.hypot(share_2 - low_2, high_1 - share_1), math.hypot(high_2 - share_2, share_1 - low_1)
    return gap - down, gap + up


def count_trend(before: int, now: int) -> Trend:
    """Tell whether a count of events moved: the share of `now` in both periods is clearly not one half.

    Two Poisson counts of equally long periods, given their sum, are binomial with one half.
    """
    bounds = wilson(now, before + now).bounds
    return _outside_zero(bounds[0] - 0.5, bounds[2] - 0.5) if bounds else Trend.UNCLEAR


def mean_trend(before: Mean, now: Mean) -> Trend:
    """Tell whether a mean moved: Welch's interval of the difference (with the smaller n) excludes zero."""
    if min(before.n, now.n) < LEAST_SHOWN:
        return Trend.UNCLEAR
    if before.value is None or now.value is None or before.deviation is None or now.deviation is None:
        return Trend.UNCLEAR
    error = math.sqrt(before.deviation**2 / before.n + now.deviation**2 / now.n)
    half = student(min(before.n, now.n) - 1) * error
    gap = now.value - before.value
    return _outside_zero(gap - half, gap + half)


def _outside_zero(low: float, high: float) -> Trend:
    if low > 0:
        return Trend.UP
    return Trend.DOWN if high < 0 else Trend.UNCLEAR


def cases_per_group(rate: float, gap: float) -> int:
    """Return how many cases each of two groups needs to show that a share of `rate` differs by `gap` (both 0-1).

    For a two-sided test at 5 % with a power of 80 % (Fleiss, Levin, Paik 2003, 4.14): a true difference of `gap`
    is then found four times in five, and one that is not there one time in twenty. Raises ValueError for shares
    that are none.
    """
    other = rate + gap if rate + gap < 1 else rate - gap
    if not (0 < rate < 1 and 0 < gap < 1 and 0 < other < 1):
        msg = f"{rate} and {gap} are no share and difference to plan with"
        raise ValueError(msg)
    middle = (rate + other) / 2
    spread = Z * math.sqrt(2 * middle * (1 - middle))
    spread += _POWER * math.sqrt(rate * (1 - rate) + other * (1 - other))
    return math.ceil((spread / gap) ** 2)
