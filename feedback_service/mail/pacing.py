"""How fast to send and when to wait: pure decisions on rates, warm-up and pauses.

A limit is kept as a bucket that refills steadily (GCRA): the one instant at which it is full again is all there is
to remember, so that any number of processes can share it through one column of the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from feedback_service.mail.rules import Stage, Verdict
from feedback_service.settings import Settings

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WARM_UP_DAYS = 30
"""A sender that has been careful for so long is known; other limits stay in force."""

DOMAIN_STRIKES = 5
SERVER_STRIKES = 20
FIRST_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=4)

_BURST_SHARE = 10
_TICK = timedelta(microseconds=1)
_ABOUT_THE_MAILBOX = ("4.1.", "4.2.")
_ABOUT_OUR_ADDRESS = ("4.1.7", "4.1.8")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` mails (1 or more) in any `window`."""

    count: int
    window: timedelta

    @property
    def burst(self) -> int:
        """How many may go at once after a rest: a tenth, at least one."""
        return max(1, self.count // _BURST_SHARE)

    @property
    def spacing(self) -> timedelta:
        """The time in which one more may go. A burst and what refills in a window make `count`, never more."""
        shares = self.count - self.burst + 1
        return self.window // shares + _TICK

    def free(self, full_at: datetime | None, now: datetime) -> int:
        """Return how many may go now; `full_at` is when the bucket is full again, None for full."""
        if full_at is None or full_at <= now:
            return self.burst
        missing = -((now - full_at) // self.spacing)  # rounded up: a share that is not whole does not count
        return max(0, self.burst - missing)

    def taken(self, full_at: datetime | None, now: datetime, count: int) -> datetime:
        """Return when the bucket is full again after `count` more mails; it may go into debt."""
        return max(full_at or now, now) + count * self.spacing

    def returned(self, full_at: datetime | None, count: int) -> datetime | None:
        """Return when the bucket is full again after `count` of the mails did not go."""
        return full_at - count * self.spacing if full_at else None

    def next_at(self, full_at: datetime | None, now: datetime) -> datetime:
        """Return when the next mail may go; `now` when one may go now."""
        return now if full_at is None else max(now, full_at - (self.burst - 1) * self.spacing)


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A new sender starts with `first` mails a day and `growth` percent more each day, from `starts_on`."""

    starts_on: date
    first: int
    growth: int

    def limit(self, today: date) -> Limit | None:
        """Return the limit of that day (UTC); None once the warm-up is over. Before its start it is the first day's."""
        day = max(0, (today - self.starts_on).days)
        if day >= WARM_UP_DAYS:
            return None
        count = self.first
        for _ in range(day):
            count += max(1, count * self.growth // 100)
        return Limit(count, DAY)


@dataclass(frozen=True, slots=True)
class Rates:
    """The limits that the settings ask for: for all mail, and for the mail to any one domain; 0 is none."""

    per_minute: int = 0
    per_hour: int = 0
    domain_per_minute: int = 0
    domain_per_hour: int = 0
    warm_up: WarmUp | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Rates":
        """Return the limits that the settings ask for."""
        starts_on = settings.mail_warm_up_on
        return cls(
            per_minute=settings.mail_per_minute,
            per_hour=settings.mail_per_hour,
            domain_per_minute=settings.mail_domain_per_minute,
            domain_per_hour=settings.mail_domain_per_hour,
            warm_up=WarmUp(starts_on, settings.mail_warm_up_first, settings.mail_warm_up_growth) if starts_on else None,
        )

    def total(self, today: date) -> "Limits":
        """Return the limits for all mail together on that day."""
        warm_up = self.warm_up.limit(today) if self.warm_up else None
        return Limits(_limit(self.per_minute, MINUTE), _limit(self.per_hour, HOUR), warm_up)

    def domain(self) -> "Limits":
        """Return the limits for each domain."""
        return Limits(_limit(self.domain_per_minute, MINUTE), _limit(self.domain_per_hour, HOUR), None)


@dataclass(frozen=True, slots=True)
class Buckets:
    """When each of the three buckets of a scope is full again."""

    minute: datetime | None = None
    hour: datetime | None = None
    day: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a scope, each or none."""

    minute: Limit | None
    hour: Limit | None
    day: Limit | None

    def __bool__(self) -> bool:
        return any((self.minute, self.hour, self.day))

    def free(self, buckets: Buckets, now: datetime) -> int | None:
        """Return how many mails may go now; None for any number."""
        return min((limit.free(full_at, now) for limit, full_at in self._pairs(buckets)), default=None)

    def taken(self, buckets: Buckets, now: datetime, count: int) -> Buckets:
        """Return the buckets after `count` more mails."""
        return Buckets(*(limit.taken(full_at, now, count) if limit else None for limit, full_at in self._all(buckets)))

    def returned(self, buckets: Buckets, count: int) -> Buckets:
        """Return the buckets after `count` of the mails did not go."""
        return Buckets(*(limit.returned(full_at, count) if limit else None for limit, full_at in self._all(buckets)))

    def next_at(self, buckets: Buckets, now: datetime) -> datetime:
        """Return when the next mail may go; `now` when one may go now."""
        return max((limit.next_at(full_at, now) for limit, full_at in self._pairs(buckets)), default=now)

    def _all(self, buckets: Buckets) -> list[tuple[Limit | None, datetime | None]]:
        return [(self.minute, buckets.minute), (self.hour, buckets.hour), (self.day, buckets.day)]

    def _pairs(self, buckets: Buckets) -> list[tuple[Limit, datetime | None]]:
        return [(limit, full_at) for limit, full_at in self._all(buckets) if limit]


class Concern(StrEnum):
    """Whose trouble a refusal is a sign of, beyond the one mail."""

    NOBODY = "nobody"
    DOMAIN = "domain"
    SERVER = "server"


def concern(verdict: Verdict, code: int, status: str, stage: Stage) -> Concern:
    """Tell whom a refusal speaks of: a mailbox that is full or busy says nothing of its neighbours.

    What is said before the recipient is named (MAIL) is about us, whoever the recipient is.
    """
    is_reply = code // 100 in {4, 5}
    is_mailbox = status.startswith(_ABOUT_THE_MAILBOX) and status not in _ABOUT_OUR_ADDRESS
    is_temporary = verdict is Verdict.TEMPORARY and not is_mailbox and code // 100 == 4  # noqa: PLR2004 - the class of temporary replies
    if not is_reply or not (is_temporary or verdict is Verdict.POLICY):
        return Concern.NOBODY
    return Concern.SERVER if stage is Stage.SENDER else Concern.DOMAIN


@dataclass(frozen=True, slots=True)
class Health:
    """How a scope has done lately: refusals in a row, pauses in a row, and until when it waits."""

    strikes: int = 0
    pauses: int = 0
    paused_until: datetime | None = None

    def after_refusal(self, now: datetime, limit: int) -> "Health":
        """Count a refusal; from the `limit`-th in a row on each one pauses, for longer each time.

        What was under way when the pause began does not lengthen it. After a pause the first refusal pauses again.
        """
        if self.paused_until is not None and now < self.paused_until:
            return self
        strikes = self.strikes + 1
        if strikes < limit:
            return Health(strikes, self.pauses)
        pause = min(FIRST_PAUSE * 2 ** min(self.pauses, 10), LONGEST_PAUSE)
        return Health(strikes, self.pauses + 1, now + pause)


def _limit(count: int, window: timedelta) -> Limit | None:
    return Limit(count, window) if count else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mail that is due and may be claimed."""

    id: int
    domain: str
    is_urgent: bool


def choose(
    candidates: Sequence[Candidate], *, limit: int, total: int | None, rooms: Mapping[str, int | None]
) -> list[int]:
    """Return the ids of those that may go, in order, at most `limit`.

    `total` and `rooms` (by domain) say how many may go, None or no entry for any number. Urgent mail goes beyond
    them, and takes from them.
    """
    chosen, left = list[int](), dict(rooms)
    for one in candidates:
        if len(chosen) >= limit:
            break
        room = left.get(one.domain)
        if not one.is_urgent and (total == 0 or room == 0):
            continue
        chosen.append(one.id)
        total = None if total is None else max(0, total - 1)
        left[one.domain] = None if room is None else max(0, room - 1)
    return chosen
