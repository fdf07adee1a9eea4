"""From an outbox row to the bytes on the wire (RFC 5322, 2045-2047, 6531).

Names and subjects are encoded word by word by ourselves, bodies are quoted-printable, which every server
takes, with or without 8BITMIME. The bytes are those that `email.message.EmailMessage` would write by the
policy in `policy.py`; it takes ten times as long (`skeletons.py`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from string import ascii_letters, digits

import structlog

from feedback_service.mail import addresses
from feedback_service.mail.addresses import Mailbox
from feedback_service.mail.letters import HTML_LIMIT
from feedback_service.mail.models import MailImage, OutboxMail
from feedback_service.mail.policy import INTERNATIONAL, PLAIN
from feedback_service.mail.quoted import quoted_printable
from feedback_service.mail.skeletons import Shape, encoded_image, image_of, skeleton

_FOLD_AT = 78
_PLAIN_NAME = 60
_WORD_ROOM = 60
_WORD_SAFE = frozenset(ascii_letters + digits + "!*+-/")

log = structlog.get_logger()


def message_bytes(mail: OutboxMail, now: datetime, logos: Sequence[MailImage] = ()) -> bytes:
    """Return the mail as it goes to the server, with CRLF line ends; needs `images` loaded.

    `logos` are images that are not the mail's own.

    Raises a permanent `MailError` for an address without a valid form and `ValueError` for a header
    that cannot be written. Every line is ASCII unless an address itself is not (RFC 6531).
    """
    people = mailboxes(mail)
    images = [*mail.images, *logos]
    shape = shape_of(mail, people, images)
    policy = INTERNATIONAL if shape.is_international else PLAIN
    pieces = []
    for name, value in headers(mail, people, now):
        pieces.append(policy.fold_binary(*policy.header_store_parse(name, value)))
    for around, part in zip(skeleton(shape), [*_parts(mail, shape, images), b""], strict=True):
        pieces += [around, part]
    return b"".join(pieces)


def mailboxes(mail: OutboxMail) -> dict[str, tuple[str, Mailbox]]:
    """Return whom the mail is from, to, and answered to: the name (may be empty) and the address, by header."""
    people = {"From": addresses.split(mail.sender), "To": ("", mail.recipient or "")}
    if mail.reply_to:
        people["Reply-To"] = addresses.split(mail.reply_to)
    return {header: (name, addresses.mailbox(address)) for header, (name, address) in people.items()}


def shape_of(mail: OutboxMail, people: dict[str, tuple[str, Mailbox]], images: Sequence[MailImage]) -> Shape:
    """Return the structure of the mail; an HTML part that is too large is left out."""
    size = len(mail.html.encode()) if mail.html else 0
    if size >= HTML_LIMIT:
        # The text part says everything; a clipped page would not.
        log.warning("HTML part left out: too large", mail=mail.id, kind=mail.kind, bytes=size, limit=HTML_LIMIT)
    has_page = 0 < size < HTML_LIMIT
    return Shape(
        is_international=any(box.needs_smtputf8 for _, box in people.values()),
        has_page=has_page,
        images=tuple(image_of(image.content_id, image.png) for image in images) if has_page else (),
    )


def headers(mail: OutboxMail, people: dict[str, tuple[str, Mailbox]], now: datetime) -> Iterator[tuple[str, str]]:
    """Yield the mail's own headers in their order, each checked to be its to set."""
    own = {header: _address(header, name, box) for header, (name, box) in people.items()}
    own["Subject"] = _words("Subject", mail.subject)
    own["Date"] = format_datetime(now)
    own["Message-ID"] = mail.message_id
    yield from own.items()
    taken = {name.lower() for name in own}
    for name, value in {"Auto-Submitted": "auto-generated", **mail.headers}.items():
        if name.lower() in taken or name.lower().startswith(("content-", "mime-")):
            msg = f"the header {name} is not the letter's to set"
            raise ValueError(msg)
        taken.add(name.lower())
        yield name, value


def _parts(mail: OutboxMail, shape: Shape, images: Sequence[MailImage]) -> Iterator[bytes]:
    yield quoted_printable(mail.text or "")
    if shape.has_page:
        yield quoted_printable(mail.html or "")
    if shape.images:
        yield from (encoded_image(image.png) for image in images)


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
