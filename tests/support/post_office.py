"""A post office in memory: takes the mails that the real delivery hands over, when it is open."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy

from feedback_service.clock import Clock
from feedback_service.mail.errors import MailError


@dataclass(frozen=True, slots=True)
class Delivered:
    """One mail that arrived."""

    recipient: str
    message_id: str
    text: str
    at: datetime


@dataclass
class PostOffice:
    """Takes the place of the transport; while `is_open` is False it refuses each mail for the time being."""

    clock: Clock
    is_open: bool = True
    delivered: list[Delivered] = field(default_factory=list)

    @contextlib.contextmanager
    def connect(self) -> Iterator["PostOffice"]:
        """Give the counter."""
        yield self

    def send(self, message: bytes, envelope_from: str, recipient: str, before_content: Callable[[], None]) -> None:
        """Take one mail."""
        del envelope_from
        before_content()
        if not self.is_open:
            sentence = "451 4.3.0 come back later"
            raise MailError(sentence, subject="post.example.com", permanent=False, code=451, status="4.3.0")
        mail = message_from_bytes(message, policy=policy.SMTP)
        body = mail.get_body(("plain",))
        text = body.get_content() if body else ""
        self.delivered.append(Delivered(recipient, str(mail["Message-ID"]), text, self.clock.now()))
