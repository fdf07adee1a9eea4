"""The way to the mail server: a port, and its adapter over smtplib.

What matters is where a conversation broke off. Before the final dot the server has nothing and the
mail may be given again; after it, and before the answer, nobody knows (RFC 1047).
"""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import NoReturn, Protocol, cast

from feedback_service.mail import addresses, replies
from feedback_service.mail.errors import MailError, OutcomeUnknownError, ServerUnavailableError
from feedback_service.mail.replies import Reply
from feedback_service.mail.rules import Stage
from feedback_service.settings import Settings, SmtpSecurity

_DONE = 2
_GO_ON = 3
_CLOSING = 421
FINAL_PATIENCE = 8
"""So many times longer than about a command a server may think about the content (RFC 5321 4.5.3.2.6): it is in no
doubt as long as we listen."""
# smtplib reports a reply of endless length as a response, though the session is over.
_BROKEN = (smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException, OSError)


class Connection(Protocol):
    """A way to the server, used for one mail after the other by one thread."""

    def send(self, message: bytes, envelope_from: str, recipient: str, before_content: Callable[[], None]) -> None:
        """Hand over one mail; returning means that the server has taken responsibility for it.

        `before_content` is called when the server has agreed to sender and recipient and waits for the
        content: until then the mail certainly has not arrived. What it raises stops the mail.

        Raises:
            MailError: this mail was not accepted.
            OutcomeUnknownError: this mail may have been accepted.
            ServerUnavailableError: no mail can be sent now; this one was not accepted.
        """
        ...


class Transport(Protocol):
    """Opens connections; may be shared between threads."""

    def connect(self) -> AbstractContextManager[Connection]:
        """Give a connection that is opened at its first use and closed at the end."""
        ...


class SmtpTransport:
    """Mail by SMTP as the settings say: plain, STARTTLS or TLS (verified), with or without a login."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @contextlib.contextmanager
    def connect(self) -> Iterator["SmtpConnection"]:
        """Give a connection that is opened at its first use and closed at the end."""
        connection = SmtpConnection(self._settings)
        try:
            yield connection
        finally:
            connection.close()


class SmtpConnection:
    """One SMTP session after the other: a server may end one at any time, after so many mails or minutes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._smtp: smtplib.SMTP | None = None
        self._is_fresh = True

    def open(self) -> None:
        """Connect, secure and sign in where that is not done; `ServerUnavailableError` says what to do about it."""
        if self._smtp is not None:
            return
        try:
            self._smtp = _greeted(self._settings)
        except UnicodeEncodeError as error:
            self._unavailable("the user name and password must be ASCII", permanent=True, cause=error)
        except UnicodeError as error:
            self._unavailable(f"that is no name of a host ({error})", permanent=True, cause=error)
        except smtplib.SMTPAuthenticationError as error:
            reply = Reply(error.smtp_code, error.smtp_error)
            why = f"it refuses the user name and password ({reply})"
            self._unavailable(why, permanent=reply.is_permanent, cause=error)
        except smtplib.SMTPNotSupportedError as error:
            self._unavailable(f"it does not offer what the settings ask for ({error})", permanent=True, cause=error)
        except ssl.SSLCertVerificationError as error:
            self._unavailable(f"its certificate is not valid: {error.verify_message}", permanent=True, cause=error)
        except smtplib.SMTPResponseException as error:
            self._unavailable(f"it answered {Reply(error.smtp_code, error.smtp_error)}", permanent=False, cause=error)
        except (smtplib.SMTPException, OSError) as error:
            self._unavailable(str(error) or type(error).__name__, permanent=False, cause=error)
        self._is_fresh = True

    def close(self) -> None:
        """Say goodbye; whatever the server answers, the connection is closed."""
        if self._smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._smtp.close()
            self._smtp = None

    def send(self, message: bytes, envelope_from: str, recipient: str, before_content: Callable[[], None]) -> None:
        """Hand over one mail; a session that the server ended meanwhile is opened anew, once."""
        was_fresh = self._smtp is None or self._is_fresh
        try:
            self._hand_over(message, envelope_from, recipient, before_content)
        except OutcomeUnknownError:
            self._drop()
            raise
        except _SessionEndedError as ended:
            self._drop()
            if was_fresh:
                # Not the session's age but this very mail may have ended it: it must not be first in line for ever.
                raise MailError(
                    str(ended), subject=recipient, permanent=False,
                    code=ended.code, status=ended.status, stage=ended.stage,
                ) from ended  # fmt: skip
            self.send(message, envelope_from, recipient, before_content)
        finally:
            self._is_fresh = False

    def _hand_over(
        self, message: bytes, envelope_from: str, recipient: str, before_content: Callable[[], None]
    ) -> None:
        sender, to = addresses.mailbox(envelope_from), addresses.mailbox(recipient)
        smtp = self._smtp or self._reopened()
        # The envelope may be plain and a Reply-To not.
        international = sender.needs_smtputf8 or to.needs_smtputf8 or not message.isascii()
        options = _options(smtp, message, international=international, recipient=recipient)
        try:
            _agree(smtp, [f"MAIL FROM:<{sender.address}>", *options], f"RCPT TO:<{to.address}>", recipient)
        except _BROKEN as error:
            raise _SessionEndedError(str(error)) from error
        self._go_ahead(before_content)
        try:
            smtp.send(replies.dot_stuffed(message))
        except _BROKEN as error:
            # The final dot is the last thing to go: what could not be sent to its end did not arrive.
            raise _SessionEndedError(str(error)) from error
        try:
            answer = self._answer_to_content(smtp)
        except _BROKEN as error:
            raise OutcomeUnknownError(_unanswered(str(error)), subject=recipient) from error
        if answer[0] // 100 not in {_DONE, 4, 5}:
            raise OutcomeUnknownError(_unanswered(str(Reply(*answer))), subject=recipient)
        _expect(smtp, answer, Stage.MESSAGE, recipient)

    def _answer_to_content(self, smtp: smtplib.SMTP) -> tuple[int, bytes]:
        sock = cast("socket.socket", smtp.sock)
        sock.settimeout(FINAL_PATIENCE * self._settings.smtp_timeout)
        answer = smtp.getreply()
        sock.settimeout(self._settings.smtp_timeout)
        return answer

    def _go_ahead(self, before_content: Callable[[], None]) -> None:
        try:
            before_content()
        except BaseException:
            # Without its final dot the server forgets the mail; there is no other way out of DATA.
            self._drop()
            raise

    def _reopened(self) -> smtplib.SMTP:
        self.open()
        return cast("smtplib.SMTP", self._smtp)

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def _unavailable(self, why: str, *, permanent: bool, cause: Exception) -> NoReturn:
        host = f"{self._settings.smtp_host}:{self._settings.smtp_port}"
        advice = "Correct the smtp_* settings." if permanent else "Mails wait in the outbox until it is back."
        sentence = f"The mail server {host} cannot be used: {why}. {advice}"
        raise ServerUnavailableError(sentence, subject=host, permanent=permanent) from cause


