"""A real SMTP server on a loopback port: it records what it accepts, and answers as a test wishes."""

import asyncio
import contextlib
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HANG_UP = "hang up"
"""Instead of a reply: the server closes the connection without a word."""


@dataclass(frozen=True, slots=True)
class Received:
    """One mail that the server answered with 250."""

    sender: str
    recipient: str
    data: bytes
    options: tuple[str, ...]
    session: int

    @property
    def message(self) -> EmailMessage:
        """The mail as the standard library reads it."""
        return message_from_bytes(self.data, policy=policy.SMTP)


class RecordingServer:
    """Listens on `port`; `received` are the mails accepted, in order.

    Attributes:
        replies: by stage ('MAIL', 'RCPT', 'DATA'), the replies to give in turn before it accepts again.
        for_recipient: the reply to RCPT for an address, always.
        hidden: extensions that it does not offer.
        offers: extensions that it offers beside its own.
        keeps: False throws away what was accepted.
        most_sessions: so many sessions are let in, further ones are sent away; None for any number.
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, implicit_tls: bool = False, login: tuple[str, str] | None = None
    ) -> None:
        self.received: list[Received] = []
        self.replies: dict[str, list[str]] = {"MAIL": [], "RCPT": [], "DATA": []}
        self.for_recipient: dict[str, str] = {}
        self.hidden: set[str] = set()
        self.offers: set[str] = set()
        self.keeps = True
        self.most_sessions: int | None = None
        self.sessions = 0
        self.hellos: list[str] = []
        self.port = 0
        self._tls = tls
        self._implicit_tls = implicit_tls
        self._login = login
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self, port: int = 0) -> None:
        """Begin to listen on `port`, or on a free one."""
        if not self._thread.is_alive():
            self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(port), self._loop).result(10)

    def stop(self) -> None:
        """Stop listening and end every session."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def stop_listening(self) -> None:
        """Take no more connections until `start` is called again."""

        async def close() -> None:
            assert self._server is not None
            self._server.close()

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(10)

    def copies(self) -> Counter[str]:
        """How often each Message-ID was accepted."""
        return Counter(str(mail.message["Message-ID"]) for mail in list(self.received))

    async def _listen(self, port: int) -> None:
        self._server = await self._loop.create_server(
            self._session, "127.0.0.1", port, ssl=self._tls if self._implicit_tls else None
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def _session(self) -> SMTP:
        self.sessions += 1
        return SMTP(
            _Handler(self, self.sessions),
            hostname="test.example.com",
            enable_SMTPUTF8="SMTPUTF8" not in self.hidden,
            tls_context=None if self._implicit_tls else self._tls,
            authenticator=self._authenticate if self._login else None,
            auth_require_tls=False,
            loop=self._loop,
        )

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: Any) -> AuthResult:  # noqa: ANN401 - aiosmtpd's type
        assert isinstance(given, LoginPassword)
        success = (given.login.decode(), given.password.decode()) == self._login
        return AuthResult(success=success, handled=False)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        others = [task for task in asyncio.all_tasks(self._loop) if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)


class _Handler:
    """aiosmtpd calls these methods by name."""

    def __init__(self, owner: RecordingServer, session: int) -> None:
        self._owner = owner
        self._session = session

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        if self._owner.most_sessions is not None and self._session > self._owner.most_sessions:
            return ["421 4.7.0 Too many connections from your address"]
        session.host_name = hostname
        self._owner.hellos.append(hostname)
        shown = [line for line in responses if not any(line[4:].startswith(word) for word in self._owner.hidden)]
        return [*(f"250-{word}" for word in self._owner.offers), *shown]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._reply(server, "MAIL", "250 OK")
        if reply.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options = options
        return reply

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        reply = self._owner.for_recipient.get(address) or self._reply(server, "RCPT", "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        reply = self._reply(server, "DATA", "250 OK")
        if reply.startswith("250") and self._owner.keeps:
            content = cast("bytes", envelope.original_content)
            mail = Received(
                envelope.mail_from or "", envelope.rcpt_tos[0], content, tuple(envelope.mail_options), self._session
            )
            self._owner.received.append(mail)
        return reply

    def _reply(self, server: SMTP, stage: str, usual: str) -> str:
        waiting = self._owner.replies[stage]
        reply = waiting.pop(0) if waiting else usual
        if reply == HANG_UP:
            transport = server.transport
            assert transport is not None
            transport.close()
        return reply


@contextlib.contextmanager
def recording_server(
    *, tls: ssl.SSLContext | None = None, implicit_tls: bool = False, login: tuple[str, str] | None = None
) -> Iterator[RecordingServer]:
    """Run a server for the length of the block."""
    server = RecordingServer(tls=tls, implicit_tls=implicit_tls, login=login)
    server.start()
    try:
        yield server
    finally:
        server.stop()
