"""Evidence in a text: which pieces to mark, which sentence says it. Pure; outside text stays plain text."""

import itertools
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_CLOSING = {"»": "«", "”": "“"}
_AROUND = " \t\n\u00a0\u202f,;:–—-"
_PHRASES = 6
_LEAST_SHARE = 0.5
"""Of the heaviest word's weight: a lighter one ("returned", "weeks") says what it is about, not that it is bad."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of evidence: positions in the text, and how much it weighs towards 'negative'."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text to show, marked or not."""

    text: str
    is_marked: bool


def negative_spans(evidence: Iterable[dict[str, Any]], length: int) -> list[Span]:
    """Return the stored evidence that speaks against the shop, in order, cut to the text, without overlaps.

    The scorer gives negative weights to what is negative.
    """
    spans = [Span(max(0, int(e["start"])), min(length, int(e["end"])), float(e.get("weight", 0))) for e in evidence]
    against = [span for span in spans if span.weight < 0]
    kept: list[Span] = []
    for span in sorted(against, key=lambda span: (span.start, -span.end)):
        if span.start < span.end and (not kept or span.start >= kept[-1].end):
            kept.append(span)
    return kept


def weighty(spans: Sequence[Span]) -> list[Span]:
    """Return the spans worth showing: those of little weight beside the heaviest are left out."""
    heaviest = max((abs(span.weight) for span in spans), default=0.0)
    return [span for span in spans if abs(span.weight) >= heaviest * _LEAST_SHARE]


def segments(text: str, spans: Sequence[Span]) -> list[Segment]:
    """Return `text` in pieces, the weighty of `spans` (ordered, apart) marked; joined they are `text` again."""
    pieces: list[Segment] = []
    position = 0
    for span in weighty(spans):
        pieces += [Segment(text[position : span.start], is_marked=False), Segment(text[span.start : span.end], True)]  # noqa: FBT003 - the field's name stands beside it
        position = span.end
    pieces.append(Segment(text[position:], is_marked=False))
    return [piece for piece in pieces if piece.text]


def phrases(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    """Return the words that are marked, the weightiest first, each once, at most six."""
    ordered = sorted(weighty(spans), key=lambda span: -abs(span.weight))
    words = (" ".join(text[span.start : span.end].split()) for span in ordered)
    return tuple(dict.fromkeys(word for word in words if word))[:_PHRASES]


def telling_sentence(text: str, spans: Sequence[Span]) -> str:
    """Return the sentence with the weightiest evidence, white space collapsed; the first one without any."""
    bounds = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    sentences = [(start, end) for start, end in itertools.pairwise(bounds) if text[start:end].strip()]
    if not sentences:
        return ""

    # Sums from the beginning: a text may hold ten thousand sentences with as many pieces of evidence.
    ordered = sorted(spans, key=lambda span: span.start)
    starts = [span.start for span in ordered]
    sums = [0.0, *itertools.accumulate(abs(span.weight) or 0.001 for span in ordered)]

    def weight(bound: tuple[int, int]) -> float:
        return round(sums[bisect_left(starts, bound[1])] - sums[bisect_left(starts, bound[0])], 6)

    start, end = _inside_quotes(text, *max(sentences, key=weight), weight)
    return balanced(" ".join(text[start:end].split()))


def _inside_quotes(text: str, start: int, end: int, weight: Callable[[tuple[int, int]], float]) -> tuple[int, int]:
    """Return the weightier side of a quotation that ends within text[start:end] and began before it."""
    for position in _unmatched(text[start:end]):
        at = start + position
        if text[at] in _CLOSING and text[start:at].strip(_AROUND) and text[at + 1 : end].strip(_AROUND + ".!?…"):
            return (start, at) if weight((start, at)) >= weight((at, end)) else (at, end)
    return start, end


def balanced(text: str) -> str:
    """Return `text` without quotation marks that have no partner, and without what such a cut leaves at its ends."""
    alone = set(_unmatched(text))
    if not alone:
        return text
    whole = "".join(letter for position, letter in enumerate(text) if position not in alone)
    return " ".join(whole.split()).strip(_AROUND)


def _unmatched(text: str) -> list[int]:
    """Return the positions of the quotation marks without a partner, in order."""
    alone: list[int] = []
    opened: list[int] = []
    for position, letter in enumerate(text):
        if letter in _CLOSING.values():
            opened.append(position)
        elif letter in _CLOSING:
            if opened and text[opened[-1]] == _CLOSING[letter]:
                opened.pop()
            else:
                alone.append(position)
    straight = [position for position, letter in enumerate(text) if letter == '"']
    return sorted([*alone, *opened, *(straight[-1:] if len(straight) % 2 else ())])


def clipped(text: str, limit: int) -> str:
    """Return `text` cut at a word to at most `limit` characters, with an ellipsis if it was cut and no open quote."""
    if len(text) <= limit:
        return text
    return balanced(text[: limit - 1].rsplit(" ", 1)[0]).rstrip(" ,;:.-") + "…"
