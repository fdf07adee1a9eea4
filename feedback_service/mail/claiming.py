"""Which mails are next: a batch of what is due, as fast as rates and pauses allow, the urgent ones first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from feedback_service import claims
from feedback_service.db import table_of
from feedback_service.mail import paces, rules, settling
from feedback_service.mail.held import COLUMNS, HeldMail
from feedback_service.mail.models import MailContent, MailState, OutboxMail, Suppression
from feedback_service.mail.pacing import Candidate, Rates
from feedback_service.mail.rules import URGENT, Opening

_LOOK_AHEAD = 4
"""So many times the batch is looked through for mails that the limits of their domains let go."""

_ORDER = (OutboxMail.priority.asc(), OutboxMail.due_at.asc(), OutboxMail.id.asc())
_CONTENT = table_of(MailContent).c
_UNWANTED = sa.exists().where(
    Suppression.shop_id == OutboxMail.shop_id, Suppression.address_key == OutboxMail.recipient_key
)


class Claimer:
    """Claims mails for one run.

    Args:
        rates: the limits in force.
        lease: how long a claimed mail waits for its turn; another worker may take it afterwards, at no risk.
        urgent_only: leaves everything else alone.
    """

    def __init__(self, rates: Rates, lease: timedelta, *, urgent_only: bool = False) -> None:
        self._rates = rates
        self._lease = lease
        self._urgent_only = urgent_only

    def claim(self, session: Session, limit: int, now: datetime) -> tuple[int, list[HeldMail]]:
        """Claim up to `limit` mails; return how many, and those of them that are to be sent, with what goes out.

        The others are settled here: expired, unwanted, or left by a dead worker who may have sent them.
        """
        claimed = self._claim(session, limit, now)
        unwanted = unwanted_among(session, [mail.id for mail in claimed if mail.is_optional])
        ready = [mail for mail in claimed if _is_ready(session, mail, unwanted, now)]
        paces.book(session, self._rates, ready, now)
        return len(claimed), _with_content(session, ready)

    def unclaim(self, session: Session, mails: Sequence[HeldMail], now: datetime) -> None:
        """Give back claimed mails of which the server never heard: it was no attempt."""
        back = [(mail, {"state": MailState.QUEUED, "attempts": mail.attempts - 1}) for mail in mails]
        claims.settle_many(session, OutboxMail, back)
        paces.unbook(session, self._rates, mails, now)

    def _claim(self, session: Session, limit: int, now: datetime) -> list[HeldMail]:
        is_limited = bool(self._rates.total(now.date()) or self._rates.domain())
        if is_limited and not self._urgent_only:
            return self._claim_within_limits(session, limit, now)
        return self._take(session, self._where(session, now), limit, now)

    def _claim_within_limits(self, session: Session, limit: int, now: datetime) -> list[HeldMail]:
        while candidates := self._candidates(session, self._where(session, now), limit, now):
            ids = paces.allowed(session, self._rates, candidates, limit=limit, now=now)
            if ids:
                return self._take(session, [OutboxMail.id.in_(ids)], limit, now)
            # Their domains are noted as full now, so that the next look sees what stands behind them.
        return []

    def _where(self, session: Session, now: datetime) -> list[sa.ColumnElement[bool]]:
        if self._urgent_only or paces.room(session, self._rates, now) == 0:
            return [OutboxMail.priority <= URGENT]
        return [paces.is_not_held(now)]

    def _candidates(
        self, session: Session, where: Sequence[sa.ColumnElement[bool]], limit: int, now: datetime
    ) -> list[Candidate]:
        free = sa.or_(OutboxMail.claimed_until.is_(None), OutboxMail.claimed_until <= now)
        rows = session.execute(
            sa.select(OutboxMail.id, OutboxMail.domain, OutboxMail.priority)
            .where(OutboxMail.due_at <= now, free, *where)
            .order_by(*_ORDER)
            .limit(_LOOK_AHEAD * limit)
        ).all()
        return [Candidate(row.id, row.domain, row.priority <= URGENT) for row in rows]

    def _take(
        self, session: Session, where: Sequence[sa.ColumnElement[bool]], limit: int, now: datetime
    ) -> list[HeldMail]:
        rows = claims.claim_columns(
            session, OutboxMail, COLUMNS, now=now, lease=self._lease, limit=limit, where=where, order_by=_ORDER
        )
        return [HeldMail._make((*row, None, None)) for row in rows]


def unwanted_among(session: Session, ids: Sequence[int]) -> set[int]:
    """Return those of these optional mails whose customer has objected, or cannot be reached (R28)."""
    return set(session.scalars(sa.select(OutboxMail.id).where(OutboxMail.id.in_(ids), _UNWANTED))) if ids else set()


def _is_ready(session: Session, mail: HeldMail, unwanted: set[int], now: datetime) -> bool:
    opening = rules.on_claim(mail.state, mail.audience, attempts=mail.attempts, now=now, expires_at=mail.expires_at)
    if opening is Opening.SEND and mail.id in unwanted:
        opening = Opening.WITHHOLD
    if opening is not Opening.SEND:
        settling.write(session, settling.closing(mail, opening), now)
    return opening is Opening.SEND


def _with_content(session: Session, mails: Sequence[HeldMail]) -> list[HeldMail]:
    """Return the mails with what goes out: the bytes where they are written, else all that they are written from."""
    ids = [mail.id for mail in mails]
    written = sa.select(_CONTENT.mail_id, _CONTENT.wire).where(_CONTENT.mail_id.in_(ids), _CONTENT.wire.is_not(None))
    wires = {row.mail_id: row.wire for row in session.connection().execute(written)} if ids else {}
    missing = [mail_id for mail_id in ids if mail_id not in wires]
    whole = sa.select(OutboxMail).where(OutboxMail.id.in_(missing)).options(selectinload(OutboxMail.images))
    unwritten = {mail.id: mail for mail in session.scalars(whole)} if missing else {}
    return [mail._replace(wire=wires.get(mail.id), unwritten=unwritten.get(mail.id)) for mail in mails]
