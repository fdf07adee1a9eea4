"""Which language a customer reads: the invitation's, unless another is asked for on the page.

The choice stays in the address (`?l=de`): the pages set no cookie.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Request

from feedback_service import i18n

PARAMETER = "l"


@dataclass(frozen=True, slots=True)
class Choice:
    """A language one may change to: what it calls itself, and the address of the page in it."""

    code: str
    name: str
    address: str


def language_of(request: Request, invited_in: str) -> str:
    """Return the language of a page for a known invitation; `?l=` changes it."""
    return chosen(request) or i18n.best_language(invited_in, i18n.LANGUAGES, i18n.SOURCE_LANGUAGE)


def language_of_stranger(request: Request) -> str:
    """Return the language asked for, else the best by Accept-Language, for a page that belongs to no invitation."""
    return chosen(request) or request.accept_languages.best_match(i18n.LANGUAGES) or i18n.SOURCE_LANGUAGE


def chosen(request: Request) -> str | None:
    """Return the language that `?l=` asks for, for links to further pages; None where it names none of ours."""
    return i18n.best_language(request.args.get(PARAMETER), i18n.LANGUAGES, "") or None


def choices(request: Request) -> list[Choice]:
    """Return every language of this page; a rating that the mail's link has selected stays selected."""
    rating = request.args.get("r", type=int)
    kept = {} if rating is None else {"r": rating}
    return [Choice(code, i18n.OWN_NAMES[code], "?" + urlencode({PARAMETER: code} | kept)) for code in i18n.LANGUAGES]
