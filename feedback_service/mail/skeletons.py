"""The MIME structure of mails, made once per shape by the standard library and filled from then on.

The standard library needs milliseconds to write a message, and nearly all of them go into structure that
never changes: its headers are parsed and folded, its parts copied for the sake of their line ends. Here
it writes each shape once, around marks, and a mail is what stands between the marks.
"""

import binascii
import re
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from functools import lru_cache
from typing import cast

from feedback_service.mail.policy import INTERNATIONAL, PLAIN

ALTERNATIVE, RELATED = "=_text-or-page", "=_page-and-images"
"""Boundaries. `=_` stands in no quoted-printable and no base64 (RFC 2045, section 6.7), so they may stay the same."""

_MARK = "6d61726b"
_BASE64_LINE = re.compile(rb".{1,76}")
_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides the structure of a mail: its parts, not what they say."""

    is_international: bool = False
    has_page: bool = False
    images: tuple[tuple[str, str], ...] = ()
    """Content-ID and subtype of each image, as `image_of` gives them."""


def image_of(content_id: str, data: bytes) -> tuple[str, str]:
    """Return an image as a `Shape` names it: JPEG where it begins like one, else PNG."""
    return content_id.strip("<>"), "jpeg" if data.startswith(_JPEG) else "png"


@lru_cache(maxsize=256)
def skeleton(shape: Shape) -> tuple[bytes, ...]:
    """Return what stands around the parts of a mail of that shape: one piece more than it has parts.

    The first begins behind the mail's own headers; parts go between the pieces encoded, with CRLF at their ends.
    """
    message = EmailMessage(INTERNATIONAL if shape.is_international else PLAIN)
    fill(message, shape, _MARK, _MARK, [_MARK.encode()] * len(shape.images))
    encoded_mark = binascii.b2a_base64(_MARK.encode()).strip()
    whole = message.as_bytes().replace(encoded_mark, _MARK.encode())
    return tuple(whole.split(_MARK.encode() + b"\r\n"))


def fill(message: EmailMessage, shape: Shape, text: str, page: str, images: list[bytes]) -> None:
    """Put the parts into `message` by the standard library."""
    message.set_content(text, cte="quoted-printable")
    if not shape.has_page:
        return
    message.add_alternative(page, subtype="html", cte="quoted-printable")
    message.set_boundary(ALTERNATIVE)
    part = cast("list[MIMEPart]", message.get_payload())[-1]
    for (content_id, subtype), data in zip(shape.images, images, strict=True):
        name = f"{content_id}.{'jpg' if subtype == 'jpeg' else subtype}"
        part.add_related(data, "image", subtype, cid=f"<{content_id}>", disposition="inline", filename=name)
    if shape.images:
        part.set_boundary(RELATED)


@lru_cache(maxsize=16)
def encoded_image(data: bytes) -> bytes:
    """Return an image in base64, in lines; the logo of a shop goes out with every mail."""
    return b"".join([line + b"\r\n" for line in _BASE64_LINE.findall(binascii.b2a_base64(data))])
