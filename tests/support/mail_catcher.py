"""A mail server on the loopback that takes everything and remembers to whom it went."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.commands import free_port


@dataclass(slots=True)
class MailCatcher:
    """Where it listens, how long it takes for a mail, and whom it has taken mails for."""

    port: int
    seconds_each: float
    recipients: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail; from here on it has arrived, whatever becomes of who sends it."""
        self.recipients += envelope.rcpt_tos
        await asyncio.sleep(self.seconds_each)
        return "250 OK"


@contextlib.contextmanager
def catching(seconds_each: float = 0.0) -> Iterator[MailCatcher]:
    """Catch mails while open."""
    catcher = MailCatcher(free_port(), seconds_each)
    controller = Controller(catcher, hostname="127.0.0.1", port=catcher.port)
    controller.start()
    try:
        yield catcher
    finally:
        controller.stop(no_assert=True)
