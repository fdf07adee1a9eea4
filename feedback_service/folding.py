"""Folded text: case and accents removed, so that 'Écran' and 'ECRAN' compare equal.

`fold` keeps the length: position i of the folded text is position i of the original, so that matches
found in folded text can be marked in the original.
"""

import unicodedata
from functools import cache

_LIGATURES = {"œ": "o", "æ": "a", "ß": "s", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "’": "'", "ʼ": "'", "`": "'", "\u00a0": " ", "\u202f": " "}  # fmt: skip


@cache
def _fold_character(character: str) -> str:
    lowered = character.lower()
    if lowered in _LIGATURES:
        return _LIGATURES[lowered]
    base = unicodedata.normalize("NFKD", lowered)[:1]
    return _LIGATURES.get(base, base) or character


def fold(text: str) -> str:
    """Return `text` in lower case without accents, with exactly as many characters as `text`."""
    if text.isascii():
        return text.lower()
    return "".join(map(_fold_character, text))
