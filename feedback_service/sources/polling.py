"""When a source is read next (R52, R53). Pure: one function from what is known of a source to an instant.

    its own rhythm -> between floor and ceiling -> what the site asks, failures -> jitter -> hours allowed

Politeness wins: nothing that we would like brings a poll forward past what the site asks or below the floor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedback_service.sources import rules
from feedback_service.sources.rhythm import rhythm_of

_POLLS_A_PAUSE = 3
_POLLS_A_SILENCE = 30
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS_A_DAY = 24
_HOUR = timedelta(hours=1)
_SPREAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class PollFacts:
    """What decides when a source is read next.

    Attributes:
        floor: seconds of the setting `poll_interval`.
        ceiling: seconds of the setting `poll_interval_max`; below the floor it is the floor.
        has_validators: the site answers conditional requests, so a poll is cheap for it.
        published: dates of its latest documents, in any order.
        asked: seconds the site asks us to wait (Cache-Control, Expires, ttl, sy:*), the longest of them.
        skip_hours, skip_days: hours (0-23) and lower-case English days in which it asks not to be read, in GMT.
        possible_gap: of late a poll had nothing in common with the one before: it publishes faster than we read.
        is_pushed: a hub tells us of news; polling is only the net below.
        failures: how many polls in a row have failed, this one included; 0 after a reading.
        retry_after: seconds of Retry-After.
    """

    floor: int
    ceiling: int
    has_validators: bool
    published: Sequence[datetime] = ()
    asked: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[str] = frozenset()
    possible_gap: bool = False
    is_pushed: bool = False
    failures: int = 0
    retry_after: int | None = None


def next_poll(now: datetime, facts: PollFacts, chance: float = 0.0) -> datetime:
    """Return when the source is read next; `chance` (0-1) spreads the polls of many sources and only ever adds.

    Never sooner than floor, `asked` (up to a day) and Retry-After say. Never later than the ceiling, or a day where
    the site asks or after failures, with a tenth of jitter, but for Retry-After and for skipped hours and days,
    which add a week at most.
    """
    if facts.failures:
        # From the floor, not from its own rhythm: most failures pass within the hour.
        wait = rules.backoff(_asked_wait(facts), facts.failures, facts.retry_after)
    else:
        wait = usual_wait(now, facts)
    return first_allowed(now + rules.with_jitter(wait, chance), facts.skip_hours, facts.skip_days, chance)


def usual_wait(now: datetime, facts: PollFacts) -> timedelta:
    """Return the time between two polls: a third of the source's usual pause, between the bounds, as the site asks."""
    least = rules.interval(facts.floor, has_validators=facts.has_validators, asked=None)
    most = max(least, timedelta(seconds=facts.ceiling))
    own = most if facts.is_pushed else _own_wait(now, facts.published)
    if facts.possible_gap:
        own /= 2
    return max(_asked_wait(facts), min(own, most))


def _asked_wait(facts: PollFacts) -> timedelta:
    return rules.interval(facts.floor, has_validators=facts.has_validators, asked=facts.asked)


def _own_wait(now: datetime, published: Sequence[datetime]) -> timedelta:
    """Return what the rhythm suggests; nothing is known of a source with too few dates: it is read as often as may be.

    A source that has been quiet for long is asked less often, whatever its rhythm was.
    """
    rhythm = rhythm_of(published, now)
    if rhythm is None:
        return timedelta(0)
    return max(rhythm.usual / _POLLS_A_PAUSE, (now - rhythm.latest_at) / _POLLS_A_SILENCE)


def first_allowed(
    instant: datetime, skip_hours: frozenset[int], skip_days: frozenset[str], chance: float = 0.0
) -> datetime:
    """Return `instant`, or the beginning of the first hour after it in which the site lets itself be read (GMT).

    Who skips all hours or all days means something else: that is ignored, as are hours and days that do not exist.
    """
    hours = {hour % _HOURS_A_DAY for hour in skip_hours if 0 <= hour <= _HOURS_A_DAY}
    days = {_DAYS.index(day) for day in skip_days if day in _DAYS}
    hours = hours if len(hours) < _HOURS_A_DAY else set()
    days = days if len(days) < len(_DAYS) else set()
    moment = instant.astimezone(UTC)
    for _ in range(_HOURS_A_DAY * len(_DAYS) + 1):
        if moment.hour not in hours and moment.weekday() not in days:
            break
        moment = moment.replace(minute=0, second=0, microsecond=0) + _HOUR
    # Every source that skips the night would else be read in the first second of the morning.
    return instant if moment == instant else moment + _SPREAD * chance
