"""The demo's mail server: it takes every mail, delivers none, and counts them."""

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from feedback_service.clock import Clock
from feedback_service.demo.serving import HOST, listen, port_of

STAFF_DOMAIN = "atelier-lumen.example.com"
_LARGEST = 5_000_000
_ACCEPTED = "250 OK"


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """One mail as it came over the wire. `number` counts from 1 in the order of arrival."""

    number: int
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def message_id(self) -> str:
        """The Message-ID header."""
        return str(self.message["Message-ID"] or "")

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.message["Subject"] or "")

    @property
    def is_to_customer(self) -> bool:
        """Tell whether a customer reads it: the staff of the shop share its domain."""
        return not any(address.endswith(f"@{STAFF_DOMAIN}") for address in self.recipients)

    def part(self, kind: str) -> str:
        """Return the body as `plain` or `html`; empty where there is none."""
        body = self.message.get_body(preferencelist=(kind,))
        return str(body.get_content()) if body else ""

    def images(self) -> dict[str, tuple[str, bytes]]:
        """Return the inline images by Content-ID (without brackets): type and bytes."""
        found: dict[str, tuple[str, bytes]] = {}
        for part in self.message.walk():
            content = part.get_payload(decode=True) if part.get_content_maintype() == "image" else None
            if isinstance(content, bytes):
                found[str(part["Content-ID"] or "").strip("<>")] = (part.get_content_type(), content)
        return found


class Mailbox:
    """All mails caught since the start, oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mails: list[CaughtMail] = []
        self._lock = threading.Lock()

    def put(self, sender: str, recipients: tuple[str, ...], content: bytes) -> None:
        """Keep one mail."""
        message = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
        with self._lock:
            number = len(self._mails) + 1
            self._mails.append(CaughtMail(number, self._clock.now(), parseaddr(sender)[1], recipients, message))

    def mails(self) -> list[CaughtMail]:
        """Return the mails so far."""
        with self._lock:
            return list(self._mails)

    def find(self, number: int) -> CaughtMail | None:
        """Return the mail of that number."""
        with self._lock:
            return self._mails[number - 1] if 0 < number <= len(self._mails) else None

    def twice_to_customers(self) -> int:
        """Return how many mails a customer got twice, by Message-ID.

        An alert to staff is sent again after a crash at the wrong instant, because a lost alert is worse.
        """
        seen = Counter(mail.message_id for mail in self.mails() if mail.is_to_customer)
        return sum(count - 1 for count in seen.values())


class _Handler:
    """Accepts everything, for everybody."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail. Once this has answered 250, the mail counts as delivered."""
        content = envelope.original_content or b""
        await asyncio.to_thread(self._mailbox.put, envelope.mail_from or "", tuple(envelope.rcpt_tos), content)
        return _ACCEPTED


class MailServer:
    """The SMTP server on a free port of the loopback, from `start` to `stop`."""

    def __init__(self, mailbox: Mailbox) -> None:
        with listen() as reserved:
            self.port = port_of(reserved)
        self._controller = Controller(
            _Handler(mailbox), hostname=HOST, port=self.port, data_size_limit=_LARGEST, enable_SMTPUTF8=True
        )

    def start(self) -> None:
        """Listen in a thread of its own."""
        self._controller.start()

    def stop(self) -> None:
        """Listen no more."""
        self._controller.stop(no_assert=True)
