"""Sends that failed softly, and how many in a row are too many (R28).

A send has failed when its mail came back, and as well when the server refused the mailbox until we gave up: who has
the queue, a relay or we, makes no difference to the recipient.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import IncomingMail, MailState, OutboxMail

SOFT_FAILURES = 3
_HISTORY = 12
_BOUNCED = (MailClass.HARD, MailClass.SOFT, MailClass.POLICY)


def is_given_up(session: Session, shop_id: int, recipient_key: str) -> bool:
    """Tell whether so many of the shop's latest mails to that address failed that it writes no more surveys there."""
    return failed_in_a_row(_fates(session, shop_id, recipient_key)) >= SOFT_FAILURES


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


def _fates(session: Session, shop_id: int, recipient_key: str) -> list[MailClass | None]:
    """Return what became of the mails that the shop sent to that address, the latest first.

    A mail that was refused stands where its tries began: one that was taken meanwhile has arrived after it.
    """
    at = sa.func.coalesce(OutboxMail.sent_at, OutboxMail.first_tried_at, OutboxMail.created_at)
    tried = session.execute(
        sa.select(OutboxMail.id, OutboxMail.failed_as)
        .where(OutboxMail.shop_id == shop_id, OutboxMail.recipient_key == recipient_key)
        .where(sa.or_(OutboxMail.state.in_((MailState.SENT, MailState.AMBIGUOUS)), OutboxMail.failed_as.is_not(None)))
        .order_by(at.desc(), OutboxMail.id.desc())
        .limit(_HISTORY)
    ).all()
    came = session.execute(
        sa.select(IncomingMail.mail_id, IncomingMail.kind)
        .where(IncomingMail.mail_id.in_([row.id for row in tried]))
        .where(IncomingMail.kind.in_(_BOUNCED), IncomingMail.is_delayed.is_(False))
        .order_by(IncomingMail.id)
    )
    returned = {row.mail_id: row.kind for row in came}
    return [row.failed_as or returned.get(row.id) for row in tried]
