"""Pure rules of polling: how a source stands, in words, and when it is read next (R52, R53, R57)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback_service.sources.errors import FetchError, FetchFailure, ReadFailure
from feedback_service.sources.models import SourceState
from feedback_service.sources.rhythm import rhythm_of

WITHOUT_VALIDATORS = 2  # times the interval: each poll costs the site a whole page
JITTER = 0.1
LONGEST_BACKOFF = timedelta(days=1)
LONGEST_ASKED = timedelta(days=1)
MAX_CRASHES = 5
_SHORTEST_RETRY = timedelta(minutes=5)
_MAX_DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class Health:
    """What staff see of a source: its state and why, in a sentence."""

    state: SourceState
    reason: str


_STATES = {
    FetchFailure.FORBIDDEN: SourceState.BLOCKED,
    FetchFailure.CHALLENGE: SourceState.BLOCKED,
    FetchFailure.ACCOUNT: SourceState.BLOCKED,
    FetchFailure.REFUSED_ADDRESS: SourceState.BLOCKED,
    FetchFailure.ROBOTS: SourceState.ROBOTS,
}
_AGAIN = "It is tried again by itself, ever more seldom."
_NOT_AROUND = "Ask the site for a feed or an API; we do not work around it."
_ADDRESS = "Check the address."
_NEXT_STEP = {
    FetchFailure.BAD_ADDRESS: _ADDRESS,
    FetchFailure.ACCOUNT: "Correct the account in accounts.toml (docs/sources-apis.md).",
    FetchFailure.REFUSED_ADDRESS: "Allow the network with fetch_allow_private if it is yours.",
    FetchFailure.UNKNOWN_HOST: _ADDRESS,
    FetchFailure.UNREACHABLE: _AGAIN,
    FetchFailure.TLS: f"The site has to repair that. {_AGAIN}",
    FetchFailure.TIMEOUT: _AGAIN,
    FetchFailure.TOO_LARGE: "Raise fetch_max_bytes, or use a shorter feed.",
    FetchFailure.BROKEN: _AGAIN,
    FetchFailure.REDIRECTS: _ADDRESS,
    FetchFailure.ROBOTS: "Ask the site for permission, or use its feed, API or export.",
    FetchFailure.FORBIDDEN: _NOT_AROUND,
    FetchFailure.CHALLENGE: _NOT_AROUND,
    FetchFailure.NOT_FOUND: f"Check the address; the page may have moved. {_AGAIN}",
    FetchFailure.GONE: "It is not read any more; remove the source or add its new address.",
    FetchFailure.BUSY: _AGAIN,
    FetchFailure.REFUSED: _AGAIN,
    FetchFailure.SERVER: _AGAIN,
}


def failure_in_words(error: Exception) -> str:
    """Return why an address cannot be read, and what a person can do about it where more than waiting helps."""
    if not isinstance(error, FetchError):
        return str(error)
    step = _NEXT_STEP[error.kind].removesuffix(_AGAIN).strip()
    return f"{error} {step}".strip()


def health_of_failure(kind: FetchFailure, sentence: str, failures: int) -> Health:
    """Return the health after a failed fetch, the `failures`-th in a row."""
    times = f" It has failed {failures} times in a row." if failures > 1 else ""
    return Health(_STATES.get(kind, SourceState.DOWN), f"{sentence}{times} {_NEXT_STEP[kind]}")


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
        return Health(SourceState.SILENT, f"{sentence} Look at the site: it may have moved, or ended.")
    read = "unchanged since the last poll" if items is None else f"{items} item{'s' if items != 1 else ''}"
    return Health(SourceState.OK, f"Read: {read}.")


def silence(published: Sequence[datetime], now: datetime) -> tuple[int, str] | None:
    """Return (days without news, usual rhythm in words) when a source is quieter than its own rhythm explains."""
    rhythm = rhythm_of(published, now)
    if rhythm is None or now - rhythm.latest_at <= rhythm.patience:
        return None
    usual = "day" if rhythm.usual < timedelta(days=2) else f"{rhythm.usual.days} days"
    return (now - rhythm.latest_at).days, usual


def trusts_validators(state: SourceState) -> bool:
    """Tell whether the next poll may be conditional.

    A site whose ETag stays the same while its pages change answers 304 for ever: who has become silent is asked
    for the whole document, until it says something again.
    """
    return state is not SourceState.SILENT


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
