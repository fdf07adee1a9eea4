"""What the scorer says of a text."""

from dataclasses import dataclass
from enum import StrEnum


class Label(StrEnum):
    """The judgement in one word; `NEUTRAL` also when unsure."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that count: `text == original[start:end]`; `weight` below 0 is blame, above 0 praise (about -6 to +6)."""

    start: int
    end: int
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """One sentence, as offsets into the original, its language and its score (below 0 is blame)."""

    start: int
    end: int
    language: str
    score: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judgement on a text: `negative` is 0-1, evidence and sentences stand in the order of the text."""

    language: str
    label: Label
    negative: float
    evidence: tuple[Evidence, ...]
    sentences: tuple[SentenceScore, ...]
