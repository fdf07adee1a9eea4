"""A source's own rhythm: how often it usually has news, and when its silence is longer than that explains. Pure.

What counts is the days on which something appeared: ten comments in an hour and then none for a month are one
day with news a month, not a comment every six minutes. Only for a source so busy that its latest documents fill
less than four days, hours are counted instead.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil
from statistics import median

_DAY, _HOUR = 86_400, 3600
_LEAST_MARKS = 4  # Three pauses: of fewer nobody can say which of them is usual.
_LONG_SHARE = 0.9
_QUIET_AT_LEAST = timedelta(days=14)
_QUIET_TIMES = 4


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a source publishes.

    Attributes:
        usual: the median pause between two days (or hours) with news.
        longest: the longest pause that is usual: nine of ten pauses are no longer than that, so that one summer's
            break does not hide the next, longer silence.
        latest_at: when the latest of its documents appeared.
    """

    usual: timedelta
    longest: timedelta
    latest_at: datetime

    @property
    def patience(self) -> timedelta:
        """How long it may be quiet before that says something: four usual pauses of the longer sort, 14 days at least.

        Four, so that a weekly column may take three weeks of holidays, and two weeks, so that any shop may.
        """
        return max(_QUIET_AT_LEAST, self.longest * _QUIET_TIMES)


def rhythm_of(published: Iterable[datetime], now: datetime) -> Rhythm | None:
    """Return the rhythm that the dates of its latest documents show; None where they are too few or all of one hour.

    Dates after `now` are wrong clocks, or announcements: they neither hide a silence nor make a pause.
    """
    past = sorted(instant.timestamp() for instant in published if instant <= now)
    for length in (_DAY, _HOUR):
        marks = sorted({second // length for second in past})
        if len(marks) >= _LEAST_MARKS:
            pauses = sorted((later - earlier) * length for earlier, later in pairwise(marks))
            longest = pauses[ceil(_LONG_SHARE * len(pauses)) - 1]
            usual, latest = median(pauses), datetime.fromtimestamp(past[-1], UTC)
            return Rhythm(timedelta(seconds=usual), timedelta(seconds=longest), latest)
    return None
