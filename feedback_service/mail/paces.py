"""Rates and pauses in the database, so that any number of processes keep one rate and wait together.

Whoever changes a pace locks the row of all mail first: changes of several rows never wait for each other crosswise.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from feedback_service.db import insert_for
from feedback_service.mail.held import HeldMail
from feedback_service.mail.models import MailPace, OutboxMail
from feedback_service.mail.pacing import (
    DOMAIN_STRIKES,
    SERVER_STRIKES,
    Buckets,
    Candidate,
    Concern,
    Health,
    Limits,
    Rates,
    choose,
)
from feedback_service.mail.rules import URGENT

EVERYTHING = "*"
"""The scope of all mail together; no domain is called like that."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A scope whose latest mails were refused."""

    scope: str
    strikes: int
    paused_until: datetime | None


def troubles(session: Session) -> list[Trouble]:
    """Return the scopes with refusals that no success has followed yet."""
    row = MailPace
    rows = session.execute(sa.select(row.scope, row.strikes, row.paused_until).where(row.strikes > 0)).all()
    return [Trouble(*found) for found in rows]


def is_not_held(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition on an outbox row that neither rate nor pause of its domain holds; urgent mail never is."""
    waits = sa.or_(MailPace.next_at > now, MailPace.paused_until > now)
    held = sa.exists().where(MailPace.scope == OutboxMail.domain, waits)
    return sa.or_(OutboxMail.priority <= URGENT, ~held)


def locked(session: Session, scopes: Iterable[str], now: datetime) -> dict[str, MailPace]:
    """Return the paces of `scopes`, made where there are none, that of all mail always among them and locked first."""
    paces = _locked(session, [EVERYTHING], now)
    return paces | _locked(session, sorted({*scopes} - {EVERYTHING, ""}), now)


def _locked(session: Session, scopes: Sequence[str], now: datetime) -> dict[str, MailPace]:
    if not scopes:
        return {}
    rows = [{"scope": scope, "changed_at": now} for scope in scopes]
    session.execute(insert_for(session, MailPace).values(rows).on_conflict_do_nothing(index_elements=["scope"]))
    wanted = sa.select(MailPace).where(MailPace.scope.in_(scopes)).order_by(MailPace.scope).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).all()
    return {pace.scope: pace for pace in found}


def room(session: Session, rates: Rates, now: datetime) -> int | None:
    """Return how many mails the rates and pauses of all mail allow now; None for any number."""
    pace = session.get(MailPace, EVERYTHING)
    if pace is not None and pace.paused_until is not None and now < pace.paused_until:
        return 0
    return rates.total(now.date()).free(_buckets(pace), now)


def allowed(session: Session, rates: Rates, candidates: Sequence[Candidate], *, limit: int, now: datetime) -> list[int]:
    """Return which candidates may go now, in order, by rates; note when the next one of each full domain may go."""
    by_domain = rates.domain()
    paces = locked(session, {one.domain for one in candidates} if by_domain else (), now)
    total = room(session, rates, now)
    rooms: dict[str, int | None] = {}
    for domain, pace in paces.items():
        rooms[domain] = by_domain.free(_buckets(pace), now) if domain != EVERYTHING else None
        if rooms[domain] == 0:
            pace.next_at = by_domain.next_at(_buckets(pace), now)
    session.flush()
    return choose(candidates, limit=limit, total=total, rooms=rooms)


def book(session: Session, rates: Rates, mails: Sequence[HeldMail], now: datetime) -> None:
    """Count `mails` against the limits, urgent ones too: what follows them waits the longer."""
    for pace, limits, count in _counted(session, rates, mails, now):
        _store(pace, limits.taken(_buckets(pace), now, count), limits, now)


def unbook(session: Session, rates: Rates, mails: Sequence[HeldMail], now: datetime) -> None:
    """Give back what `mails`, which did not go, had taken."""
    for pace, limits, count in _counted(session, rates, mails, now):
        _store(pace, limits.returned(_buckets(pace), count), limits, now)


def _counted(
    session: Session, rates: Rates, mails: Sequence[HeldMail], now: datetime
) -> list[tuple[MailPace, Limits, int]]:
    total, by_domain = rates.total(now.date()), rates.domain()
    if not mails or not (total or by_domain):
        return []
    counts = Counter(mail.domain for mail in mails if mail.domain) if by_domain else Counter[str]()
    paces = locked(session, counts, now)
    everything = [(paces[EVERYTHING], total, len(mails))] if total else []
    return everything + [(paces[domain], by_domain, count) for domain, count in counts.items()]


def _buckets(pace: MailPace | None) -> Buckets:
    return Buckets(pace.minute_full_at, pace.hour_full_at, pace.day_full_at) if pace else Buckets()


def _store(pace: MailPace, buckets: Buckets, limits: Limits, now: datetime) -> None:
    pace.minute_full_at, pace.hour_full_at, pace.day_full_at = buckets.minute, buckets.hour, buckets.day
    pace.next_at, pace.changed_at = limits.next_at(buckets, now), now


def strike(session: Session, domain: str, concern: Concern, why: str, now: datetime) -> list[Trouble]:
    """Count a refusal that speaks of more than its mail, and let the domain, or all mail, wait after too many in a row.

    What a domain refuses counts for all mail too: many domains that refuse us have one reason, and it is ours.
    """
    limits: Mapping[str, int] = {EVERYTHING: SERVER_STRIKES}
    if concern is Concern.DOMAIN and domain:
        limits = {**limits, domain: DOMAIN_STRIKES}
    paces = locked(session, limits, now)
    for scope, limit in limits.items():
        _strike(paces[scope], limit, why, now)
    session.flush()
    return [Trouble(scope, paces[scope].strikes, paces[scope].paused_until) for scope in limits]


def _strike(pace: MailPace, limit: int, why: str, now: datetime) -> None:
    before = Health(pace.strikes, pace.pauses, pace.paused_until)
    after = before.after_refusal(now, limit)
    pace.strikes, pace.pauses, pace.paused_until = after.strikes, after.pauses, after.paused_until
    pace.why, pace.changed_at = why, now
    if after.paused_until != before.paused_until:
        log.warning("mail waits: too many refusals in a row", to=pace.scope, until=after.paused_until, why=why)


def absolve(session: Session, scopes: Iterable[str], now: datetime) -> None:
    """Forget the refusals of `scopes`, whose mail is taken again; a pause that is set ends."""
    locked(session, (), now)
    session.execute(
        sa.update(MailPace)
        .where(MailPace.scope.in_(sorted(scopes)), MailPace.strikes > 0)
        .values(strikes=0, pauses=0, paused_until=None, why="", changed_at=now)
        .execution_options(synchronize_session=False)
    )
