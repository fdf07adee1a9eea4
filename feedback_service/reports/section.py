"""A section: one question answered, and what it is made from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedback_service.reports.drawings import Chart, Table
from feedback_service.reports.figures import Figures, RatePoint
from feedback_service.reports.words import Words


@dataclass(frozen=True, slots=True)
class Section:
    """One question answered.

    Attributes:
        key: stable name, for anchors and Content-IDs.
        number: what matters, in large; may be a word.
        caption: what the number is, with n and interval.
    """

    key: str
    title: str
    number: str
    caption: str
    sentences: tuple[str, ...] = ()
    facts: Table | None = None
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What sections are made from; `before` None where nothing is compared."""

    figures: Figures
    before: Figures | None
    course: Sequence[RatePoint]
    label: Callable[[datetime], str]


def interval(reach: str, words: Words) -> str:
    """Return the end of a sentence that names the interval `reach`, or just ends it where there is none."""
    return "." if reach == "–" else words.say(" (95% interval {reach}).", reach=reach)
