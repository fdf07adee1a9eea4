"""Which mails are next: a batch of what is due, as fast as rates and pauses allow, the urgent ones first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlalchemy.orm.attributes import set_committed_value

from feedback_service import claims
from feedback_service.mail import paces, rules, settling
from feedback_service.mail.headers import UNSUBSCRIBE
from feedback_service.mail.models import Audience, MailContent, MailImage, MailState, OutboxMail, Suppression
from feedback_service.mail.pacing import Candidate, Rates
from feedback_service.mail.rules import URGENT, Opening

_LOOK_AHEAD = 4
"""So many times the batch is looked through for mails that the limits of their domains let go."""

_ORDER = (OutboxMail.priority.asc(), OutboxMail.due_at.asc(), OutboxMail.id.asc())


# Of a mail whose bytes are written already nothing else is needed to send it.
_LEAN = tuple(
    defer(column)
    for column in (
        OutboxMail.text, OutboxMail.html, OutboxMail.wire,
        OutboxMail.cause, OutboxMail.language, OutboxMail.sent_at, OutboxMail.last_error,
    )
)  # fmt: skip
_WRITTEN = MailContent.wire.is_not(None)
_CONTENT = sa.select(
    MailContent.mail_id,
    MailContent.wire,
    sa.case((_WRITTEN, None), else_=MailContent.text).label("text"),
    sa.case((_WRITTEN, None), else_=MailContent.html).label("html"),
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

    def claim(self, session: Session, limit: int, now: datetime) -> tuple[int, list[OutboxMail]]:
        """Claim up to `limit` mails; return how many, and those of them that are to be sent, with their images.

        The others are settled here: expired, unwanted, or left by a dead worker who may have sent them.
        """
        claimed = self._claim(session, limit, now)
        if not claimed:
            return 0, []
        _load_content(session, claimed)
        unwanted = _unwanted(session, claimed)
        ready = [mail for mail in claimed if self._is_ready(session, mail, unwanted, now)]
        paces.book(session, self._rates, ready, now)
        return len(claimed), ready

    def unclaim(self, session: Session, mails: Sequence[OutboxMail], now: datetime) -> None:
        """Give back claimed mails of which the server never heard: it was no attempt."""
        for mail in mails:
            values = {"state": MailState.QUEUED, "attempts": OutboxMail.attempts - 1}
            claims.settle(session, mail, values=values)
        paces.unbook(session, self._rates, mails, now)

    def _claim(self, session: Session, limit: int, now: datetime) -> list[OutboxMail]:
        is_limited = bool(self._rates.total(now.date()) or self._rates.domain())
        if is_limited and not self._urgent_only:
            return self._claim_within_limits(session, limit, now)
        return self._take(session, self._where(session, now), limit, now)

    def _claim_within_limits(self, session: Session, limit: int, now: datetime) -> list[OutboxMail]:
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
    ) -> list[OutboxMail]:
        return claims.claim_due(
            session, OutboxMail, now=now, lease=self._lease, limit=limit, where=where, order_by=_ORDER, options=_LEAN
        )

    def _is_ready(self, session: Session, mail: OutboxMail, unwanted: set[int], now: datetime) -> bool:
        opening = rules.on_claim(mail.state, mail.audience, attempts=mail.attempts, now=now, expires_at=mail.expires_at)
        if opening is Opening.SEND and mail.id in unwanted:
            opening = Opening.WITHHOLD
        if opening is not Opening.SEND:
            settling.write(session, settling.closing(mail, opening), now)
        return opening is Opening.SEND


def is_optional(mail: OutboxMail) -> bool:
    """Tell whether the customer may object to mail of this kind: it then says how (R24)."""
    return mail.audience is Audience.CUSTOMER and UNSUBSCRIBE in mail.headers


def unwanted_among(session: Session, ids: Sequence[int]) -> set[int]:
    """Return those of these optional mails whose customer has objected, or cannot be reached (R28)."""
    listed = sa.exists().where(
        Suppression.shop_id == OutboxMail.shop_id, Suppression.address_key == OutboxMail.recipient_key
    )
    return set(session.scalars(sa.select(OutboxMail.id).where(OutboxMail.id.in_(ids), listed))) if ids else set()


def _load_content(session: Session, mails: Sequence[OutboxMail]) -> None:
    images: dict[int, list[MailImage]] = {mail.id: [] for mail in mails}
    found = {row.mail_id: row for row in session.execute(_CONTENT.where(MailContent.mail_id.in_(images)))}
    for image in session.scalars(sa.select(MailImage).where(MailImage.mail_id.in_(images))):
        images[image.mail_id].append(image)
    for mail in mails:
        set_committed_value(mail, "images", images[mail.id])
        for part in ("text", "html", "wire"):
            set_committed_value(mail, part, getattr(found.get(mail.id), part, None))


def _unwanted(session: Session, mails: Sequence[OutboxMail]) -> set[int]:
    return unwanted_among(session, [mail.id for mail in mails if is_optional(mail)])
