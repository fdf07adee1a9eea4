"""When a closed return gets its survey, and why not (R11, R37, R38). Pure: no I/O, no clock.

A survey starts between `delay` and `delay + window` after the refund or replacement (24-48 h), in the
shop's local daytime. Where that whole window is night (a shop may set a short one), the survey may
start in the next daytime, at the latest 24 h after the window: a night must not silence a customer.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from feedback_service.addresses import checked_address
from feedback_service.returns.models import ReturnState
from feedback_service.surveys.models import NotSentReason

NIGHT_GRACE = timedelta(hours=24)
# A dispute may be settled and a late refund made while the window is open; the others of these pass with time.
_PASSING = frozenset({
    NotSentReason.TOO_EARLY, NotSentReason.NIGHT, NotSentReason.DISPUTED, NotSentReason.REFUND_LATE,
    NotSentReason.COMPLAINTS,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """A shop's terms of asking. `daytime_from` to `daytime_until` are local hours; the last is excluded.

    `daytime_until` before `daytime_from` spans midnight; both equal means the whole day.

    Attributes:
        quarantine: how long a person is left alone after a survey of this shop, of whatever kind.
        cap: the same after a survey of any shop of the installation; nothing for no such cap.
        consent_countries: where survey mail is advertising and needs a stored consent (R11).
        complained_of: too many of those whom the shop wrote to have called it spam (R25).
        remind_after: how long after the survey was sent its one reminder goes out; nothing for none.
    """

    enabled: bool
    delay: timedelta
    window: timedelta
    daytime_from: int
    daytime_until: int
    zone: ZoneInfo
    quarantine: timedelta
    cap: timedelta = timedelta(0)
    consent_countries: frozenset[str] = frozenset({"DE"})
    remind_after: timedelta = timedelta(0)
    complained_of: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a closed return and its customer when the decision is made.

    Attributes:
        closed_at: when it was refunded, replaced or rejected.
        disputed: the platform contradicts itself about this return, or another open one of this person (R37).
        refund_late: the refund of another return of this person is late (R37).
        address: the customer's address; None when unknown or pseudonymised.
        country: the customer's country, else the shop's (ISO 3166-1 alpha-2).
        has_consent: the customer's stored consent to survey mail, given and not withdrawn.
        objected: the customer objected to surveys of this shop, or withdrew the consent to them.
        suppressed: the address is suppressed for another reason (bounces, complaint, erasure).
        last_asked_at: when this person last got a survey or a reminder of this shop, of any kind.
        last_asked_anywhere_at: the same of any shop of the installation.
    """

    closed_at: datetime
    state: ReturnState
    disputed: bool
    address: str | None
    country: str
    has_consent: bool
    objected: bool
    suppressed: bool
    last_asked_at: datetime | None
    refund_late: bool = False
    last_asked_anywhere_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` None: send now. Otherwise why not, and whether that can still change (`is_final`)."""

    reason: NotSentReason | None
    is_final: bool = False

    @property
    def is_due(self) -> bool:
        """Tell whether the survey starts now."""
        return self.reason is None


DUE = Verdict(None)


def decide(facts: Facts, terms: Terms, now: datetime) -> Verdict:
    """Return whether the survey of a closed return is due now, not yet, or never, with the reason."""
    reason = _obstacle(facts, terms, now) or _timing(facts.closed_at, terms, now)
    if reason is None:
        return DUE
    end = last_instant(facts.closed_at, terms)
    return Verdict(reason, is_final=now >= end or not _may_pass(reason, facts, terms, end))


def last_instant(closed_at: datetime, terms: Terms) -> datetime:
    """Return the first instant at which a survey would be too late (see the module's text)."""
    opens = closed_at + terms.delay
    closes = opens + terms.window
    return closes if next_daytime(opens, terms) < closes else closes + NIGHT_GRACE


def next_daytime(instant: datetime, terms: Terms) -> datetime:
    """Return `instant` if it lies in the shop's daytime, else the start of the next daytime."""
    if is_daytime(instant, terms):
        return instant
    local = instant.astimezone(terms.zone)
    start = datetime.combine(local.date(), time(terms.daytime_from), tzinfo=terms.zone)
    if start.astimezone(instant.tzinfo) <= instant:
        start = datetime.combine(local.date() + timedelta(days=1), time(terms.daytime_from), tzinfo=terms.zone)
    return start.astimezone(instant.tzinfo)


def is_daytime(instant: datetime, terms: Terms) -> bool:
    """Tell whether `instant` lies in the shop's local daytime."""
    hour = instant.astimezone(terms.zone).hour
    if terms.daytime_from < terms.daytime_until:
        return terms.daytime_from <= hour < terms.daytime_until
    return hour >= terms.daytime_from or hour < terms.daytime_until


def is_writable(address: str) -> bool:
    """Tell whether mail can be addressed to `address`: its form only, no look-up."""
    try:
        checked_address(address)
    except ValueError:
        return False
    return True


def needs_consent(country: str, terms: Terms) -> bool:
    """Tell whether survey mail to a customer of `country` needs stored consent (R11)."""
    return country.upper() in terms.consent_countries


def is_within(since: datetime | None, span: timedelta, now: datetime) -> bool:
    """Tell whether `span` has not yet passed since an instant; never where there was none."""
    return since is not None and now < since + span


def _may_pass(reason: NotSentReason, facts: Facts, terms: Terms, end: datetime) -> bool:
    """Tell whether `reason` may be gone before `end`; a quarantine is if it ends earlier."""
    if reason is NotSentReason.QUARANTINE:
        return not is_within(facts.last_asked_at, terms.quarantine, end - timedelta.resolution)
    if reason is NotSentReason.OTHER_SURVEY:
        return not is_within(facts.last_asked_anywhere_at, terms.cap, end - timedelta.resolution)
    return reason in _PASSING


def _obstacle(facts: Facts, terms: Terms, now: datetime) -> NotSentReason | None:
    """Return what speaks against a survey at any time, the weightiest first."""
    obstacles = (
        (not terms.enabled, NotSentReason.SURVEYS_OFF),
        (facts.state is ReturnState.REJECTED, NotSentReason.REJECTED),
        (terms.complained_of, NotSentReason.COMPLAINTS),
        (facts.objected, NotSentReason.OBJECTED),
        (facts.suppressed, NotSentReason.SUPPRESSED),
        (not facts.address, NotSentReason.NO_ADDRESS),
        (bool(facts.address) and not is_writable(facts.address or ""), NotSentReason.BAD_ADDRESS),
        (needs_consent(facts.country, terms) and not facts.has_consent, NotSentReason.CONSENT_MISSING),
        (is_within(facts.last_asked_at, terms.quarantine, now), NotSentReason.QUARANTINE),
        (is_within(facts.last_asked_anywhere_at, terms.cap, now), NotSentReason.OTHER_SURVEY),
        (facts.disputed, NotSentReason.DISPUTED),
        (facts.refund_late, NotSentReason.REFUND_LATE),
    )
    return next((reason for applies, reason in obstacles if applies), None)


def _timing(closed_at: datetime, terms: Terms, now: datetime) -> NotSentReason | None:
    if now < closed_at + terms.delay:
        return NotSentReason.TOO_EARLY
    if now >= last_instant(closed_at, terms):
        return NotSentReason.TOO_LATE
    return None if is_daytime(now, terms) else NotSentReason.NIGHT
