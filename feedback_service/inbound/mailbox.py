"""The mailbox that bounces and replies come to, read by IMAP (RFC 3501, 6851).

A mail stays where it is until it is taken in and committed; only then is it moved or deleted. So a process
that is killed loses nothing, and one that comes twice is known by its key. One that cannot be taken in, or not
be put away, is flagged for a person and left: it must not be in the way of the others for ever.

No number (UID) is kept from one session to the next, so a server may give new ones at any time (UIDVALIDITY).
"""

import contextlib
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from typing import NoReturn

import structlog

from feedback_service.errors import DatabaseUnavailableError, OutsideError
from feedback_service.mail.incoming.message import MAX_BYTES
from feedback_service.settings import ImapSecurity, Settings

_BATCH = 200
# How many mails one question covers: imaplib refuses an answer of more than a million bytes.
_WINDOW = 500
# Answers to a sign-in that say nothing about the password (RFC 5530).
_NOT_NOW = ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG")
_FAILURES = (imaplib.IMAP4.error, OSError, ValueError)
_SAFE_FOLDER = re.compile(r"[^\x00-\x1f\x7f]{1,200}")

log = structlog.get_logger()


class MailboxError(OutsideError):
    """The mailbox cannot be read; `permanent` says that the settings must change."""


def read_mailbox(settings: Settings, take: Callable[[bytes], object], stopping: Callable[[], bool]) -> int:
    """Hand every mail of the folder to `take` and put it away; return how many were.

    Raises `MailboxError` when the mailbox cannot be used, and what `take` raises when the database is away.
    """
    with _opened(settings) as mailbox:
        count = 0
        while not stopping():
            numbers = mailbox.waiting()
            if not numbers:
                break
            count += sum(_take_one(mailbox, number, take) for number in numbers if not stopping())
        return count


def count_mails(settings: Settings) -> tuple[int, int]:
    """Return how many mails wait, and how many are flagged for a person; raise `MailboxError` as the reading does."""
    with _opened(settings) as mailbox:
        return mailbox.count("UNFLAGGED"), mailbox.count("FLAGGED")


class Mailbox:
    """One signed-in session with its folder open."""

    def __init__(self, imap: imaplib.IMAP4, settings: Settings) -> None:
        self._imap = imap
        self._inbox = settings.imap_folder
        self._folder = settings.imap_processed_folder
        self._can_move = "MOVE" in imap.capabilities

    def waiting(self) -> list[bytes]:
        """Return the numbers (UID) of the next mails that are to be taken in, the oldest first, at most 200."""
        return next((found[:_BATCH] for found in self._found("UNFLAGGED") if found), [])

    def count(self, which: str) -> int:
        """Count the mails that are `FLAGGED`, left to a person, or `UNFLAGGED`."""
        return sum(len(found) for found in self._found(which))

    def select(self) -> int:
        """Open the folder anew and return how many mails it holds; raise `imaplib.IMAP4.error` where it cannot be."""
        kind, answer = self._imap.select(_quoted(self._inbox))
        if kind != "OK":
            message = f"the folder {self._inbox!r} cannot be opened ({answer!r})"
            raise imaplib.IMAP4.error(message)
        return int(answer[0] or 0)

    def fetch(self, number: bytes) -> bytes:
        """Return a mail, of a large one its beginning, without marking it as read; empty where it is gone."""
        parts = self._uid("FETCH", number.decode(), f"(BODY.PEEK[]<0.{MAX_BYTES}>)")
        return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")

    def put_away(self, number: bytes) -> None:
        """Move a mail that was taken in to the folder of those, or delete it where the settings name none."""
        if self._folder:
            self._moved(number.decode())
        else:
            self._removed(number.decode())

    def flag(self, number: bytes) -> None:
        """Mark a mail for a person; it is not looked at again."""
        self._uid("STORE", number.decode(), "+FLAGS.SILENT", r"(\Flagged)")

    def prepare(self) -> None:
        """Make the folder of what was taken in, where it is missing."""
        if self._folder:
            self._imap.create(_quoted(self._folder))  # it says NO when it is there

    def _found(self, which: str) -> Iterator[list[bytes]]:
        total = self.select()
        for start in range(1, total + 1, _WINDOW):
            window = f"{start}:{min(start + _WINDOW - 1, total)}"
            yield self._uid("SEARCH", window, "UNDELETED", which)[0].split()

    def _moved(self, number: str) -> None:
        if self._can_move:
            self._uid("MOVE", number, _quoted(self._folder))
        else:
            self._uid("COPY", number, _quoted(self._folder))
            self._removed(number)

    def _removed(self, number: str) -> None:
        self._uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in self._imap.capabilities:
            self._uid("EXPUNGE", number)
        else:
            self._imap.expunge()

    def _uid(self, command: str, *arguments: str) -> list[bytes]:
        kind, answer = self._imap.uid(command, *arguments)
        if kind != "OK":
            message = f"{command}: {answer!r}"
            raise imaplib.IMAP4.error(message)
        return [part for part in answer if part is not None] or [b""]


