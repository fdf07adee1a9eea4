"""The catalogues of translations as their files say it, for tests that compare and read them."""

import re
from dataclasses import dataclass
from functools import cache

from babel.messages.pofile import read_po

from feedback_service import paths

_PLACEHOLDER = re.compile(r"%\((\w+)\)([sd])|\{(\w+)\}")
_MARKUP = re.compile(r"</?[a-z][^>]*>|&\w+;")


@dataclass(frozen=True, slots=True)
class Entry:
    """One message: its source (singular, and plural where it counts) and its translation in as many forms."""

    source: tuple[str, ...]
    translation: tuple[str, ...]
    is_fuzzy: bool


@cache
def entries(language: str, catalogue: str) -> tuple[Entry, ...]:
    """Return the messages of a catalogue in the order of its file."""
    with (paths.TRANSLATIONS / language / f"{catalogue}.po").open("rb") as file:
        return tuple(
            Entry(_forms(message.id), _forms(message.string), message.fuzzy)
            for message in read_po(file, locale=language)
            if message.id
        )


def placeholders(text: str) -> set[tuple[str, str, str]]:
    """Return what is filled into `text`, with the kind of it."""
    return set(_PLACEHOLDER.findall(text))


def markup(text: str) -> list[str]:
    """Return the tags and entities in `text`, sorted: another language may order them otherwise."""
    return sorted(_MARKUP.findall(text))


def _forms(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(part) for part in value)  # type: ignore[attr-defined]  # the parser gives a text or a sequence of texts
