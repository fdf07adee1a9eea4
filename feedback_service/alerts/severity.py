"""How grave a story is: pure rules from what its voices say to points, a level and the reasons (R50, R51).

A voice is one mention or one answer. The points (0-100) order the inbox; the level decides who is told and
when; the reasons say why, as data: `wording` puts them into words of any language. Every rule takes the
worst of the voices or counts them, so that a further voice never makes a story look milder.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from feedback_service.alerts.models import Level
from feedback_service.folding import fold
from feedback_service.sentiment.grave import grave_words
from feedback_service.sentiment.markers import Gravity

STARS = 5
LOW_STARS = 2.0
SPREAD_VOICES = 3  # R50: fewer than three voices are no spread.
CRISIS_POINTS = 80
_NEGATIVE_POINTS = 40
_STAR_POINTS = ((1.0, 20), (2.0, 12), (3.0, 4))
_REACH_POINTS = {1: 0, 2: 4, 3: 10}
_FURTHER_WORD_POINTS = 4
_GRAVE_MOST = 34
_VOICE_POINTS, _SOURCE_POINTS, _SPREAD_MOST = 4, 4, 24
_COPY_POINTS, _COPY_MOST = 2, 6  # Syndicated copies are one voice (R50); they only reach further.
_REFUND_POINTS = 8


class ReasonKind(StrEnum):
    """What a reason is about."""

    DANGER = "danger"
    LEGAL = "legal"
    ACCUSATION = "accusation"
    STARS = "stars"
    RATING = "rating"
    WORDS = "words"
    NEGATIVE = "negative"
    SPREAD = "spread"
    COPIES = "copies"
    REACH = "reach"
    REFUND_OPEN = "refund_open"


_GRAVE_POINTS = {ReasonKind.DANGER: 30, ReasonKind.LEGAL: 18, ReasonKind.ACCUSATION: 10}
_THREAT = {
    Gravity.SAFETY: ReasonKind.DANGER,
    Gravity.LAWYER: ReasonKind.LEGAL,
    Gravity.CONSUMER_AUTHORITY: ReasonKind.LEGAL,
    Gravity.SCAM: ReasonKind.ACCUSATION,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its kind, the words or numbers it names, and how many points it weighs."""

    kind: ReasonKind
    points: float
    words: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Voice:
    """One mention or answer.

    Attributes:
        text: what was said, as judged.
        negative: 0-1.
        stars: on a scale of five; None without a rating.
        reach: of the source, 1-3.
        source: what tells sources apart.
        copies: how many documents carry this very text.
        words: what in the text made it negative.
        is_answer: True for a survey answer, False for a public mention.
        language: in which it is written; empty where nobody knows.
    """

    text: str
    negative: float
    stars: float | None = None
    reach: int = 1
    source: str = ""
    copies: int = 1
    words: tuple[str, ...] = ()
    is_answer: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules make of a story; `reasons` with the weightiest first."""

    severity: float
    level: Level
    reasons: tuple[Reason, ...] = field(default=())


def scaled_stars(rating: float | None, best: float | None) -> float | None:
    """Return a rating on a scale of five stars; None where there is none or the scale makes no sense."""
    if rating is None or (best is not None and best <= 0):
        return None
    return min(float(STARS), max(0.0, rating * STARS / (best or STARS)))


def is_complaint(*, negative_label: bool, negative: float, stars: float | None, threshold: float) -> bool:
    """Tell whether a mention opens a story: judged negative, above the shop's threshold, or two stars or less."""
    return negative_label or negative >= threshold or (stars is not None and stars <= LOW_STARS)


def assess(voices: Sequence[Voice], *, threshold: float, refund_open: bool) -> Assessment:
    """Return points, level and reasons of a story with these voices; none are left once they were erased (R16)."""
    reasons = [*_grave(voices), *_rated(voices), *_said(voices), *_spread(voices)] if voices else []
    if refund_open:
        reasons.append(Reason(ReasonKind.REFUND_OPEN, _REFUND_POINTS))
    severity = round(min(100.0, sum(reason.points for reason in reasons)), 1)
    reasons.sort(key=lambda reason: -_prominence(reason))
    return Assessment(severity, _level(voices, reasons, severity, threshold), tuple(reasons))


