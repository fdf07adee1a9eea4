"""The bytes of a message, written when it is posted and dated when it is sent: sending many is then mostly waiting.

A Date of hours ago, after a night in the outbox or a day of warm-up, would make a mail look like spam.
"""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from feedback_service.mail.errors import MailError
from feedback_service.mail.held import HeldMail
from feedback_service.mail.models import MailImage, OutboxMail
from feedback_service.mail.wire import message_bytes
from feedback_service.shops.look import logos_shown


def prepared(mail: OutboxMail, now: datetime) -> bytes | None:
    """Return the message as it stands now; None where it is written when it is sent.

    That is so where it cannot be written, which is told then, and where it shows the shop's logo, which is not stored
    with each mail.
    """
    if logos_shown(mail.html or ""):
        return None
    try:
        return message_bytes(mail, now)
    except (MailError, ValueError):
        return None


def wire_of(mail: HeldMail, now: datetime, logos: Sequence[MailImage] = ()) -> bytes:
    """Return the message with the date of `now`; raises as `message_bytes` where it has to be written first."""
    if mail.wire is not None:
        # The header comes first, and a line of it can hold these bytes only once: no other has that name.
        return mail.wire.replace(_date(mail.created_at), _date(now), 1)
    if mail.unwritten is None:
        msg = "its content is not loaded"
        raise ValueError(msg)
    return message_bytes(mail.unwritten, now, logos)


def _date(at: datetime) -> bytes:
    return _date_of_second(at.replace(microsecond=0))


@lru_cache(maxsize=64)
def _date_of_second(at: datetime) -> bytes:
    return f"\r\nDate: {format_datetime(at)}\r\n".encode()
