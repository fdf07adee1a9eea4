"""When a closed return gets its survey, and why not (R11, R37, R38). Pure: no I/O, no clock.

A survey starts between `delay` and `delay + window` after the refund or replacement (24-48 h), in the
shop's local daytime. Where that whole window is night (a shop may set a short one), the survey may
start in the next daytime, at the latest 24 h after the window: a night must not silence a customer.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from feedback_service.addresses import checked_address
from feedback_service.returns.models import ReturnState
from feedback_service.surveys.models import NotSentReason

NIGHT_GRACE = timedelta(hours=24)
# What may change while the window is open: a dispute is settled, a late refund made, the order comes in with its
# address, a consent is handed in, a manager switches surveys on. A person's no stays, and a mailbox that is not there.
_PASSING = frozenset({
    NotSentReason.TOO_EARLY, NotSentReason.NIGHT, NotSentReason.DISPUTED, NotSentReason.REFUND_LATE,
    NotSentReason.COMPLAINTS, NotSentReason.SURVEYS_OFF, NotSentReason.NO_ADDRESS, NotSentReason.BAD_ADDRESS,
    NotSentReason.CONSENT_MISSING,
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
        periodic: how long a person is left alone after a periodic survey; nothing where the shop has none.
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
    periodic: timedelta = timedelta(0)
    complained_of: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a customer whom a shop may ask, whatever about.

    Attributes:
        address: None when unknown or pseudonymised; `key` is its keyed hash.
        country: the customer's country, else the shop's (ISO 3166-1 alpha-2).
        has_consent: a stored consent to survey mail was given and not withdrawn.
        objected: the customer objected to surveys of this shop, or withdrew the consent to them.
        suppressed: the address is suppressed for another reason (bounces, complaint, erasure).
        disputed: the platform contradicts itself about an open return of this person (R37).
        refund_late: the refund of an open return is late: who waits for one is not asked how well another went (R37).
        last_asked_at: when this person last got a survey or a reminder of this shop, of any kind.
        last_asked_anywhere_at: the same of any shop of the installation.
    """

    address: str | None = None
    key: str | None = None
    country: str = ""
    has_consent: bool = False
    objected: bool = False
    suppressed: bool = False
    disputed: bool = False
    refund_late: bool = False
    last_asked_at: datetime | None = None
    last_asked_anywhere_at: datetime | None = None

    def asked(self, now: datetime) -> "Person":
        """Return the person as known once they were asked at `now`."""
        return replace(self, last_asked_at=now, last_asked_anywhere_at=now)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a closed return when the decision is made.

    Attributes:
        closed_at: when it was refunded, replaced or rejected.
        disputed: the platform contradicts itself about this return (R37).
    """

    closed_at: datetime
    state: ReturnState
    person: Person
    disputed: bool = False


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
    reason = (
        _of_the_return(facts, terms)
        or obstacle(facts.person, terms, now, disputed=facts.disputed)
        or _timing(facts.closed_at, terms, now)
    )
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


def obstacle(person: Person, terms: Terms, now: datetime, *, disputed: bool = False) -> NotSentReason | None:
    """Return what speaks against asking a person now, the weightiest first.

    `disputed`: what they would be asked about is.
    """
    obstacles = (
        (not terms.enabled, NotSentReason.SURVEYS_OFF),
        (terms.complained_of, NotSentReason.COMPLAINTS),
        (person.objected, NotSentReason.OBJECTED),
        (person.suppressed, NotSentReason.SUPPRESSED),
        (not person.address, NotSentReason.NO_ADDRESS),
        (not is_writable(person.address or ""), NotSentReason.BAD_ADDRESS),
        (needs_consent(person.country, terms) and not person.has_consent, NotSentReason.CONSENT_MISSING),
        (is_within(person.last_asked_at, terms.quarantine, now), NotSentReason.QUARANTINE),
        (is_within(person.last_asked_anywhere_at, terms.cap, now), NotSentReason.OTHER_SURVEY),
        (disputed or person.disputed, NotSentReason.DISPUTED),
        (person.refund_late, NotSentReason.REFUND_LATE),
    )
    return next((reason for applies, reason in obstacles if applies), None)


def _may_pass(reason: NotSentReason, facts: Facts, terms: Terms, end: datetime) -> bool:
    """Tell whether `reason` may be gone before `end`; a quarantine is if it ends earlier."""
    if reason is NotSentReason.QUARANTINE:
        return not is_within(facts.person.last_asked_at, terms.quarantine, end - timedelta.resolution)
    if reason is NotSentReason.OTHER_SURVEY:
        return not is_within(facts.person.last_asked_anywhere_at, terms.cap, end - timedelta.resolution)
    return reason in _PASSING


def _of_the_return(facts: Facts, terms: Terms) -> NotSentReason | None:
    """Tell whether the return is of those that nobody is asked about; a shop that asks nobody says so first."""
    return NotSentReason.REJECTED if terms.enabled and facts.state is ReturnState.REJECTED else None


def _timing(closed_at: datetime, terms: Terms, now: datetime) -> NotSentReason | None:
    if now < closed_at + terms.delay:
        return NotSentReason.TOO_EARLY
    if now >= last_instant(closed_at, terms):
        return NotSentReason.TOO_LATE
    return None if is_daytime(now, terms) else NotSentReason.NIGHT
