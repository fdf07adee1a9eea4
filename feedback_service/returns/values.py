"""Values of orders and returns, whatever way they come in: texts, addresses, languages, currencies.

Pure; each raises `BadValueError`.
"""

import re

from feedback_service.addresses import checked_address
from feedback_service.returns.payloads import MAX_TEXT

OUR_TIME = range(1990, 2100)
"""The years in which an order may have been placed or a return have happened; others are typing errors."""


class BadValueError(ValueError):
    """A value that cannot be used; the message says why, without the field's name."""


def text_of(text: str, *, required: bool = False) -> str:
    """Return a text, trimmed; control characters become spaces. Blank is an error where `required`."""
    clean = text.strip()
    if not clean.isprintable():
        clean = "".join(character if character.isprintable() else " " for character in clean).strip()
    if required and not clean:
        msg = "is empty"
        raise BadValueError(msg)
    if len(clean) > MAX_TEXT:
        msg = f"has {len(clean)} characters; {MAX_TEXT} at most"
        raise BadValueError(msg)
    return clean


def address(text: str) -> str:
    """Return an e-mail address; whether its host exists is not asked."""
    try:
        return checked_address(text)
    except ValueError as error:
        msg = f"{text!r} is not an e-mail address"
        raise BadValueError(msg) from error


def language(text: str) -> str | None:
    """Return a language tag such as 'fr' or 'fr-CA' in lower case; None for a blank."""
    tag = text.strip().replace("_", "-").lower()
    if tag and not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{1,8})*", tag):
        msg = f"{text!r} is not a language such as fr or en"
        raise BadValueError(msg)
    return tag or None


def currency(text: str) -> str:
    """Return a currency code in upper case; empty for a blank."""
    code = text.strip().upper()
    if code and not re.fullmatch("[A-Z]{3}", code):
        msg = f"{text!r} is not a currency such as EUR"
        raise BadValueError(msg)
    return code
