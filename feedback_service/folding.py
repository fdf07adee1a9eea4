"""Folded text: case and accents removed, so that 'Écran' and 'ECRAN' compare equal.

`fold` keeps the length: position i of the folded text is position i of the original, so that matches
found in folded text can be marked in the original.
"""

import unicodedata
from functools import cache

# What Unicode does not decompose; one character for one, so that positions stay.
_SINGLE = str.maketrans("œæßøłđı’ʼ`\u00a0\u202f", "oasoldi'''  ")


@cache
def _fold_character(character: str) -> str:
    base = unicodedata.normalize("NFKD", character.translate(_SINGLE).lower().translate(_SINGLE))[:1]
    return base.lower()[:1].translate(_SINGLE) or character


def fold(text: str) -> str:
    """Return `text` in lower case without accents, with exactly as many characters as `text`."""
    if text.isascii():
        return text.lower()
    return "".join(map(_fold_character, text))
