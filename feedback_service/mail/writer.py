"""What an outbox row becomes on its way to the server: its bytes, with the shop's logo in them, signed."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from feedback_service.db import Database
from feedback_service.mail.held import HeldMail
from feedback_service.mail.models import MailImage, OutboxMail
from feedback_service.mail.prepared import wire_of
from feedback_service.shops.look import CONTENT_ID, logo_bytes, logos_shown

_KEPT = 32


class MailWriter:
    """Writes mails; may be shared between threads.

    A logo is not stored with each mail that shows it: it is read here, once for many mails.

    Args:
        database: where the logos are.
        sign: signs the bytes (DKIM); None where the mail server does it, or nobody.
    """

    def __init__(self, database: Database, sign: Callable[[bytes], bytes] | None = None) -> None:
        self._database = database
        self._sign = sign
        self._logo = lru_cache(maxsize=_KEPT)(self._read_logo)

    def write(self, mail: HeldMail, now: datetime) -> bytes:
        """Return what goes to the server.

        Raises a permanent `MailError` or `ValueError` for a mail that cannot be written.
        """
        # What was written when it was posted shows no logo.
        message = wire_of(mail, now, self._logos(mail.unwritten) if mail.unwritten else ())
        return self._sign(message) if self._sign else message

    def _logos(self, mail: OutboxMail) -> list[MailImage]:
        found = ((digest, self._logo(digest)) for digest in logos_shown(mail.html or ""))
        return [MailImage(content_id=f"{CONTENT_ID}{digest}", png=data) for digest, data in found if data]

    def _read_logo(self, digest: str) -> bytes | None:
        with self._database.reading() as session:
            return logo_bytes(session, digest)