def _take_one(mailbox: Mailbox, number: bytes, take: Callable[[bytes], object]) -> bool:
    """Take in one mail; what goes wrong with it alone is told by its flag, and the connection's end is raised."""
    try:
        raw = mailbox.fetch(number)
        if raw:
            take(raw)
    except (DatabaseUnavailableError, imaplib.IMAP4.abort, OSError):
        raise
    except Exception:
        log.exception("mail cannot be taken in: flagged in the mailbox", uid=number.decode())
        raw = b""
    if not raw:
        mailbox.flag(number)
        return False
    _put_away(mailbox, number)
    return True


def _put_away(mailbox: Mailbox, number: bytes) -> None:
    try:
        mailbox.put_away(number)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        log.warning("mail was taken in and cannot be put away: flagged", uid=number.decode(), why=str(error))
        mailbox.flag(number)


@contextlib.contextmanager
def _opened(settings: Settings) -> Iterator[Mailbox]:
    imap = _connected(settings)
    try:
        _signed_in(imap, settings)
        yield _folder_of(imap, settings)
    except _FAILURES as error:
        _fail(settings, str(error) or type(error).__name__, permanent=False, cause=error)
    finally:
        with contextlib.suppress(*_FAILURES):
            imap.logout()


def _folder_of(imap: imaplib.IMAP4, settings: Settings) -> Mailbox:
    if _is_same(settings.imap_folder, settings.imap_processed_folder):
        # A mail that is put away would come again, for ever.
        _fail(settings, "imap_processed_folder is the folder that is read", permanent=True)
    mailbox = Mailbox(imap, settings)
    mailbox.prepare()
    try:
        mailbox.select()
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        _fail(settings, str(error), permanent=True, cause=error)
    return mailbox


def _is_same(folder: str, other: str) -> bool:
    """Tell whether two names are one folder; INBOX may be written in any case (RFC 3501 5.1)."""
    return folder == other or folder.upper() == other.upper() == "INBOX"


def _connected(settings: Settings) -> imaplib.IMAP4:
    host, port, timeout = settings.imap_host, settings.imap_port, settings.imap_timeout
    try:
        if settings.imap_security is ImapSecurity.TLS:
            return imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=timeout)
        imap = imaplib.IMAP4(host, port, timeout=timeout)
    except ssl.SSLCertVerificationError as error:
        _fail(settings, f"its certificate is not valid: {error.verify_message}", permanent=True, cause=error)
    except _FAILURES as error:
        _fail(settings, str(error) or type(error).__name__, permanent=False, cause=error)
    if settings.imap_security is ImapSecurity.STARTTLS:
        try:
            imap.starttls(ssl.create_default_context())
        except _FAILURES as error:
            imap.shutdown()
            _fail(settings, f"no secure connection: {error}", permanent=True, cause=error)
    return imap


def _signed_in(imap: imaplib.IMAP4, settings: Settings) -> None:
    try:
        imap.login(settings.imap_user, settings.imap_password.get_secret_value())
    except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
        if isinstance(error, imaplib.IMAP4.abort) or any(f"[{code}]" in str(error).upper() for code in _NOT_NOW):
            _fail(settings, str(error), permanent=False, cause=error)
        _fail(settings, f"it refuses the user name and password ({error})", permanent=True, cause=error)
    # What a server can do it may say only to those it knows.
    imap.capabilities = tuple(imap.capability()[1][0].decode().upper().split())


def _quoted(folder: str) -> str:
    """Return a folder's name as IMAP wants it; letters outside ASCII in its UTF-7 (RFC 3501 5.1.3)."""
    if not _SAFE_FOLDER.fullmatch(folder):
        message = f"the folder name {folder!r} cannot be used"
        raise ValueError(message)
    encoded = re.sub(r"[^\x20-\x7e]+", _utf7, folder.replace("&", "&-"))
    return '"' + encoded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(letters: re.Match[str]) -> str:
    import binascii

    encoded = binascii.b2a_base64(letters[0].encode("utf-16-be"), newline=False).rstrip(b"=")
    return f"&{encoded.decode().replace('/', ',')}-"


def _fail(settings: Settings, why: str, *, permanent: bool, cause: Exception | None = None) -> NoReturn:
    host = f"{settings.imap_host}:{settings.imap_port}"
    advice = "Correct the imap_* settings." if permanent else "The mails wait in it until then."
    sentence = f"The mailbox at {host} cannot be read: {why}. {advice}"
    raise MailboxError(sentence, subject=host, permanent=permanent) from cause
