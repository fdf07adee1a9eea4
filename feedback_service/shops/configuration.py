"""Making a shop and changing its settings by name, each value checked before it is kept."""

import re
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from babel import Locale, UnknownLocaleError
from sqlalchemy.orm import Session

from feedback_service import i18n
from feedback_service.addresses import checked_address, is_seen
from feedback_service.errors import ConflictError, InvalidInputError
from feedback_service.folding import fold
from feedback_service.shops.contrast import DEFAULT, checked_colour
from feedback_service.shops.models import AuditEntry, Shop

_HIGHEST_STARS = 5
_HOURS = 24
# As French typography has them before high signs; a header has plain ones.
_NO_BREAK = re.compile("[\u00a0\u202f]")
_LONGEST_NAME = 100
_UNBOUNDED = r"[+*]|\{\d*,\}"
_PATTERN_TOKEN = re.compile(
    rf"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<open>\((?:\?:)?)|(?P<close>\))(?P<repeated>{_UNBOUNDED})?|(?P<single>{_UNBOUNDED})",
    re.DOTALL,
)
Value = str | int | float | bool | list[str]


def add_shop(session: Session, name: str, sender: str, now: datetime, *, slug: str = "", **values: str) -> Shop:
    """Add a shop; `values` are settings as text. Raise `ConflictError` if the slug is taken."""
    name = str(_checked("name", name.strip()))
    slug = slug or slug_of(name)
    if session.scalar(sa.select(Shop.id).where(Shop.slug == slug)):
        sentence = f"There is a shop {slug!r} already."
        raise ConflictError(sentence)
    shop = Shop(slug=slug, name=name, sender_name=name, sender_address="", created_at=now)
    change(shop, {"sender_address": sender, "terms_any": name, **values})
    session.add(shop)
    session.flush()
    session.add(AuditEntry(at=now, action="shop.added", subject=f"shop:{shop.id}"))
    return shop


def list_shops(session: Session) -> Sequence[Shop]:
    """Return every shop, oldest first."""
    return session.scalars(sa.select(Shop).order_by(Shop.id)).all()


def change(shop: Shop, values: Mapping[str, str]) -> None:
    """Set the named settings of `shop`; raise `InvalidInputError` naming the first that does not fit."""
    checked = {key: _checked(key, value.strip()) for key, value in values.items()}
    _check_region(str(checked.get("country", shop.country)), str(checked.get("region", shop.region) or ""))
    for key, value in checked.items():
        setattr(shop, key, value)


def settable() -> tuple[str, ...]:
    """Return the names of the settings a shop has, as `change` takes them."""
    return tuple(sorted(_READERS))


