"""Folded text: case and accents removed, so that 'Écran' and 'ECRAN' compare equal.

`fold` keeps the length: position i of the folded text is position i of the original, so that matches
found in folded text can be marked in the original.
"""

import codecs
import re
import unicodedata
from encodings import cp1252
from functools import cache, lru_cache

# What Unicode does not decompose; one character for one, so that positions stay.
_SINGLE = str.maketrans("œæßøłđı’ʼ`\u00a0\u202f", "oasoldi'''  ")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_KEPT = 32


@cache
def _fold_character(character: str) -> str:
    base = unicodedata.normalize("NFKD", character.translate(_SINGLE).lower().translate(_SINGLE))[:1]
    return base.lower()[:1].translate(_SINGLE) or character


# Most texts are of letters that Windows' western code page has: they are encoded to it and decoded by a table of
# folded letters, both in C. That takes a tenth of the time.
_WESTERN = "".join(map(_fold_character, cp1252.decoding_table))


# The same text is folded for its keys, for matching, for its digest and for its clues, one after the other.
@lru_cache(maxsize=_KEPT)
def fold(text: str) -> str:
    """Return `text` in lower case without accents, with exactly as many characters as `text`."""
    if text.isascii():
        return text.lower().replace("`", "'")
    try:
        western, _ = codecs.charmap_encode(text, "strict", cp1252.encoding_table)
    except UnicodeEncodeError:
        # What is not ASCII is folded first, and lower case of what is folded is itself.
        return _NOT_ASCII.sub(_folded, text).lower().replace("`", "'")
    return codecs.charmap_decode(western, "strict", _WESTERN)[0]


def _folded(found: re.Match[str]) -> str:
    return _fold_character(found[0])
