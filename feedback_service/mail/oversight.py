"""What the operator sees of the outbox, and may do: look, send again, drop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.errors import ConflictError, NotFoundError
from feedback_service.mail import paces
from feedback_service.mail.models import UNSENT, MailPace, MailState, OutboxMail
from feedback_service.mail.pacing import DAY, HOUR, MINUTE, Limit, Rates
from feedback_service.mail.wiping import wipe
from feedback_service.shops.models import AuditEntry


class View(StrEnum):
    """Which mails to look at."""

    TROUBLE = "trouble"
    WAITING = "waiting"
    ENDED = "ended"


_STATES = {
    View.TROUBLE: (MailState.AMBIGUOUS, MailState.FAILED),
    View.WAITING: UNSENT,
    View.ENDED: (MailState.SENT, MailState.DROPPED),
}
_ORDERS: dict[View, tuple[sa.ColumnElement[Any], ...]] = {
    View.TROUBLE: (OutboxMail.id.desc(),),
    View.WAITING: (OutboxMail.priority.asc(), OutboxMail.due_at.asc(), OutboxMail.id.asc()),
    View.ENDED: (OutboxMail.id.desc(),),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """How the outbox stands.

    Attributes:
        due: mails that could go now.
        later: mails that are tried again later.
        oldest_at: since when the oldest of both waits.
        sent: mails that went in the last minute, hour and day.
    """

    due: int
    later: int
    oldest_at: datetime | None
    failed: int
    ambiguous: int
    sent: tuple[int, int, int]

    @property
    def in_trouble(self) -> int:
        """Mails that wait for the operator."""
        return self.failed + self.ambiguous


@dataclass(frozen=True, slots=True)
class Pause:
    """A domain, or all mail, that waits because too many mails in a row were refused."""

    scope: str
    until: datetime
    refusals: int
    why: str

    @property
    def is_everything(self) -> bool:
        """Tell whether all mail waits."""
        return self.scope == paces.EVERYTHING


def queue(session: Session, now: datetime, shop_ids: Sequence[int] | None = None) -> Queue:
    """Return how the outbox stands, of some shops or of all."""
    mine = _of(shop_ids)
    waiting = sa.and_(OutboxMail.due_at.is_not(None), mine)
    due, later, oldest_at = session.execute(
        sa.select(
            sa.func.count().filter(OutboxMail.due_at <= now),
            sa.func.count().filter(OutboxMail.due_at > now),
            sa.func.min(OutboxMail.created_at),
        ).where(waiting)
    ).one()
    counts: dict[MailState, int] = {
        state: session.scalar(sa.select(sa.func.count()).where(OutboxMail.state == state, mine)) or 0
        for state in _STATES[View.TROUBLE]
    }
    minute, hour, day = (_sent_since(session, now - span, mine) for span in (MINUTE, HOUR, DAY))
    return Queue(due, later, oldest_at, counts[MailState.FAILED], counts[MailState.AMBIGUOUS], (minute, hour, day))


def pauses(session: Session, now: datetime) -> list[Pause]:
    """Return who waits now because of refusals, all mail first."""
    rows = session.scalars(sa.select(MailPace).where(MailPace.paused_until > now).order_by(MailPace.scope)).all()
    return [Pause(row.scope, row.paused_until, row.strikes, row.why) for row in rows if row.paused_until]


def rates_in_force(rates: Rates, now: datetime) -> list[tuple[Limit, bool]]:
    """Return the limits in force today, each with whether it is for one domain."""
    total, domain = rates.total(now.date()), rates.domain()
    return [
        (limit, is_domain)
        for limits, is_domain in ((total, False), (domain, True))
        for limit in (limits.minute, limits.hour, limits.day)
        if limit
    ]


def listing(view: View, shop_ids: Sequence[int] | None = None) -> sa.Select[OutboxMail]:
    """Return the query for the mails of a view, in the order in which they matter."""
    wanted = sa.select(OutboxMail).where(OutboxMail.state.in_(_STATES[view]), _of(shop_ids))
    return wanted.order_by(*_ORDERS[view])


def find(session: Session, mail_id: int, shop_ids: Sequence[int] | None = None) -> OutboxMail:
    """Return one mail; `NotFoundError` where there is none, or it belongs to another shop."""
    mail = session.scalar(sa.select(OutboxMail).where(OutboxMail.id == mail_id, _of(shop_ids)))
    if mail is None:
        sentence = f"There is no mail {mail_id}."
        raise NotFoundError(sentence)
    return mail


def may_arrive_twice(mail: OutboxMail) -> bool:
    """Tell whether sending the mail again needs a person's word that twice is better than never."""
    return mail.state is MailState.AMBIGUOUS


