"""A shop's look in mails and on the customer's page: its colour, its logo, and the names its mails come from.

Colour and names are settings of the shop; the logo's bytes stand in a table of their own. A logo that is replaced
stays there: mails that wait may still show it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import insert_for
from feedback_service.errors import InvalidInputError
from feedback_service.hashing import content_digest
from feedback_service.shops import pictures
from feedback_service.shops.contrast import Palette, palette
from feedback_service.shops.models import Shop, ShopLogo

_WIDEST, _TALLEST = 240, 64
_DIGEST_LENGTH = 32
CONTENT_ID = "logo-"
"""What the Content-ID of a logo begins with; its digest follows."""
_SHOWN = re.compile(rf"cid:{CONTENT_ID}([0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo as pages and mails show it: `width` and `height` are those on the page, in CSS pixels."""

    digest: str
    width: int
    height: int

    @property
    def content_id(self) -> str:
        """Under which a mail carries it."""
        return f"{CONTENT_ID}{self.digest}"


@dataclass(frozen=True, slots=True)
class Look:
    """How a shop looks; `logo` is None for its name in letters."""

    colours: Palette
    is_own_colour: bool = False
    logo: Logo | None = None


PLAIN = Look(palette())
"""The look of what is not the shop's own, such as mails to its staff."""


class Dressed(Protocol):
    """What a look is made of: a shop, or what a page knows of one."""

    @property
    def accent(self) -> str:
        """The shop's colour, empty for ours."""

    @property
    def logo_digest(self) -> str:
        """Of the logo, empty for none."""

    @property
    def logo_width(self) -> int:
        """In the picture's own pixels."""

    @property
    def logo_height(self) -> int:
        """In the picture's own pixels."""


def look_of(shop: Dressed) -> Look:
    """Return the look of a shop."""
    size = _shown(shop.logo_width, shop.logo_height) if shop.logo_digest else None
    logo = Logo(shop.logo_digest, *size) if size else None
    return Look(palette(shop.accent), bool(shop.accent), logo)


def sender_name(shop: Shop, kind: str) -> str:
    """Return the name that mails of `kind` (the name of their template) come from."""
    names: Mapping[str, str] = {"survey": shop.survey_sender_name, "return": shop.notice_sender_name}
    return names.get(kind.partition("_")[0]) or shop.sender_name or shop.name


def set_logo(session: Session, shop: Shop, data: bytes, now: datetime) -> Logo:
    """Give the shop a logo; raise `InvalidInputError` with what is wrong with the picture."""
    try:
        picture = pictures.read_picture(data)
    except ValueError as error:
        why = str(error)
        sentence = f"{why[0].upper()}{why[1:]}."
        raise InvalidInputError(sentence, field="logo") from error
    digest = content_digest(picture.data.hex())[:_DIGEST_LENGTH]
    values = {"shop_id": shop.id, "digest": digest, "data": picture.data, "created_at": now}
    insert = insert_for(session, ShopLogo).values(**values)
    session.execute(insert.on_conflict_do_nothing(index_elements=["shop_id", "digest"]))
    shop.logo_digest, shop.logo_width, shop.logo_height = digest, picture.width, picture.height
    return Logo(digest, *_shown(picture.width, picture.height))


def remove_logo(shop: Shop) -> None:
    """Let the shop's name stand in letters again."""
    shop.logo_digest, shop.logo_width, shop.logo_height = "", 0, 0


def logo_bytes(session: Session, digest: str) -> bytes | None:
    """Return the bytes of a logo, None where there is none of that digest."""
    return session.scalar(sa.select(ShopLogo.data).where(ShopLogo.digest == digest).limit(1))


def logos_shown(html: str) -> list[str]:
    """Return the digests of the logos that the HTML part of a mail shows."""
    return list(dict.fromkeys(_SHOWN.findall(html)))


def _shown(width: int, height: int) -> tuple[int, int]:
    """Return the size on the page: as large as fits, never larger than it is."""
    scale = min(1.0, _WIDEST / width, _TALLEST / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
