"""Frozen figures of one shop and one span of time. docs/figures.md names each with its formula."""

from dataclasses import dataclass, field
from datetime import datetime

from feedback_service.reports.statistics import Mean, Rate, Ratio, Score, net_score, wilson

UNKNOWN_REASON = "unknown"
OTHER_REASON = "other"
CSAT_FROM = 4  # R34: ratings 4-5 count as satisfied.
CES_FROM = 5  # R34: 5-7 of 7 count as easy.
CES_SCALE = (1, 7)
NPS_FROM = 9  # R34: 9-10 would recommend,
NPS_UNTIL = 6  # and 0-6 would not.


@dataclass(frozen=True, slots=True)
class Span:
    """The instants from `start` on and before `end`; None leaves that side open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many returns have this reason code."""

    reason: str
    returns: int


@dataclass(frozen=True, slots=True)
class ReturnFigures:
    """Orders placed and returns requested in the span.

    Attributes:
        returned_orders: orders with a return in the span; a return of unknown order counts as one.
        rate_orders: returned_orders / orders of the span (FIELD: return rate by order).
        rate_cohort: orders of the span that have a return by now / orders of the span.
        rate_units: units returned / units sold, in the span.
        rate_value: value returned / gross sales, in the span and in `currency` only.
        currency: the currency of most orders of the span.
        other_currencies: orders of the span in another currency; they are not in `rate_value`.
        reasons: most frequent first, `unknown` included.
    """

    orders: int
    returns: int
    returns_of_unknown_order: int
    returns_rejected: int
    returned_orders: int
    rate_orders: Rate
    rate_cohort: Rate
    rate_units: Ratio
    rate_value: Ratio
    currency: str
    other_currencies: int
    reasons: tuple[ReasonCount, ...]

    @property
    def known_reasons(self) -> tuple[ReasonCount, ...]:
        """The reasons without `unknown`."""
        return tuple(count for count in self.reasons if count.reason != UNKNOWN_REASON)

    @property
    def main_reason(self) -> str | None:
        """The reason code of most returns with a known reason, on a tie the first of them; None without one."""
        return self.known_reasons[0].reason if self.known_reasons else None

    @property
    def main_reasons(self) -> tuple[str, ...]:
        """The reason codes that share the first place: one, or several on a tie."""
        most = max((count.returns for count in self.known_reasons), default=0)
        return tuple(count.reason for count in self.known_reasons if count.returns == most)

    @property
    def named_reason(self) -> ReasonCount | None:
        """The most frequent reason that says what was wrong, where the main one does not: `other` is many reasons."""
        if OTHER_REASON not in self.main_reasons:
            return None
        return next((count for count in self.known_reasons if count.reason != OTHER_REASON), None)

    @property
    def main_reason_tied(self) -> bool:
        """Whether several reasons share the first place, so that none of them is the main one."""
        return len(self.main_reasons) > 1

    @property
    def main_reason_rate(self) -> Rate:
        """Returns with the main reason / returns with a known reason."""
        known = self.known_reasons
        return wilson(known[0].returns if known else 0, sum(count.returns for count in known))

    @property
    def unknown_reason_rate(self) -> Rate:
        """Returns without a known reason / returns."""
        return wilson(self.returns - sum(count.returns for count in self.known_reasons), self.returns)


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """Answers given in the span, and what became of the surveys sent in it.

    Attributes:
        ratings: how often 1, 2, 3, 4 and 5 were given.
        csat: answers 4-5 / answers.
        ces: effort answers 5-7 / effort answers.
        response: answered by now / sent, of the surveys after returns sent in the span (R39).
        nps: answers 9-10 minus answers 0-6, of the answers to the periodic survey (R34).
    """

    ratings: tuple[int, int, int, int, int]
    csat: Rate
    ces: Rate
    ces_mean: Mean
    response: Rate
    nps: Score = field(default_factory=lambda: net_score(0, 0, 0))


@dataclass(frozen=True, slots=True)
class Delay:
    """The median of `n` durations in seconds; None without any."""

    n: int
    median: float | None


@dataclass(frozen=True, slots=True)
class HeardFigures:
    """What was said of the shop in the span, and how fast it was seen.

    Attributes:
        mentions: found in the span, without those that staff said are not about the shop
            and without those of a source's first scan, which are old.
        first_scan: mentions of first scans in the span, in no other figure.
        sentiment: (positive - negative) / mentions.
        stories: negative stories opened in the span and not dismissed since.
        waiting: of those, nobody has taken yet.
        detect: from publication to the story's opening, where the publication is known.
        detect_from_fetch: from our first fetch to the story's opening.
        acknowledge: from the opening until somebody took it.
    """

    mentions: int
    first_scan: int
    sentiment: Score
    stories: int
    waiting: int
    detect: Delay
    detect_from_fetch: Delay
    acknowledge: Delay


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source as it stands now, and the times within the span in which it was not heard.

    `is_trouble` also where no next poll is planned. `unheard` leaves out what passed within a day and nobody was told.
    """

    title: str
    url: str
    state: str
    reason: str
    since: datetime
    is_trouble: bool
    has_gap: bool
    unheard: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """Every figure of one shop and span, as known at `at`."""

    span: Span
    at: datetime
    returned: ReturnFigures
    answered: AnswerFigures
    heard: HeardFigures
    sources: tuple[SourceLine, ...]

    @property
    def lost_sources(self) -> tuple[SourceLine, ...]:
        """The sources that are not heard now: never good news."""
        return tuple(source for source in self.sources if source.is_trouble)

    @property
    def unheard_sources(self) -> tuple[SourceLine, ...]:
        """The sources that are not heard now, or were not for some of the span."""
        return tuple(source for source in self.sources if source.is_trouble or source.unheard)


@dataclass(frozen=True, slots=True)
class RatePoint:
    """One bucket of a series: its first instant and the return rate by order in it."""

    start: datetime
    rate: Rate


@dataclass(frozen=True, slots=True)
class ProductFigure:
    """One product: returns that hold it / orders that hold it, and how many returns beyond the shop's rate."""

    sku: str
    product: str
    rate: Rate
    excess: float


@dataclass(frozen=True, slots=True)
class WaitingStory:
    """A story nobody has taken yet."""

    story_id: int
    title: str
    level: str
    severity: float
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class LateRefunds:
    """Returns received but not refunded past the shop's term; `oldest_at` is when the oldest was requested."""

    count: int
    oldest_at: datetime | None
    oldest_return_id: int | None
