"""Deadlines of withdrawal and refund (R5, R6, R9), counted in the shop's local calendar. Pure.

The product states these dates as information; it decides nothing by them (R7) and gives no legal advice.
Source: Directive 2011/83/EU art. 9 and 13, Regulation 1182/71, Code de la consommation L221-18 to L221-24.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedback_service.shops.models import Shop

_DAY = timedelta(days=1)
_SATURDAY = 5


class Counting(StrEnum):
    """How days are counted: `CALENDAR` leaves out the first day (R5), `CLEAR` the last one too ("jours francs")."""

    CALENDAR = "calendar"
    CLEAR = "clear"


@cache
def public_holidays(country: str, region: str = "") -> Container[date]:
    """Return the public holidays of a country (ISO 3166-1) and region (ISO 3166-2; '57' and '6AE' in France).

    A country the calendar does not know has none: then only weekends move a deadline. A region it does not
    know has those of the whole country.
    """
    # Its calendars take 7 MB in every process that reads a deadline; most need none.
    import holidays

    try:
        return holidays.country_holidays(country, subdiv=region or None)
    except NotImplementedError:
        return public_holidays(country) if region else frozenset()


@dataclass(frozen=True, slots=True)
class WithdrawalPolicy:
    """A shop's withdrawal period. `holidays` are the days that, like weekends, move its end."""

    days: int = 14
    counting: Counting = Counting.CALENDAR
    holidays: Container[date] = field(default_factory=lambda: public_holidays("FR"))


def policy_of(shop: "Shop") -> WithdrawalPolicy:
    """Return the withdrawal policy of a shop: its days, and the holidays of its country and region."""
    return WithdrawalPolicy(days=shop.withdrawal_days, holidays=public_holidays(shop.country, shop.region))


def withdrawal_last_day(parcels_received_on: Sequence[date], policy: WithdrawalPolicy) -> date:
    """Return the last day on which withdrawal is in time (R5): the last of several parcels counts.

    Raises ValueError when no parcel has been received: the period has not begun.
    """
    extra = 1 if policy.counting is Counting.CLEAR else 0
    last = max(parcels_received_on) + timedelta(days=policy.days + extra)
    while last.weekday() >= _SATURDAY or last in policy.holidays:
        last += _DAY
    return last


def end_of_day(day: date, tz: tzinfo) -> datetime:
    """Return the instant (UTC) at which `day` is over in the zone `tz`: 24:00 there, not counted any more."""
    return datetime.combine(day + _DAY, time(), tzinfo=tz).astimezone(UTC)


def withdrawal_in_time(sent_at: datetime, last_day: date, tz: tzinfo) -> bool:
    """Tell whether a withdrawal sent at `sent_at` is in time: before 24:00 of the last day, local time (R5)."""
    return sent_at < end_of_day(last_day, tz)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Until when a customer could withdraw, and by how many days a return was asked for too late (0: in time)."""

    last_day: date
    days_late: int


def withdrawal_of(
    requested_at: datetime, delivered_at: datetime | None, policy: WithdrawalPolicy, tz: tzinfo
) -> Withdrawal | None:
    """Return how a return that was asked for at `requested_at` stands to the period of withdrawal.

    None where nobody has said when the last parcel came, or that was after the request: no day is made up.
    """
    if delivered_at is None or delivered_at > requested_at:
        return None
    last_day = withdrawal_last_day([delivered_at.astimezone(tz).date()], policy)
    if withdrawal_in_time(requested_at, last_day, tz):
        return Withdrawal(last_day, 0)
    return Withdrawal(last_day, (requested_at.astimezone(tz).date() - last_day).days)


def refund_due_on(
    requested_at: datetime,
    tz: tzinfo,
    *,
    received_at: datetime | None = None,
    dispatched_at: datetime | None = None,
    days: int = 14,
) -> date | None:
    """Return the last day to refund in time (R9); None while neither the goods nor a proof of dispatch is there.

    The shop has `days` from being informed and may wait for the goods or the proof, whichever is first.
    Unlike R5 the day is not moved past weekends: a promise to a customer errs on the early side.
    """
    proofs = [instant for instant in (received_at, dispatched_at) if instant]
    if not proofs:
        return None
    informed_on = requested_at.astimezone(tz).date()
    return max(informed_on + timedelta(days=days), min(proofs).astimezone(tz).date())


def refund_late(due_on: date | None, now: datetime, tz: tzinfo, *, closed_at: datetime | None = None) -> bool:
    """Tell whether a refund is overdue: its last day is over and the return is not closed."""
    return due_on is not None and closed_at is None and now >= end_of_day(due_on, tz)


def days_late(due_on: date | None, now: datetime, tz: tzinfo, *, closed_at: datetime | None = None) -> int:
    """Return by how many days the refund missed (or misses) its last day; 0 when it is in time."""
    if due_on is None:
        return 0
    return max(0, ((closed_at or now).astimezone(tz).date() - due_on).days)
