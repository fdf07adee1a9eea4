"""What a bounce or a complaint has for consequences (R27, R28), in the transaction that takes it in.

    hard       the shop asks that address no more
    soft       the same after three failed sends in a row; a success between starts the count anew
    complaint  no more, for good; where there are too many, what waits for others is dropped, too (R25)
    policy     nobody is silenced: the operator must act, and finds it on the page and in `doctor`
    auto-reply, none   nothing

Mail to staff silences nobody either: an alert that comes back is the operator's to mend.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from feedback_service.mail import failures
from feedback_service.mail.dropping import drop_waiting
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import Audience, IncomingMail, OutboxMail, SuppressionReason
from feedback_service.mail.returned import Reputation, reputation
from feedback_service.mail.suppression import suppress

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


def _reason(session: Session, incoming: IncomingMail, mail: OutboxMail) -> SuppressionReason | None:
    match incoming.kind:
        case MailClass.HARD:
            return SuppressionReason.HARD_BOUNCE
        case MailClass.COMPLAINT:
            return SuppressionReason.COMPLAINT
        case MailClass.SOFT if not incoming.is_delayed:
            lost = mail.shop_id is not None and failures.is_given_up(session, mail.shop_id, mail.recipient_key)
            return SuppressionReason.SOFT_BOUNCE if lost else None
        case _:
            return None
