"""What customers read is written as its language is: quotation marks, spaces, signs, and the polite form."""

import re
from itertools import chain

import pytest

from feedback_service import paths
from feedback_service.i18n import CUSTOMER_CATALOGUES, LANGUAGES, SOURCE_LANGUAGE
from tests.support.catalogues import entries

TRANSLATED = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]
FRENCH = sorted(path.stem for path in (paths.TRANSLATIONS / "fr").glob("*.po"))
_QUOTES = {"fr": "«»", "de": "„“", "es": "«»", "it": "«»", "nl": "‘’", "pt": "«»"}
_FAMILIAR = {
    "fr": "tu te toi ton ta tes",
    "de": "du dir dich dein deine deiner deinem deinen euch euer eure",
    "es": "tú tu tus te ti vosotros os",
    "it": "tu te ti tuo tua tuoi tue",
    "nl": "je jij jou jouw jullie",
    "pt": "tu te ti teu tua teus tuas você vocês",
}
_FROM_BRAZIL = "usuário tela celular registro contato arquivo cadastro"
# Some words end otherwise than in English by custom, such as the colon behind a Spanish greeting.
_ENDINGS = {",": ",:"}


def texts(language: str) -> list[tuple[str, str]]:
    """Every translated text for customers with its source."""
    every = chain.from_iterable(entries(language, catalogue) for catalogue in CUSTOMER_CATALOGUES)
    return [(text, entry.source[0]) for entry in every for text in entry.translation]


@pytest.mark.parametrize("language", TRANSLATED)
def test_signs_and_spaces_are_those_of_print(language: str) -> None:
    quotes = set('«»„“”‘’"') - set(_QUOTES[language]) - {"’"}
    for text, _ in texts(language):
        assert not quotes & set(text), text
        assert "'" not in text, f"a straight apostrophe: {text}"
        assert "..." not in text, text
        assert not re.search(r"[ \u00a0\u202f]{2}|[ \u00a0\u202f]$| [.,)]|\( ", text), text


@pytest.mark.parametrize("catalogue", FRENCH)
def test_french_has_a_narrow_space_before_high_signs_and_nowhere_else(catalogue: str) -> None:
    for entry in entries("fr", catalogue):
        for text in entry.translation:
            assert not re.search(r"[^\u202f][;?!](?!\w)|[^\u202f]:(?=\s|$)|«[^\u202f]|[^\u202f]»", text), text
            assert not re.search(r"(?<!«)\u202f(?![;?!:»%])", text), text
            assert "'" not in text, text


@pytest.mark.parametrize("language", [language for language in TRANSLATED if language != "fr"])
def test_other_languages_have_no_space_before_high_signs(language: str) -> None:
    for text, _ in texts(language):
        assert not re.search(r"[ \u00a0\u202f][:;?!]", text), text


def test_spanish_questions_and_calls_are_opened_too() -> None:
    for text, _ in texts("es"):
        assert text.count("¿") == text.count("?"), text
        assert text.count("¡") == text.count("!"), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_text_ends_as_its_source_does(language: str) -> None:
    for text, source in texts(language):
        ending = source[-1] if source[-1] in ".?:," else ""
        if ending:
            assert text[-1] in _ENDINGS.get(ending, ending), f"{source!r} became {text!r}"
        else:
            assert text[-1] not in ".:,", f"{source!r} became {text!r}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_customers_are_addressed_politely(language: str) -> None:
    familiar = set(_FAMILIAR[language].split())
    for text, _ in texts(language):
        assert not familiar & set(re.findall(r"[^\W\d_]+", text.lower())), text


def test_portuguese_is_that_of_portugal() -> None:
    brazilian = set(_FROM_BRAZIL.split())
    for text, _ in texts("pt"):
        assert not brazilian & set(re.findall(r"[^\W\d_]+", text.lower())), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_left_in_english(language: str) -> None:
    same = [text for text, source in texts(language) if text == source and re.search(r"[^\W\d_]{3}", text)]
    assert not same


@pytest.mark.parametrize("catalogue", FRENCH)
def test_french_has_nothing_that_elides_in_front_of_a_name(catalogue: str) -> None:
    """« de Atelier », « que Avis Exemple »: who fills the name in cannot mend that."""
    names = r"[%{]\(?(?:shop|source|product|title|name)\b"
    for entry in entries("fr", catalogue):
        for text in entry.translation:
            assert not re.search(rf"\b(?:[dljnst]e|la|que|du|au) {names}", text, re.IGNORECASE), text


def test_an_italian_date_has_no_article_for_its_weekday_stands_in_front() -> None:
    for text, _ in texts("it"):
        assert not re.search(r"\b(?:il|l’|[dn]?al|[dn]el|in data) ?%\(day\)s", text), text
