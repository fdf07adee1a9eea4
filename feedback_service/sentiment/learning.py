"""Learning from a shop's own rated texts: a small model on top of the base scorer, kept only where it judges better.

Pure: lessons in, a model and its figures out. Every text is judged by a model that has not seen it (k folds), so the
figures are those of new texts of the same shop. The model adds to the logit of the base scorer; it never replaces it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import sub
from statistics import fmean, stdev

from feedback_service.sentiment.linear import Example, LinearModel, example, judged_unseen, sigmoid, train
from feedback_service.sentiment.scorer import Scorer

FEWEST = 60
"""Lessons below which nothing is learned: chance would decide."""
FEWEST_OF_A_KIND = 12
MOST = 5_000
"""The latest lessons count; more of them cost time and memory and add little."""
_LEAST_GAIN = 0.002
_ERRORS = 2.0
_DECAY, _EPOCHS = 3e-2, 10


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text and what its author or the staff said of it.

    `importance` is 1 for what an author rated, more for what staff decided.
    """

    text: str
    is_negative: bool
    importance: float = 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """How the base scorer and the learned model judge texts that the model has not seen.

    Attributes:
        auc: chance that a negative text scores above another one, 0.5 (none) to 1.
        loss: mean logarithmic loss in nats; smaller is better, and it also sees probabilities that are off.
        loss_error: standard error of the mean by which the loss fell, text by text.
    """

    lessons: int
    negatives: int
    base_auc: float
    auc: float
    base_loss: float
    loss: float
    loss_error: float = 0.0

    @property
    def is_better(self) -> bool:
        """Tell whether the model ranks no worse, and its loss fell by more than chance explains (two errors)."""
        gained = self.base_loss - self.loss
        return self.auc >= self.base_auc and gained > max(_LEAST_GAIN, _ERRORS * self.loss_error)


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of learning: the model of all lessons, and the figures of the folds."""

    model: LinearModel
    figures: Figures


def enough(lessons: Sequence[Lesson]) -> bool:
    """Tell whether there are lessons enough, of both kinds, for the figures to mean something."""
    return are_enough(len(lessons), sum(lesson.is_negative for lesson in lessons))


def are_enough(lessons: int, negatives: int) -> bool:
    """Tell whether so many lessons, so many of them negative, are enough to learn from."""
    return lessons >= FEWEST and min(negatives, lessons - negatives) >= FEWEST_OF_A_KIND


def learn(lessons: Sequence[Lesson], scorer: Scorer) -> Learned:
    """Learn from `lessons` on top of `scorer` (the base, without a local model); needs `enough` of them.

    A text that stands among them twice would be judged by a model that has seen it: each must be there once.
    """
    examples = [_example(lesson, scorer) for lesson in lessons]
    held_out = judged_unseen(examples, decay=_DECAY, epochs=_EPOCHS)
    truths = [one.is_negative for one in examples]
    base = [one.offset for one in examples]
    losses = _losses(base, truths), _losses(held_out, truths)
    figures = Figures(
        lessons=len(examples),
        negatives=sum(truths),
        base_auc=area_under_curve(base, truths),
        auc=area_under_curve(held_out, truths),
        base_loss=fmean(losses[0]),
        loss=fmean(losses[1]),
        loss_error=stdev(map(sub, *losses)) / math.sqrt(len(examples)),
    )
    return Learned(train(examples, decay=_DECAY, epochs=_EPOCHS), figures)


def _example(lesson: Lesson, scorer: Scorer) -> Example:
    words, offset = scorer.words_and_logit(lesson.text)
    return example(words, offset=offset, is_negative=lesson.is_negative, importance=lesson.importance)


def _losses(values: Sequence[float], truths: Sequence[bool]) -> list[float]:
    return [-math.log(sigmoid(value if truth else -value)) for value, truth in zip(values, truths, strict=True)]


def area_under_curve(values: Sequence[float], truths: Sequence[bool]) -> float:
    """Return the chance that a negative text has a higher value than another one; equal values count half.

    Mann and Whitney's U divided by the number of pairs; 0.5 where one kind is missing.
    """
    ranked = sorted(zip(values, truths, strict=True))
    rank_sum, place = 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        rank_sum += sum(truth for _, truth in ranked[place:end]) * (place + 1 + end) / 2
        place = end
    negatives = sum(truths)
    pairs = negatives * (len(truths) - negatives)
    return (rank_sum - negatives * (negatives + 1) / 2) / pairs if pairs else 0.5
