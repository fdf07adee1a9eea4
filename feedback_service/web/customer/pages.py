"""How a customer's page is made: in the invitation's language and the shop's zone, with the notice (R14).

Most pages are the same for everyone whom a shop asks, but for the token, the stamp and the name of the draft.
Such a page is rendered once with marks in their places, kept by all that it was made from, and cut at the marks:
what is left to do is to join the pieces. Since the shop's own values are a part of what it is kept by, a change
of the shop is a page of its own.
"""

import re
import secrets
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from feedback_service.bootstrap import Services
from feedback_service.hashing import content_digest
from feedback_service.shops.look import look_of
from feedback_service.surveys import notice
from feedback_service.surveys.invited import ShopFace
from feedback_service.surveys.questions import Survey
from feedback_service.surveys.wording import worded
from feedback_service.web.customer.language import Reader
from feedback_service.web.rendering import render

_KEPT = 512
_DRAFT_LENGTH = 32
# How long a browser keeps what was filled in and not sent: until the same evening, on a device that others may use.
DRAFT_HOURS = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Whose page it is: what differs from one customer to the next."""

    token: str
    stamp: str = ""

    @property
    def draft(self) -> str:
        """The name under which a browser keeps what was filled in: a hash that does not tell the token."""
        return content_digest("draft", self.token)[:_DRAFT_LENGTH]


class Pages:
    """Makes the pages of an installation."""

    def __init__(self, services: Services) -> None:
        self._settings = services.settings
        # Letters that no template, no shop and no customer can have written.
        marks = {name: f"mark{secrets.token_hex(16)}" for name in ("token", "stamp", "draft")}
        self._mark_of = marks
        self._name_of = {mark: name for name, mark in marks.items()}
        self._marks = re.compile("(" + "|".join(marks.values()) + ")")
        self._pieces = lru_cache(maxsize=_KEPT)(self._cut)

    def kept(self, name: str, shop: ShopFace, reader: Reader, place: Place, **context: Hashable) -> bytes:
        """Return `customer/<name>.html`, made from the page that is kept for the same shop, reader and context."""
        pieces = self._pieces(name, shop, reader, tuple(context.items()))
        values = {"token": place.token, "stamp": place.stamp, "draft": place.draft}
        filled = list(pieces)
        for index in range(1, len(pieces), 2):
            filled[index] = values[pieces[index].decode()].encode()
        return b"".join(filled)

    def made(self, name: str, shop: ShopFace, reader: Reader, place: Place, **context: object) -> bytes:
        """Return `customer/<name>.html`, made anew: what a customer has written stands in it, and is kept nowhere."""
        values = {"token": place.token, "stamp": place.stamp, "draft": place.draft}
        return self._rendered(name, shop, reader, values, context).encode()

    def _cut(
        self, name: str, shop: ShopFace, reader: Reader, context: tuple[tuple[str, Hashable], ...]
    ) -> tuple[bytes, ...]:
        """Return the page cut at its marks: text and name of a value, turn by turn."""
        text = self._rendered(name, shop, reader, self._mark_of, dict(context))
        return tuple(self._name_of.get(piece, piece).encode() for piece in self._marks.split(text))

    def _rendered(
        self, name: str, shop: ShopFace, reader: Reader, values: Mapping[str, str], context: Mapping[str, object]
    ) -> str:
        return render(
            f"customer/{name}.html",
            reader.language,
            time_zone=shop.time_zone,
            shop=shop,
            look=look_of(shop),
            languages=reader.choices,
            notice=notice.sentences(
                shop,
                self._settings,
                reader.language,
                has_consent=bool(context.get("has_consent")),
                survey=Survey(str(context.get("survey", Survey.RETURN))),
            ),
            objection_url=f"/u/{values['token']}{reader.query}",
            survey_url=f"/s/{values['token']}{reader.query}",
            thanks_url=f"/s/{values['token']}/thanks{reader.query}",
            draft_hours=DRAFT_HOURS,
            worded=worded,
            **values,
            **context,
        )


def thanks_path(token: str, chosen: str | None) -> str:
    """Return the address of the thanks for a token that was found: it has no letter that needs escaping."""
    return f"/s/{token}/thanks{Reader('', chosen).query}"
