"""Sentences of a text, as spans; a sentence has at most `MOST_WORDS` words, however the text is written.

White space of any kind only parts words: a text says the same whether its lines are broken or not.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter

MOST_WORDS = 70
_LONG = 400  # Characters below which there is no need to count words.
_SILENT = " \t\r\n.…,;-_*=\u200b\u00a0"
# One set of characters begins every match: the pattern is looked for at the speed of a plain search.
_END = re.compile(r"[.!?…]+(?=[\s\"'»)\u200b]|$|[^\W\d_]{3})")
_PIECE = re.compile(rf"(?:\S{{1,400}}\s*){{1,{MOST_WORDS}}}|\s+")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences of `text` that hold more than white space and stops, in order."""
    bounds = [match.end() for match in _END.finditer(text)]
    spans: list[tuple[int, int]] = []
    start = 0
    for end in (*bounds, len(text)):
        if end - start > _LONG:
            pieces = [match.span() for match in _PIECE.finditer(text, start, end)]
            spans += [(first, last) for first, last in pieces if text[first:last].strip(_SILENT)]
        elif text[start:end].strip(_SILENT):
            spans.append((start, end))
        start = end
    return spans


def start_of(spans: Sequence[tuple[int, int]], place: int) -> int:
    """Return where the one of the sentences `spans` begins that holds the character at `place`; 0 for none."""
    return spans[bisect_right(spans, place, key=itemgetter(0)) - 1][0] if spans else 0