def can_retry(mail: OutboxMail, now: datetime) -> bool:
    """Tell whether the mail can be sent, or sent again, now."""
    return not _obstacle(mail, now)


def can_drop(mail: OutboxMail) -> bool:
    """Tell whether the mail can be dropped."""
    return mail.state in {MailState.QUEUED, MailState.FAILED, MailState.AMBIGUOUS}


def retry(session: Session, mail: OutboxMail, now: datetime, *, twice_is_fine: bool, staff_id: int | None) -> None:
    """Make the mail due now, as if for the first time; its Message-ID stays the same.

    Raises `ConflictError` where that cannot be, and where the mail may have arrived and nobody has said that twice
    is fine.
    """
    obstacle = _obstacle(mail, now)
    if not obstacle and may_arrive_twice(mail) and not twice_is_fine:
        obstacle = "It may have arrived already: sending it again needs your word that twice is better than never."
    if obstacle:
        raise ConflictError(obstacle)
    told = {"first_tried_at": None, "last_error": None, "failed_as": None}
    fresh = {"attempts": 0, "claim": None, "claimed_until": None, **told}
    _change(session, mail, {"state": MailState.QUEUED, "due_at": now, **fresh})
    _audit(session, "mail.retry", mail, now, staff_id)


def drop(session: Session, mail: OutboxMail, now: datetime, *, staff_id: int | None) -> None:
    """Give the mail up: it is never sent, and its content goes. Raises `ConflictError` where it is too late."""
    if not can_drop(mail):
        with_server = "It is with the mail server at this moment: look again in a minute."
        sentence = with_server if mail.state is MailState.SENDING else "It has ended: there is nothing left to drop."
        raise ConflictError(sentence)
    why = f"Dropped by hand. {mail.last_error or ''}".strip()
    # The claim goes too, so that a worker that holds it cannot send.
    gone = {"due_at": None, "claim": None, "claimed_until": None, "last_error": why}
    _change(session, mail, {"state": MailState.DROPPED, **gone})
    wipe(session.connection(), [mail.id])
    _audit(session, "mail.drop", mail, now, staff_id)


def _obstacle(mail: OutboxMail, now: datetime) -> str:
    if mail.state not in {MailState.QUEUED, MailState.FAILED, MailState.AMBIGUOUS}:
        return "Only a mail that waits, has failed or is in doubt can be sent again."
    if mail.recipient is None or (mail.wire is None and mail.text is None):
        return "Its content is not kept any more."
    if mail.expires_at is not None and mail.expires_at <= now:
        return "It has expired: what it links to does not work any more."
    return ""


def _change(session: Session, mail: OutboxMail, values: dict[str, Any]) -> None:
    changed = session.execute(
        sa.update(OutboxMail)
        .where(OutboxMail.id == mail.id, OutboxMail.state == mail.state)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if cast("sa.CursorResult[Any]", changed).rowcount != 1:
        sentence = f"The mail {mail.id} has changed meanwhile: look again."
        raise ConflictError(sentence)
    session.expire(mail)


def _audit(session: Session, action: str, mail: OutboxMail, now: datetime, staff_id: int | None) -> None:
    session.add(AuditEntry(at=now, staff_id=staff_id, action=action, subject=f"mail:{mail.id}"))


def _sent_since(session: Session, since: datetime, mine: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).where(OutboxMail.sent_at > since, mine)) or 0


def _of(shop_ids: Sequence[int] | None) -> sa.ColumnElement[bool]:
    return sa.true() if shop_ids is None else OutboxMail.shop_id.in_(shop_ids)
