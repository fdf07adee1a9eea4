"""Pure rules of polling: how a source stands, in words, and when it is read next (R52, R53, R57)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from feedback_service.sources.errors import FetchFailure, ReadFailure
from feedback_service.sources.models import SourceState

WITHOUT_VALIDATORS = 2  # times the interval: each poll costs the site a whole page
JITTER = 0.1
LONGEST_BACKOFF = timedelta(days=1)
LONGEST_ASKED = timedelta(days=1)
MAX_CRASHES = 5
_SHORTEST_RETRY = timedelta(minutes=5)
_QUIET_AT_LEAST = timedelta(days=14)
_QUIET_TIMES = 10
_RHYTHM_FROM = 3
_MAX_DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class Health:
    """What staff see of a source: its state and why, in a sentence."""

    state: SourceState
    reason: str


_BLOCKED = frozenset({FetchFailure.FORBIDDEN, FetchFailure.ROBOTS, FetchFailure.REFUSED_ADDRESS})
_NEXT_STEP = {
    FetchFailure.ROBOTS: "Ask the site for permission, or use its feed, API or export.",
    FetchFailure.FORBIDDEN: "Ask the site for a feed or an API; we do not work around it.",
    FetchFailure.REFUSED_ADDRESS: "Allow the network with fetch_allow_private if it is yours.",
    FetchFailure.NOT_FOUND: "Check the address; the page may have moved.",
    FetchFailure.GONE: "It is not read any more; remove the source or add its new address.",
    FetchFailure.TOO_LARGE: "Raise fetch_max_bytes, or use a shorter feed.",
}


def health_of_failure(kind: FetchFailure, sentence: str, failures: int) -> Health:
    """Return the health after a failed fetch, the `failures`-th in a row."""
    state = SourceState.BLOCKED if kind in _BLOCKED else SourceState.DOWN
    times = f" It has failed {failures} times in a row." if failures > 1 else ""
    step = _NEXT_STEP.get(kind, "")
    return Health(state, f"{sentence}{times} {step}".strip())


def health_of_unreadable(kind: ReadFailure, sentence: str, *, was_read: bool) -> Health:
    """Return the health after a body that is not what the source is said to be."""
    if kind is ReadFailure.OUR_FAULT:
        return Health(SourceState.DOWN, sentence)
    if kind is ReadFailure.ENTITIES:
        return Health(SourceState.BLOCKED, sentence)
    before = "It could be read before: the site has changed. " if was_read else ""
    return Health(SourceState.CHANGED, f"{before}{sentence} Check the address.")


def health_of_reading(items: int | None, published: Sequence[datetime], now: datetime, *, possible_gap: bool) -> Health:
    """Return the health after a reading.

    Args:
        items: how many the source holds now; None when it is unchanged since the last poll.
        published: dates of its latest documents, in any order: its rhythm.
        now: the instant of the poll.
        possible_gap: nothing in it was known although the source was read before.
    """
    if items == 0:
        return Health(SourceState.EMPTY, "The source can be read and holds nothing.")
    if possible_gap:
        sentence = "Nothing here overlaps with the last poll: mentions in between may have been missed."
        return Health(SourceState.OK, sentence)
    quiet = silence(published, now)
    if quiet:
        days, usual = quiet
        sentence = f"Nothing new for {days} days; usually there is something every {usual}. This is no good news."
        return Health(SourceState.SILENT, sentence)
    read = "unchanged since the last poll" if items is None else f"{items} item{'s' if items != 1 else ''}"
    return Health(SourceState.OK, f"Read: {read}.")


def silence(published: Sequence[datetime], now: datetime) -> tuple[int, str] | None:
    """Return (days without news, usual rhythm in words) when a source is quieter than its own rhythm explains."""
    past = sorted(instant for instant in published if instant <= now)
    if len(past) < _RHYTHM_FROM:
        return None
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(past)]
    usual = timedelta(seconds=median(gaps))
    quiet = now - past[-1]
    if quiet <= max(_QUIET_AT_LEAST, usual * _QUIET_TIMES):
        return None
    return quiet.days, "day" if usual < timedelta(days=2) else f"{usual.days} days"


def interval(least: int, *, has_validators: bool, asked: int | None) -> timedelta:
    """Return the time between two polls (R52).

    Args:
        least: seconds of the setting `poll_interval`.
        has_validators: the site answers conditional requests, so a poll is cheap for it.
        asked: seconds that the site asks for (Cache-Control, ttl); honoured up to a day.
    """
    own = timedelta(seconds=least if has_validators else least * WITHOUT_VALIDATORS)
    return max(own, min(timedelta(seconds=asked or 0), LONGEST_ASKED))


def backoff(usual: timedelta, failures: int, retry_after: int | None) -> timedelta:
    """Return how long to wait after the `failures`-th failure in a row: doubling up to a day (R53).

    Never sooner than the site asks by Retry-After.
    """
    first = max(usual, _SHORTEST_RETRY) if failures > 1 else usual
    doublings: int = 2 ** min(failures - 1, _MAX_DOUBLINGS)
    grown = min(first * doublings, LONGEST_BACKOFF)
    return max(grown, usual, timedelta(seconds=retry_after or 0))


def with_jitter(wait: timedelta, chance: float) -> timedelta:
    """Return `wait` grown by up to a tenth, so that polls spread out; `chance` is 0-1. Never shorter."""
    return wait * (1 + JITTER * chance)
