"""Languages: gettext catalogues for pages and mails alike, with or without a web request.

The catalogues are kept as `.po` files, which a person can read and review, and compiled in memory.
"""

import io
from functools import cache

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from feedback_service import paths

SOURCE_LANGUAGE = "en"
STAFF_LANGUAGES = ("fr", "en")
"""The languages that pages and mails for staff are written in."""
LANGUAGES = (*STAFF_LANGUAGES, "de", "es", "it", "nl", "pt")
"""The languages that pages and mails for customers are written in; "pt" is the Portuguese of Portugal."""
CUSTOMER_CATALOGUES = ("customer", "replies", "returns", "survey_page")
"""The catalogues of what customers read: each language has them. The others are for staff."""
OWN_NAMES = {
    "fr": "Français",
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "it": "Italiano",
    "nl": "Nederlands",
    "pt": "Português",
}
"""What each language calls itself."""


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools know
    """Mark a sentence for the catalogues; it is translated where it is said."""
    return message


@cache
def translations(language: str) -> NullTranslations:
    """Return the catalogue of `language`; the source language and unknown ones give the source text."""
    merged: Translations | None = None
    for path in sorted((paths.TRANSLATIONS / language).glob("*.po")):
        binary = io.BytesIO()
        with path.open("rb") as file:
            write_mo(binary, read_po(file, locale=language))
        binary.seek(0)
        catalogue = Translations(binary)
        merged = merged.merge(catalogue) if merged else catalogue
    return merged or NullTranslations()


def best_language(wanted: str | None, offered: tuple[str, ...], default: str) -> str:
    """Return the language to speak: `wanted` (also as 'fr-CA') if offered, else `default`."""
    language = (wanted or "").replace("_", "-").split("-")[0].lower()
    return language if language in offered else default


def staff_language(wanted: str | None) -> str:
    """Return the language in which staff read: `wanted` if their pages are written in it, else English."""
    return best_language(wanted, STAFF_LANGUAGES, SOURCE_LANGUAGE)
