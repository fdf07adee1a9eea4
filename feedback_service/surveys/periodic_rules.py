"""Whether a customer gets the periodic survey now, and why not (R34, R37, R38). Pure: no I/O, no clock.

An opinion of a shop needs time to form, and fades: who ordered two weeks to three months ago is asked, and nobody
with a return under way, or one that closed so lately that its own survey may still come.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback_service.surveys.models import NotSentReason
from feedback_service.surveys.rules import NIGHT_GRACE, Person, Terms, is_daytime, is_within, obstacle

ORDERED_FROM, ORDERED_UNTIL = timedelta(days=14), timedelta(days=90)
_RETURN_REST = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class PeriodicFacts:
    """What is known of a customer when the decision is made.

    Attributes:
        ordered_at: when the latest order was placed of those that are old enough (`ORDERED_FROM`).
        is_returning: a return of this person is under way.
        returned_at: when this person's last return closed.
        last_periodic_at: when this person last got the periodic survey of this shop.
    """

    person: Person
    ordered_at: datetime | None
    is_returning: bool = False
    returned_at: datetime | None = None
    last_periodic_at: datetime | None = None


def decide(facts: PeriodicFacts, terms: Terms, now: datetime) -> NotSentReason | None:
    """Return why a customer gets no periodic survey now; None: it goes out now."""
    return (
        (None if terms.periodic else NotSentReason.PERIODIC_OFF)
        or (None if is_within(facts.ordered_at, ORDERED_UNTIL, now) else NotSentReason.NO_ORDER)
        or obstacle(facts.person, terms, now)
        or _of_this_survey(facts, terms, now)
        or (None if is_daytime(now, terms) else NotSentReason.NIGHT)
    )


def return_rest(terms: Terms) -> timedelta:
    """Return how long after a return closed its own survey comes first."""
    return max(_RETURN_REST, terms.delay + terms.window + NIGHT_GRACE)


def _of_this_survey(facts: PeriodicFacts, terms: Terms, now: datetime) -> NotSentReason | None:
    if facts.is_returning or is_within(facts.returned_at, return_rest(terms), now):
        return NotSentReason.RETURNING
    if terms.periodic and is_within(facts.last_periodic_at, terms.periodic, now):
        return NotSentReason.QUARANTINE
    return None