class _SessionEndedError(Exception):
    """The server ended the session before it had the whole mail; `why` in words, the rest as in `MailError`."""

    def __init__(self, why: str, code: int = 0, status: str = "", stage: Stage = Stage.MESSAGE) -> None:
        self.code = code
        self.status = status
        self.stage = stage
        super().__init__(f"The mail server ended the connection: {why}")


def _unanswered(why: str) -> str:
    return f"The mail was handed over whole, but no clear answer came: {why}"


def _greeted(settings: Settings) -> smtplib.SMTP:
    # Reading the system's certificates takes longer than everything else here: only where they are needed.
    context = None if settings.smtp_security is SmtpSecurity.NONE else ssl.create_default_context()
    name = replies.own_name(settings.public_host)
    host, port, timeout = settings.smtp_host, settings.smtp_port, settings.smtp_timeout
    smtp: smtplib.SMTP
    if settings.smtp_security is SmtpSecurity.TLS:
        smtp = smtplib.SMTP_SSL(host, port, name, timeout=timeout, context=context)
    else:
        smtp = smtplib.SMTP(host, port, name, timeout=timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if settings.smtp_security is SmtpSecurity.STARTTLS:
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        if settings.smtp_user:
            smtp.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except BaseException:
        smtp.close()
        raise
    return smtp


def _options(smtp: smtplib.SMTP, message: bytes, *, international: bool, recipient: str) -> list[str]:
    options = [f"SIZE={len(message)}"] if smtp.has_extn("size") else []
    if not international:
        return options
    if not smtp.has_extn("smtputf8"):
        sentence = "An address has letters outside ASCII before the @; the mail server does not take those (SMTPUTF8)."
        raise MailError(sentence, subject=recipient, permanent=True, stage=Stage.RECIPIENT)
    return [*options, "SMTPUTF8", "BODY=8BITMIME"]


def _agree(smtp: smtplib.SMTP, mail: Sequence[str], rcpt: str, recipient: str) -> None:
    """Name sender and recipient and ask for the content, in one go where the server takes that (RFC 2920)."""
    commands = ((" ".join(mail), Stage.SENDER, _DONE), (rcpt, Stage.RECIPIENT, _DONE), ("DATA", Stage.MESSAGE, _GO_ON))
    if not smtp.has_extn("pipelining"):
        for command, stage, category in commands:
            smtp.send(_line(command))
            _expect(smtp, smtp.getreply(), stage, recipient, category=category)
        return
    smtp.send(b"".join(_line(command) for command, _, _ in commands))
    answers = _answers(smtp, len(commands))
    if len(answers) == len(commands) and answers[-1][0] // 100 == _GO_ON and _is_refused(answers):
        # It waits for the content of a mail that it does not want: a lone dot is the way out (RFC 2920 3.1).
        smtp.send(b".\r\n")
        smtp.getreply()
    for (_, stage, category), answer in zip(commands, answers, strict=False):
        _expect(smtp, answer, stage, recipient, category=category)


def _is_refused(answers: Sequence[tuple[int, bytes]]) -> bool:
    return any(code // 100 != _DONE for code, _ in answers[:-1])


def _answers(smtp: smtplib.SMTP, count: int) -> list[tuple[int, bytes]]:
    """Read `count` answers; fewer where the server says why it ends the session and then does."""
    answers = list[tuple[int, bytes]]()
    try:
        while len(answers) < count:
            answers.append(smtp.getreply())
    except _BROKEN:
        if not answers or answers[-1][0] // 100 not in {4, 5}:
            raise
    return answers


def _line(command: str) -> bytes:
    if "\r" in command or "\n" in command:
        msg = "a command to the mail server holds a line break"
        raise ValueError(msg)
    return f"{command}\r\n".encode()


def _expect(
    smtp: smtplib.SMTP, answer: tuple[int, bytes], stage: Stage, recipient: str, *, category: int = _DONE
) -> None:
    if answer[0] // 100 == category:
        return
    reply = Reply(*answer)
    if reply.code == _CLOSING or reply.code // 100 not in {4, 5}:
        raise _SessionEndedError(str(reply), reply.code, reply.status, stage)
    with contextlib.suppress(*_BROKEN):
        smtp.rset()
    sentence = f"The mail server answered {reply}"
    raise MailError(
        sentence, subject=recipient, permanent=reply.is_permanent, code=reply.code, status=reply.status, stage=stage
    )
