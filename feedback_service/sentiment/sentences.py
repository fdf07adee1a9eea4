"""Sentences of a text, as spans; a sentence is at most `LONGEST` characters, however the text is written."""

import re

LONGEST = 400
_SILENT = " \t\r\n.…,;-_*=\u200b\u00a0"
_BREAKS = r"\n\r\u2028\u2029"
# One set of characters begins every match: the pattern is looked for at the speed of a plain search.
_END = re.compile(rf"[.!?…{_BREAKS}]+(?:(?<=[{_BREAKS}])|(?=[\s\"'»)\u200b]|$|[^\W\d_]{{3}}))")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences of `text` that hold more than white space and stops, in order."""
    bounds = [match.end() for match in _END.finditer(text)]
    spans: list[tuple[int, int]] = []
    start = 0
    for end in (*bounds, len(text)):
        if end - start > LONGEST:
            start = _cut(text, start, end, spans)
        if text[start:end].strip(_SILENT):
            spans.append((start, end))
        start = end
    return spans


def _cut(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> int:
    """Add pieces of what is too long to `spans`, cut at a comma or a space; return where the last piece begins."""
    while end - start > LONGEST:
        cut = max(text.rfind(mark, start + LONGEST // 2, start + LONGEST) for mark in (",", ";", " "))
        cut = start + LONGEST if cut < 0 else cut + 1
        if text[start:cut].strip(_SILENT):
            spans.append((start, cut))
        start = cut
    return start
