"""What a bounce or a complaint has for consequences (R27, R28), in the transaction that takes it in.

    hard       the shop asks that address no more
    soft       the same after three failed sends in a row; a success between starts the count anew
    complaint  no more, for good; where there are too many, what waits for others is dropped, too (R25)
    policy     nobody is silenced: the operator must act, and finds it on the page and in `doctor`
    auto-reply, none   nothing

Mail to staff silences nobody either: an alert that comes back is the operator's to mend.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.mail.dropping import drop_waiting
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import Audience, IncomingMail, MailState, OutboxMail, SuppressionReason
from feedback_service.mail.returned import Reputation, reputation
from feedback_service.mail.suppression import suppress

SOFT_FAILURES = 3
_HISTORY = 12
_STOPPED = "Too many of those whom the shop wrote to called it spam."


def draw(session: Session, incoming: IncomingMail, mail: OutboxMail, now: datetime) -> None:
    """Do what `incoming`, which is about `mail`, asks for; `incoming` is flushed."""
    if mail.audience is not Audience.CUSTOMER or mail.shop_id is None or not mail.recipient_key:
        return
    reason = _reason(session, incoming, mail)
    if reason is not None:
        suppress(session, mail.shop_id, mail.recipient_key, reason, now)
    if reason is SuppressionReason.COMPLAINT and reputation(session, mail.shop_id, now) is Reputation.STOPPED:
        drop_waiting(session, _STOPPED, OutboxMail.shop_id == mail.shop_id)


def failed_in_a_row(fates: Sequence[MailClass | None]) -> int:
    """Count the latest sends that failed softly; `fates` of the mails sent, the latest first, None: nothing came back.

    Of those after the last failure nothing is known yet; one before it that did not come back has arrived,
    and ends the row. What was refused by policy says nothing about the mailbox.
    """
    told = [fate for fate in fates if fate is not MailClass.POLICY]
    first = next((number for number, fate in enumerate(told) if fate is not None), len(told))
    row = 0
    for fate in told[first:]:
        if fate not in (MailClass.SOFT, MailClass.HARD):
            break
        row += 1
    return row


def _reason(session: Session, incoming: IncomingMail, mail: OutboxMail) -> SuppressionReason | None:
    match incoming.kind:
        case MailClass.HARD:
            return SuppressionReason.HARD_BOUNCE
        case MailClass.COMPLAINT:
            return SuppressionReason.COMPLAINT
        case MailClass.SOFT if not incoming.is_delayed:
            lost = failed_in_a_row(_fates(session, mail)) >= SOFT_FAILURES
            return SuppressionReason.SOFT_BOUNCE if lost else None
        case _:
            return None


def _fates(session: Session, mail: OutboxMail) -> list[MailClass | None]:
    """Return what became of the mails that the shop sent to the recipient of `mail`, the latest first."""
    sent = session.scalars(
        sa.select(OutboxMail.id)
        .where(OutboxMail.shop_id == mail.shop_id, OutboxMail.recipient_key == mail.recipient_key)
        .where(OutboxMail.state.in_((MailState.SENT, MailState.AMBIGUOUS)))
        .order_by(sa.func.coalesce(OutboxMail.sent_at, OutboxMail.created_at).desc(), OutboxMail.id.desc())
        .limit(_HISTORY)
    ).all()
    bounced = (MailClass.HARD, MailClass.SOFT, MailClass.POLICY)
    came = session.execute(
        sa.select(IncomingMail.mail_id, IncomingMail.kind)
        .where(IncomingMail.mail_id.in_(sent), IncomingMail.kind.in_(bounced), IncomingMail.is_delayed.is_(False))
        .order_by(IncomingMail.id)
    )
    fates = {row.mail_id: row.kind for row in came}
    return [fates.get(mail_id) for mail_id in sent]
