"""What the scorer says of a text."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from feedback_service.sentiment.markers import Gravity, Topic


class Label(StrEnum):
    """The judgement in one word; `NEUTRAL` also when unsure."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Evidence(NamedTuple):
    """Words that count: `text == original[start:end]`; `weight` below 0 is blame, above 0 praise (about -6 to +6)."""

    start: int
    end: int
    text: str
    weight: float


class SentenceScore(NamedTuple):
    """One sentence, as offsets into the original, its language and its score (below 0 is blame)."""

    start: int
    end: int
    language: str
    score: float


class GraveWord(NamedTuple):
    """Words that make a matter grave: `text == original[start:end]`."""

    start: int
    end: int
    text: str
    gravity: Gravity


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judgement on a text.

    Attributes:
        negative: the probability that it is negative, 0-1 (how well it keeps its word: docs/sentiment.md).
        evidence: the words that count, in the order of the text; so are `sentences` and `grave`.
        topics: what it is about, the most spoken of first.
        grave: the grave words of a text that is not positive; what is denied is not grave.
    """

    language: str
    label: Label
    negative: float
    evidence: tuple[Evidence, ...]
    sentences: tuple[SentenceScore, ...]
    topics: tuple[Topic, ...] = ()
    grave: tuple[GraveWord, ...] = ()
