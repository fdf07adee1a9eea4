"""No string a reader can see is missing from a catalogue, and no catalogue breaks a placeholder."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from feedback_service import paths
from feedback_service.i18n import LANGUAGES, SOURCE_LANGUAGE, translations

TRANSLATED = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "N_": None}


@cache
def used_messages() -> frozenset[str | tuple[str, ...]]:
    """Every message id that a template or a module uses."""
    used: set[str | tuple[str, ...]] = set()
    for folder, methods in (
        (paths.templates_folder(), [("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract")]),
        (paths.PACKAGE, [("**.py", "python")]),
    ):
        options = {pattern: {"trimmed": "true", "silent": "false"} for pattern, _ in methods}
        found = extract_from_dir(str(folder), method_map=methods, options_map=options, keywords=_KEYWORDS)
        used |= {message for _, _, message, _, _ in found if message}
    return frozenset(used)


def catalogue_files() -> list[Path]:
    return sorted(paths.TRANSLATIONS.glob("*/*.po"))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_string_is_translated(language: str) -> None:
    known = getattr(translations(language), "_catalog", {})
    singulars = {message if isinstance(message, str) else message[0] for message in used_messages()}
    missing = sorted(text for text in singulars if text not in known and (text, 0) not in known)
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("path", catalogue_files(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_translation_keeps_the_placeholders_of_its_source(path: Path) -> None:
    def placeholders(text: str) -> set[tuple[str, str]]:
        return set(_PLACEHOLDER.findall(text))

    def texts(value: object) -> list[str]:
        return [value] if isinstance(value, str) else [str(part) for part in value or ()]  # type: ignore[attr-defined]  # the node's kind was asked above

    with path.open("rb") as file:
        messages: list[Message] = [message for message in read_po(file) if message.id]
    for message in messages:
        wanted = placeholders(texts(message.id)[-1])
        for text in texts(message.string):
            assert placeholders(text) <= wanted, f"{message.id!r} became {text!r}"
    assert not [message.id for message in messages if message.fuzzy]
