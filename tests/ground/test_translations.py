"""No string a reader can see is missing from a catalogue, and no catalogue breaks a placeholder."""

from functools import cache

import pytest
from babel.messages.extract import extract_from_dir

from feedback_service import paths
from feedback_service.i18n import CUSTOMER_CATALOGUES, LANGUAGES, SOURCE_LANGUAGE, STAFF_LANGUAGES, translations
from feedback_service.returns import reasons
from feedback_service.surveys import questions
from tests.support.catalogues import Entry, entries, markup, placeholders

FOR_STAFF = [language for language in STAFF_LANGUAGES if language != SOURCE_LANGUAGE]
FOR_CUSTOMERS = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]
EVERY_CATALOGUE = sorted({(path.parent.name, path.stem) for path in paths.TRANSLATIONS.glob("*/*.po")})
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "N_": None}
_TEMPLATES = [("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract")]
_OF_CUSTOMERS = ("customer/", "mail/survey", "mail/return_")
"""What customers read, as the paths of its templates begin."""


@cache
def used_messages() -> dict[str, frozenset[str]]:
    """Every message id that a template or a module uses (of a plural: the singular), with the files that use it."""
    used: dict[str, set[str]] = {}
    for folder, methods in ((paths.templates_folder(), _TEMPLATES), (paths.PACKAGE, [("**.py", "python")])):
        options = {pattern: {"trimmed": "true", "silent": "false"} for pattern, _ in methods}
        found = extract_from_dir(str(folder), method_map=methods, options_map=options, keywords=_KEYWORDS)
        for file, _, message, _, _ in found:
            if message:
                used.setdefault(message if isinstance(message, str) else message[0], set()).add(file)
    return {text: frozenset(files) for text, files in used.items()}


def known(language: str, *catalogues: str) -> set[str]:
    """The message ids that the catalogues of a language translate (of a plural: the singular)."""
    return {entry.source[0] for catalogue in catalogues for entry in entries(language, catalogue)}


@pytest.mark.parametrize("language", FOR_STAFF)
def test_every_string_is_translated(language: str) -> None:
    catalogue = getattr(translations(language), "_catalog", {})
    missing = sorted(text for text in used_messages() if text not in catalogue and (text, 0) not in catalogue)
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("catalogue", CUSTOMER_CATALOGUES)
@pytest.mark.parametrize("language", FOR_CUSTOMERS)
def test_every_language_says_all_that_customers_read_and_nothing_that_is_gone(language: str, catalogue: str) -> None:
    assert {entry.source for entry in entries(language, catalogue)} == {
        entry.source for entry in entries("fr", catalogue)
    }


def test_what_customers_read_is_in_the_catalogues_that_every_language_has() -> None:
    of_customers = {
        text for text, files in used_messages().items() if any(file.startswith(_OF_CUSTOMERS) for file in files)
    }
    of_customers |= {reasons.LABELS[reason] for reason in reasons.Reason}
    of_customers |= {questions.REASONS_TEXT, questions.OTHER_TEXT, questions.FREE_TEXT, questions.FREE_TEXT_HINT}
    of_customers |= {questions.CONTACT_TEXT, questions.CONTACT_HINT}
    for scale in questions.SCALES.values():
        of_customers |= {scale.text, scale.low_label, scale.high_label}
    assert len(of_customers) > 50
    missing = sorted(of_customers - known("fr", *CUSTOMER_CATALOGUES))
    assert not missing, "\n".join(missing)
    gone = sorted(known("fr", *CUSTOMER_CATALOGUES) - of_customers - used_messages().keys())
    assert not gone, "\n".join(gone)


@pytest.mark.parametrize(("language", "catalogue"), EVERY_CATALOGUE)
def test_a_translation_keeps_the_placeholders_and_the_markup_of_its_source(language: str, catalogue: str) -> None:
    for entry in entries(language, catalogue):
        assert not entry.is_fuzzy, entry.source
        for text, wanted in pairs(entry):
            # A singular may say "one" in a word; nothing else may lose a placeholder.
            is_singular = len(entry.source) > 1 and text == entry.translation[0]
            assert placeholders(text) <= placeholders(wanted), f"{wanted!r} became {text!r}"
            assert is_singular or placeholders(text) == placeholders(wanted), f"{wanted!r} became {text!r}"
            assert markup(text) == markup(wanted), f"{wanted!r} became {text!r}"


@pytest.mark.parametrize(("language", "catalogue"), EVERY_CATALOGUE)
def test_no_translation_is_empty_or_listed_twice(language: str, catalogue: str) -> None:
    found = entries(language, catalogue)
    for entry in found:
        for text in entry.translation:
            assert text.strip()
            assert (text == text.strip()) == (entry.source[0] == entry.source[0].strip()), entry.source
    path = paths.TRANSLATIONS / language / f"{catalogue}.po"
    # The parser keeps the last of two entries in silence; the header is the one line beside the entries.
    written = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("msgid ")]
    assert len(written) == len(found) + 1


def pairs(entry: Entry) -> list[tuple[str, str]]:
    """Each translated form beside the form of the source whose placeholders it must keep."""
    return [(text, entry.source[min(form, len(entry.source) - 1)]) for form, text in enumerate(entry.translation)]