def as_text(shop: Shop, key: str) -> str:
    """Return a setting as `change` would take it."""
    value = getattr(shop, key)
    if isinstance(value, list):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def slug_of(name: str) -> str:
    """Return a short name for commands: 'Atelier Lumen' gives 'atelier-lumen'."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-") or "shop"


def _checked(key: str, value: str) -> Value:
    if key not in _READERS:
        sentence = f"{key!r} is not a setting of a shop; there are: {', '.join(settable())}."
        raise InvalidInputError(sentence, field=key)
    try:
        return _READERS[key](value)
    except ValueError as error:
        sentence = f"{key}: {error}."
        raise InvalidInputError(sentence, field=key) from error


def _required(value: str) -> str:
    if not value:
        msg = "must not be empty"
        raise ValueError(msg)
    return value


def _switch(value: str) -> bool:
    known = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if value.lower() not in known:
        msg = f"{value!r} is neither true nor false"
        raise ValueError(msg)
    return known[value.lower()]


def _between(least: float, most: float, kind: type[int] | type[float]) -> Callable[[str], int | float]:
    def read(value: str) -> int | float:
        try:
            number = kind(value)
        except ValueError as error:
            msg = f"{value!r} is not a number"
            raise ValueError(msg) from error
        if not least <= number <= most:
            msg = f"{value} is not between {least} and {most}"
            raise ValueError(msg)
        return number

    return read


def _reminder_days(value: str) -> int:
    if value not in {"0", "4", "5", "6", "7"}:
        msg = f"{value!r} is neither 0 (no reminder) nor a day from 4 to 7 after the survey"
        raise ValueError(msg)
    return int(value)


def _words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


def _address_or_none(value: str) -> str:
    return checked_address(value) if value else ""


def _colour(value: str) -> str:
    colour = checked_colour(value) if value else ""
    return "" if colour == DEFAULT else colour


def _name(value: str) -> str:
    name = _NO_BREAK.sub(" ", value)
    # Joiners alone are no name.
    if len(name) > _LONGEST_NAME or not all(map(is_seen, name)) or not any(map(str.isprintable, name or "-")):
        msg = f"must be one line of at most {_LONGEST_NAME} characters"
        raise ValueError(msg)
    return name


def _web_address(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s/]+\S*", value):
        msg = f"{value!r} is not an address like https://shop.example.com"
        raise ValueError(msg)
    return value


def _zone(value: str) -> str:
    if value not in zoneinfo.available_timezones():
        msg = f"{value!r} is not a time zone like Europe/Paris"
        raise ValueError(msg)
    return value


def _language(value: str) -> str:
    try:
        return Locale.parse(value).language
    except (UnknownLocaleError, ValueError) as error:
        msg = f"{value!r} is not a language like fr"
        raise ValueError(msg) from error


def _mail_language(value: str) -> str:
    language = _language(value)
    if language not in i18n.LANGUAGES:
        msg = f"mails and pages are not written in {value!r}; there are: {', '.join(i18n.LANGUAGES)}"
        raise ValueError(msg)
    return language


def _languages(value: str) -> list[str]:
    return [_language(each) for each in _words(_required(value))]


def _code(letters: int) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not re.fullmatch(rf"[A-Za-z]{{{letters}}}", value):
            msg = f"{value!r} is not a code of {letters} letters"
            raise ValueError(msg)
        return value.upper()

    return read


def _region(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9]{1,3}", value):
        msg = f"{value!r} is not a code like 57, the part of FR-57 after the hyphen"
        raise ValueError(msg)
    return value.upper()


def _check_region(country: str, region: str) -> None:
    """Refuse a region that has no calendar of its own in that country: a typing error must not pass in silence."""
    if not region:
        return
    import holidays

    known = [each for each in holidays.list_supported_countries().get(country, []) if " " not in each]
    if region not in known:
        sentence = f"region: {country} has no {region!r}; there are: {', '.join(known) or 'none'}"
        raise InvalidInputError(sentence, field="region")


def checked_pattern(value: str) -> str:
    """Return a regular expression as it is; raise `ValueError` with what is wrong with it."""
    try:
        re.compile(value)
    except re.error as error:
        msg = f"{value!r} is not a regular expression: {error}"
        raise ValueError(msg) from error
    if _repeats_a_repetition(value):
        msg = f"{value!r} repeats a group that repeats something itself: on some texts that takes for ever"
        raise ValueError(msg)
    return value


def _repeats_a_repetition(pattern: str) -> bool:
    """Tell whether a group with `+`, `*` or `{2,}` inside stands under another of them, as in `(a+)+` (ReDoS)."""
    unbounded = [False]  # One entry for each group that is open: whether something in it repeats.
    for token in _PATTERN_TOKEN.finditer(pattern):
        if token["open"]:
            unbounded.append(False)
        elif token["close"]:
            inner = unbounded.pop() if len(unbounded) > 1 else False
            if inner and token["repeated"]:
                return True
            unbounded[-1] = unbounded[-1] or inner or bool(token["repeated"])
        elif token["single"]:
            unbounded[-1] = True
    return False


_READERS: dict[str, Callable[[str], Value]] = {
    "name": _required,
    "controller": str,
    "website": _web_address,
    "privacy_url": _web_address,
    "public_review_url": _web_address,
    "country": _code(2),
    "region": _region,
    "time_zone": _zone,
    "language": _mail_language,
    "languages": _languages,
    "currency": _code(3),
    "accent": _colour,
    "sender_name": _name,
    "survey_sender_name": _name,
    "notice_sender_name": _name,
    "sender_address": checked_address,
    "reply_to": _address_or_none,
    "notices_enabled": _switch,
    "surveys_enabled": _switch,
    "survey_delay_hours": _between(1, 30 * _HOURS, int),
    "survey_window_hours": _between(1, 30 * _HOURS, int),
    "daytime_from": _between(0, _HOURS - 1, int),
    "daytime_until": _between(1, _HOURS, int),
    "quarantine_days": _between(0, 3650, int),
    "reminder_days": _reminder_days,
    "nps_enabled": _switch,
    "nps_every_days": _between(30, 3650, int),
    "withdrawal_days": _between(0, 365, int),
    "refund_days": _between(0, 365, int),
    "low_rating": _between(1, _HIGHEST_STARS, int),
    "alert_threshold": _between(0, 1, float),
    "terms_any": _words,
    "terms_context": _words,
    "terms_all": _words,
    "terms_none": _words,
    "order_number_pattern": checked_pattern,
}
