"""Whether a survey gets its one reminder, and why not (R38). Pure: no I/O, no clock.

A reminder goes out between day `remind_after` and the end of day 7 after the survey was sent, in the shop's local
daytime, to somebody who has neither answered nor objected, whom nobody else has asked meanwhile, and whose
link still works for a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from feedback_service.surveys.rules import Terms, is_daytime, is_writable

LAST_DAY = timedelta(days=8)
"""R38: day 7 is over so long after the survey was sent."""

LEAST_LEFT = timedelta(days=1)


class NotReminded(StrEnum):
    """Why a survey gets no reminder (yet)."""

    OFF = "off"
    COMPLAINTS = "complaints"
    REMINDED = "reminded"
    ANSWERED = "answered"
    OBJECTED = "objected"
    SUPPRESSED = "suppressed"
    NOT_DELIVERED = "not_delivered"
    EXPIRED = "expired"
    NO_ADDRESS = "no_address"
    ASKED_SINCE = "asked_since"
    HELD = "held"
    TOO_EARLY = "too_early"
    NIGHT = "night"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """What is known of an invitation when the decision is made.

    Attributes:
        sent_at: when the survey's mail was accepted by the mail server; None where it was not.
        suppressed: the address bounced, complained or was erased since.
        asked_since: another survey that counts for the caps went to this person after this one.
        held: a refund of this person is late or a dispute is open (R37).
    """

    sent_at: datetime | None
    expires_at: datetime
    reminded: bool
    answered: bool
    objected: bool
    suppressed: bool
    address: str | None
    asked_since: bool
    held: bool


def decide(facts: ReminderFacts, terms: Terms, now: datetime) -> NotReminded | None:
    """Return why there is no reminder now; None: it goes out now."""
    obstacles = (
        (not terms.enabled or not terms.remind_after, NotReminded.OFF),
        (terms.complained_of, NotReminded.COMPLAINTS),
        (facts.reminded, NotReminded.REMINDED),
        (facts.answered, NotReminded.ANSWERED),
        (facts.objected, NotReminded.OBJECTED),
        (facts.suppressed, NotReminded.SUPPRESSED),
        (facts.sent_at is None, NotReminded.NOT_DELIVERED),
        (now + LEAST_LEFT > facts.expires_at, NotReminded.EXPIRED),
        (not is_writable(facts.address or ""), NotReminded.NO_ADDRESS),
        (facts.asked_since, NotReminded.ASKED_SINCE),
    )
    standing = next((reason for applies, reason in obstacles if applies), None)
    if standing or facts.sent_at is None:
        return standing
    return _timing(facts.sent_at, terms, now) or (NotReminded.HELD if facts.held else None)


def _timing(sent_at: datetime, terms: Terms, now: datetime) -> NotReminded | None:
    if now < sent_at + terms.remind_after:
        return NotReminded.TOO_EARLY
    if now >= sent_at + LAST_DAY:
        return NotReminded.TOO_LATE
    return None if is_daytime(now, terms) else NotReminded.NIGHT
