"""Evidence in a text: which pieces to mark, which sentence says it. Pure; outside text stays plain text."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_PHRASES = 6


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

    The scorer gives negative weights to what is negative; where it gives none of those, all of it counts.
    """
    spans = [Span(max(0, int(e["start"])), min(length, int(e["end"])), float(e.get("weight", 0))) for e in evidence]
    against = [span for span in spans if span.weight < 0] or spans
    kept: list[Span] = []
    for span in sorted(against, key=lambda span: (span.start, -span.end)):
        if span.start < span.end and (not kept or span.start >= kept[-1].end):
            kept.append(span)
    return kept


def segments(text: str, spans: Sequence[Span]) -> list[Segment]:
    """Return `text` in pieces, those under `spans` (ordered, apart) marked; joined they are `text` again."""
    pieces: list[Segment] = []
    position = 0
    for span in spans:
        pieces += [Segment(text[position : span.start], is_marked=False), Segment(text[span.start : span.end], True)]  # noqa: FBT003 - the field's name stands beside it
        position = span.end
    pieces.append(Segment(text[position:], is_marked=False))
    return [piece for piece in pieces if piece.text]


def phrases(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    """Return the marked words, the weightiest first, each once, at most six."""
    ordered = sorted(spans, key=lambda span: -abs(span.weight))
    words = (" ".join(text[span.start : span.end].split()) for span in ordered)
    return tuple(dict.fromkeys(word for word in words if word))[:_PHRASES]


def telling_sentence(text: str, spans: Sequence[Span]) -> str:
    """Return the sentence with the weightiest evidence, white space collapsed; the first one without any."""
    bounds = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    sentences = [(start, end) for start, end in itertools.pairwise(bounds) if text[start:end].strip()]
    if not sentences:
        return ""

    def weight(bound: tuple[int, int]) -> float:
        return sum(abs(span.weight) or 0.001 for span in spans if bound[0] <= span.start < bound[1])

    start, end = max(sentences, key=weight)
    return " ".join(text[start:end].split())


def clipped(text: str, limit: int) -> str:
    """Return `text` cut at a word to at most `limit` characters, with an ellipsis if it was cut."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:.-") + "…"