def _level(voices: Sequence[Voice], reasons: Sequence[Reason], severity: float, threshold: float) -> Level:
    kinds = {reason.kind for reason in reasons}
    spreads = len(voices) >= SPREAD_VOICES
    if ReasonKind.DANGER in kinds or severity >= CRISIS_POINTS or (ReasonKind.LEGAL in kinds and spreads):
        return Level.CRISIS
    rated_low = any(voice.stars is not None and voice.stars <= LOW_STARS for voice in voices)
    sure = any(voice.negative >= threshold for voice in voices)
    if rated_low or sure or spreads or kinds & {ReasonKind.LEGAL, ReasonKind.ACCUSATION}:
        return Level.SAME_DAY
    return Level.DIGEST


def _grave(voices: Sequence[Voice]) -> list[Reason]:
    found: dict[ReasonKind, list[str]] = {}
    for voice in voices:
        for word, gravity in grave_words(voice.text, voice.language):
            words = found.setdefault(_THREAT[gravity], [])
            if word not in words:
                words.append(word)
    reasons: list[Reason] = []
    left = float(_GRAVE_MOST)
    for kind in sorted(found, key=lambda kind: -_GRAVE_POINTS[kind]):
        words = found[kind]
        full = _GRAVE_POINTS[kind] if not reasons else _FURTHER_WORD_POINTS
        points = min(left, full + _FURTHER_WORD_POINTS * (len(words) - 1))
        left -= points
        reasons.append(Reason(kind, points, tuple(words)))
    return reasons


def _rated(voices: Sequence[Voice]) -> list[Reason]:
    rated = [voice for voice in voices if voice.stars is not None]
    if not rated:
        return []
    worst = min(rated, key=lambda voice: voice.stars or 0.0)
    stars = worst.stars or 0.0
    points = next((points for limit, points in _STAR_POINTS if stars <= limit), 0)
    kind = ReasonKind.RATING if worst.is_answer else ReasonKind.STARS
    return [Reason(kind, points, numbers=(stars,))] if points else []


def _said(voices: Sequence[Voice]) -> list[Reason]:
    if all(voice.is_answer for voice in voices):
        return [Reason(ReasonKind.NEGATIVE, _NEGATIVE_POINTS * max(voice.negative for voice in voices))]
    worst = max(voices, key=lambda voice: voice.negative)
    grave = {fold(word) for voice in voices for word, _ in grave_words(voice.text, voice.language)}
    said = (word for voice in voices for word in voice.words if fold(word) not in grave)
    words = tuple(dict.fromkeys(said))
    kind = ReasonKind.WORDS if words else ReasonKind.NEGATIVE
    return [Reason(kind, _NEGATIVE_POINTS * worst.negative, words, (worst.negative,))]


def _spread(voices: Sequence[Voice]) -> list[Reason]:
    reasons: list[Reason] = []
    sources = len({voice.source for voice in voices})
    copies = sum(voice.copies for voice in voices) - len(voices)
    if len(voices) > 1:
        points = min(_SPREAD_MOST, _VOICE_POINTS * (len(voices) - 1) + _SOURCE_POINTS * (sources - 1))
        reasons.append(Reason(ReasonKind.SPREAD, points, numbers=(len(voices), sources)))
    if copies > 0:
        reasons.append(Reason(ReasonKind.COPIES, min(_COPY_MOST, _COPY_POINTS * copies), numbers=(copies + 1,)))
    reach = min(3, max(voice.reach for voice in voices))
    if points := _REACH_POINTS.get(reach, 0):
        reasons.append(Reason(ReasonKind.REACH, points, numbers=(reach,)))
    return reasons


def _prominence(reason: Reason) -> float:
    # What is grave comes first; the score alone explains nothing and comes last.
    if reason.kind in _GRAVE_POINTS:
        return reason.points + _NEGATIVE_POINTS
    return reason.points - _NEGATIVE_POINTS if reason.kind is ReasonKind.NEGATIVE else reason.points
