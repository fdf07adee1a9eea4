"""Sentences of a text, as spans; a sentence is at most `LONGEST` characters, however the text is written."""

import re
from collections.abc import Iterator

LONGEST = 400
_SILENT = " \t\r\n.…,;-_*=\u200b\u00a0"
_END = re.compile(r"[.!?…]+(?=[\s\"'»)\u200b]|$|[^\W\d_]{3})|[\n\r\u2028\u2029]+")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences of `text` that hold more than white space and stops, in order."""
    start = 0
    for match in _END.finditer(text):
        yield from _pieces(text, start, match.end())
        start = match.end()
    yield from _pieces(text, start, len(text))


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        cut = max(text.rfind(mark, start + LONGEST // 2, start + LONGEST) for mark in (",", ";", " "))
        cut = start + LONGEST if cut < 0 else cut + 1
        yield start, cut
        start = cut
    if text[start:end].strip(_SILENT):
        yield start, end
