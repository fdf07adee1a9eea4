"""Which language a customer reads: the invitation's, unless another is asked for on the page."""

from flask import Request

from feedback_service import i18n

PARAMETER = "l"
NAMES = {"fr": "Français", "en": "English"}


def language_of(request: Request, invited_in: str) -> str:
    """Return the language of a page for a known invitation; `?l=` changes it."""
    return i18n.best_language(request.args.get(PARAMETER), i18n.LANGUAGES, invited_in)


def language_of_stranger(request: Request) -> str:
    """Return the best language by Accept-Language, for a page that belongs to no invitation."""
    return request.accept_languages.best_match(i18n.LANGUAGES) or i18n.SOURCE_LANGUAGE


def others(language: str) -> list[tuple[str, str]]:
    """Return the languages one may change to: code and own name."""
    return [(code, NAMES[code]) for code in i18n.LANGUAGES if code != language]
