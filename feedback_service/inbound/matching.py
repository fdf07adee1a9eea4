"""Which mail of ours is it about? Nothing but a proof counts: a forged bounce must not silence anybody.

The tag in the return path and the Message-ID are random and known to the recipient alone.
"""

import re
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.hashing import address_key
from feedback_service.inbound.events import Arrival
from feedback_service.mail import addresses
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.models import Return
from feedback_service.surveys.models import Invitation

_TAG = re.compile(r"\+([0-9a-f]{16})@", re.IGNORECASE)
_OF_A_RETURN = re.compile(r"(?:return|survey)[a-z_]*:(\d{1,9})(?::|$)")


def find_mail(session: Session, arrival: Arrival, bounce_address: str, secret: str) -> OutboxMail | None:
    """Return the mail of ours that `arrival` is about: by the tag of its return path, else by its Message-ID."""
    if bounce_address:
        tags = dict.fromkeys(tag.lower() for address in arrival.sent_to for tag in _TAG.findall(address))
        paths = [addresses.tagged(bounce_address, tag) for tag in tags]
        found = (
            session.scalar(sa.select(OutboxMail).where(OutboxMail.return_path.in_(paths)).limit(1)) if paths else None
        )
        if found is not None:
            return found
    return _by_message_id(session, arrival.message_ids, _whose(arrival, secret))


def return_behind(session: Session, mail: OutboxMail) -> Return | None:
    """Return the return that a mail is about; None for a mail about something else."""
    of_mail = sa.or_(Invitation.mail_id == mail.id, Invitation.reminder_mail_id == mail.id)
    asked = sa.select(Return).join(Invitation, Invitation.return_id == Return.id).where(of_mail)
    named = _OF_A_RETURN.match(mail.cause)
    by_cause = sa.select(Return).where(Return.id == int(named[1]), Return.shop_id == mail.shop_id) if named else None
    return session.scalar(asked) or (session.scalar(by_cause) if by_cause is not None else None)


def _by_message_id(session: Session, message_ids: Sequence[str], key: str) -> OutboxMail | None:
    if not message_ids:
        return None
    chosen = sa.select(OutboxMail).where(OutboxMail.message_id.in_(message_ids))
    found = {mail.message_id: mail for mail in session.scalars(chosen)}
    mails = (found[message_id] for message_id in message_ids if message_id in found)
    return next((mail for mail in mails if not key or mail.recipient_key == key), None)


def _whose(arrival: Arrival, secret: str) -> str:
    return address_key(secret, arrival.recipient) if arrival.recipient else ""
