"""From an outbox row to the bytes on the wire (RFC 5322, 2045-2047, 6531).

The standard library folds a header longer than 78 characters into encoded words: a long
List-Unsubscribe then reads `=?utf-8?q?...`, which no mail program undoes, and one-click breaks. Here
such headers stay as they are written, and names and subjects are encoded word by word by ourselves.
Bodies are quoted-printable, which every server takes, with or without 8BITMIME.
"""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import cache
from string import ascii_letters, digits
from typing import cast

import structlog

from feedback_service.mail import addresses
from feedback_service.mail.addresses import Mailbox
from feedback_service.mail.models import MailImage, OutboxMail

HTML_LIMIT = 100_000
"""Most bytes of an HTML part (R32): mail programs clip longer ones."""

_LONGEST_LINE = 998
_FOLD_AT = 78
_PLAIN_NAME = 60
_WORD_ROOM = 60
_WORD_SAFE = frozenset(ascii_letters + digits + "!*+-/")
_RAW = frozenset({
    "from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
    "list-unsubscribe", "list-unsubscribe-post", "list-id", "list-help", "auto-submitted",
})  # fmt: skip

log = structlog.get_logger()


class WirePolicy(EmailPolicy):
    """Writes the headers of `_RAW` as they stand and leaves the others to the standard library."""

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        """Store a header; one that is written as it stands is checked, not parsed."""
        if name.lower() not in _RAW:
            return cast("tuple[str, str]", super().header_store_parse(name, value))
        lines = value.split("\r\n ")
        if any("\r" in line or "\n" in line or "\0" in line or len(line) > _LONGEST_LINE for line in lines):
            msg = f"the header {name} holds a line break or a line that is too long"
            raise ValueError(msg)
        if not (self.utf8 or value.isascii()):
            msg = f"the header {name} must be ASCII"
            raise ValueError(msg)
        return name, value

    def fold(self, name: str, value: str) -> str:
        """Return the header as text for the wire."""
        if name.lower() in _RAW:
            return f"{name}: {value}{self.linesep}"
        return cast("str", super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the header as bytes for the wire."""
        if name.lower() in _RAW:
            return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii")
        return super().fold_binary(name, value)


_PLAIN = WirePolicy(linesep="\r\n", cte_type="7bit", max_line_length=_FOLD_AT)
_INTERNATIONAL = _PLAIN.clone(utf8=True)


def message_bytes(mail: OutboxMail, now: datetime) -> bytes:
    """Return the mail as it goes to the server, with CRLF line ends; needs `images` loaded.

    Raises a permanent `MailError` for an address without a valid form and `ValueError` for a header
    that cannot be written. Every line is ASCII unless an address itself is not (RFC 6531).
    """
    people = {"From": addresses.split(mail.sender), "To": ("", mail.recipient or "")}
    if mail.reply_to:
        people["Reply-To"] = addresses.split(mail.reply_to)
    boxes = {header: (name, addresses.mailbox(address)) for header, (name, address) in people.items()}
    international = any(box.needs_smtputf8 for _, box in boxes.values())
    message = EmailMessage(_INTERNATIONAL if international else _PLAIN)
    for header, (name, box) in boxes.items():
        message[header] = _address(header, name, box)
    message["Subject"] = _words("Subject", mail.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = mail.message_id
    _add_headers(message, mail.headers)
    _add_bodies(message, mail)
    return message.as_bytes()


def _add_headers(message: EmailMessage, headers: Mapping[str, str]) -> None:
    for name, value in {"Auto-Submitted": "auto-generated", **headers}.items():
        if name in message or name.lower().startswith(("content-", "mime-")):
            msg = f"the header {name} is not the letter's to set"
            raise ValueError(msg)
        message[name] = value


def _add_bodies(message: EmailMessage, mail: OutboxMail) -> None:
    message.set_content(mail.text or "", cte="quoted-printable")
    if not mail.html:
        return
    size = len(mail.html.encode())
    if size >= HTML_LIMIT:
        # The text part says everything; a clipped page would not.
        log.warning("HTML part left out: too large", mail=mail.id, kind=mail.kind, bytes=size, limit=HTML_LIMIT)
        return
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    page = cast("list[MIMEPart]", message.get_payload())[-1]
    for image in mail.images:
        _add_image(page, image)


def _add_image(page: MIMEPart, image: MailImage) -> None:
    content_id = image.content_id.strip("<>")
    name = f"{content_id}.png"
    page.add_related(image.png, "image", "png", cid=f"<{content_id}>", disposition="inline", filename=name)


def _address(header: str, name: str, box: Mailbox) -> str:
    if not name:
        return box.address
    phrase = addresses.named(name, "").removesuffix(" <>") if _is_plain(name) else _words(header, name)
    room = _FOLD_AT - len(header) - 2 if "\r\n" not in phrase else _FOLD_AT
    gap = " " if len(phrase.rpartition("\r\n")[2]) + len(box.address) + 3 <= room else "\r\n "
    return f"{phrase}{gap}<{box.address}>"


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and len(text) <= _PLAIN_NAME and "=?" not in text


def _words(header: str, text: str) -> str:
    """Return `text` as it is where that is safe, else as encoded words, folded (RFC 2047).

    `email.header.Header` does the same thirty times slower.
    """
    text = " ".join(text.split())
    if _is_plain(text):
        return text
    words, word = [], ""
    room = _WORD_ROOM - len(header)
    for letter in text:
        encoded = letter if letter in _WORD_SAFE else _quoted(letter)
        if len(word) + len(encoded) > room:
            words.append(word)
            word, room = "", _WORD_ROOM
        word += encoded
    return "\r\n ".join(f"=?utf-8?q?{word}?=" for word in (*words, word))


@cache
def _quoted(letter: str) -> str:
    return "_" if letter == " " else "".join(f"={byte:02X}" for byte in letter.encode("utf-8", "replace"))
