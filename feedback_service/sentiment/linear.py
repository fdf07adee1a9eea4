"""A linear model over hashed words, learned by logistic regression.

The value of a text is the sum of the weights of its distinct words and pairs of neighbours, divided by the square
root of how many distinct words it has, so that length by itself tells nothing. It is a logit: above 0 is negative.
"""

import math
import random
import struct
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import xor

from feedback_service.sentiment.features import SIZE, left_half, right_half, word_features
from feedback_service.sentiment.memory import WordMemory

EPOCHS = 20
FOLDS = 5
_RATE = 0.5
_SHORT = 5  # Few words tell little: what was learned of them counts as if the text were longer.
DECAY = 1e-2
_FIRST_SLOPE = 1e-2
_FARTHEST = 30.0  # Beyond this logit a probability is 0 or 1 in floating point.
_HEADER = struct.Struct("<4sfff")
_MAGIC = b"FSL2"
_STEPS = 127


@dataclass(frozen=True, slots=True)
class Example:
    """One text to learn from.

    Attributes:
        features: their places, each once.
        scale: what each of them counts.
        offset: the logit that is known without the model.
        is_negative: the truth.
        importance: how much the example counts, 1 is usual.
    """

    features: "array[int]"
    scale: float
    offset: float
    is_negative: bool
    importance: float = 1.0


def example(words: Sequence[str], *, offset: float, is_negative: bool, importance: float = 1.0) -> Example:
    """Return the example of a text with these plain words."""
    distinct = set(words)
    places = {place for word in distinct for place in word_features(word)}
    places.update(map(xor, map(left_half, words), map(right_half, words[1:])))
    return Example(array("l", sorted(places)), _scale(len(distinct)), offset, is_negative, importance)


class LinearModel:
    """Weights that were learned. Threads may share it."""

    def __init__(self, weights: Sequence[float], bias: float, trust: float = 1.0) -> None:
        """Take `SIZE` weights, what is said of no word, and how far the offset is to be believed."""
        self._weights = weights
        self.bias, self.trust = bias, trust
        self._words = WordMemory(self._weigh_word)
        self._lefts, self._rights = WordMemory(left_half), WordMemory(right_half)

    def value(self, words: list[str]) -> float:
        """Return the logit of a text with these plain words; what it says of no word is the bias."""
        distinct = list(dict.fromkeys(words))
        said = sum(self._words.each(distinct)) + sum(map(self._weights.__getitem__, set(self._pair_places(words))))
        return self.bias + said * _scale(len(distinct))

    def contributions(self, words: list[str]) -> list[float]:
        """Return what each word adds to the logit of their text, half of its pairs included."""
        scale = _scale(len(set(words)))
        pairs = [0.0, *map(self._weights.__getitem__, self._pair_places(words)), 0.0]
        alone = self._words.each(words)
        return [scale * (weight + (pairs[at] + pairs[at + 1]) / 2) for at, weight in enumerate(alone)]

    def on_top_of(self, offset: float, words: list[str]) -> float:
        """Return the logit of a text with these plain words of which `offset` was known without the model."""
        return self.trust * offset + self.value(words)

    def value_of(self, learned: Example) -> float:
        """Return the logit of an example."""
        weights = self._weights
        said = learned.scale * sum([weights[place] for place in learned.features])
        return self.trust * learned.offset + self.bias + said

    def _weigh_word(self, word: str) -> float:
        return sum([self._weights[place] for place in word_features(word)])

    def _pair_places(self, words: list[str]) -> Iterable[int]:
        return map(xor, self._lefts.each(words), self._rights.each(words)[1:])

    def to_bytes(self) -> bytes:
        """Return the model for keeping: each weight in 255 steps, compressed; some 100 kB."""
        largest = max(map(abs, self._weights), default=0.0) or 1.0
        steps = array("b", [round(weight / largest * _STEPS) for weight in self._weights])
        return _HEADER.pack(_MAGIC, largest, self.bias, self.trust) + zlib.compress(steps.tobytes(), 9)

    @classmethod
    def from_bytes(cls, kept: bytes) -> "LinearModel":
        """Return the model that was kept; raise `ValueError` if these bytes are none."""
        try:
            magic, largest, bias, trust = _HEADER.unpack_from(kept)
            steps = array("b", zlib.decompress(kept[_HEADER.size :], bufsize=SIZE))
        except (struct.error, zlib.error) as error:
            message = "these bytes are no learned model"
            raise ValueError(message) from error
        if magic != _MAGIC or len(steps) != SIZE:
            message = "this learned model has another form"
            raise ValueError(message)
        return cls(array("f", [step * largest / _STEPS for step in steps]), bias, trust)


def train(examples: Sequence[Example], *, decay: float = DECAY, epochs: int = EPOCHS, seed: int = 7) -> LinearModel:
    """Return the model that fits the examples: AdaGrad on the logistic loss, with weights that decay towards 0.

    The same examples and seed give the same model.
    """
    weights, slopes = [0.0] * SIZE, [_FIRST_SLOPE] * SIZE
    bias, bias_slope, trust, trust_slope = 0.0, _FIRST_SLOPE, 1.0, 1.0
    order = list(examples)
    shuffler = random.Random(seed)  # noqa: S311 - an order to learn in, not a secret
    for _ in range(epochs):
        shuffler.shuffle(order)
        for learned in order:
            places = learned.features
            value = trust * learned.offset + bias + learned.scale * sum([weights[place] for place in places])
            error = (sigmoid(value) - learned.is_negative) * learned.importance
            step = error * learned.scale
            square = step * step
            for place in places:
                slopes[place] = slope = slopes[place] + square
                weight = weights[place]
                weights[place] = weight - _RATE * (step + decay * weight) / math.sqrt(slope)
            bias_slope += error * error
            bias -= _RATE * error / math.sqrt(bias_slope)
            lean = error * learned.offset
            trust_slope += lean * lean
            trust -= _RATE * lean / math.sqrt(trust_slope)
    return LinearModel(weights, bias, trust)


def judged_unseen(examples: Sequence[Example], *, decay: float = DECAY, epochs: int = EPOCHS) -> list[float]:
    """Return the logit of each example from a model that learned from the others but its fold (`FOLDS` of them)."""
    values = [0.0] * len(examples)
    for fold in range(FOLDS):
        seen = [learned for at, learned in enumerate(examples) if at % FOLDS != fold]
        model = train(seen, decay=decay, epochs=epochs)
        for at in range(fold, len(examples), FOLDS):
            values[at] = model.value_of(examples[at])
    return values


def sigmoid(value: float) -> float:
    """Return the probability of a logit."""
    return 1 / (1 + math.exp(-max(-_FARTHEST, min(_FARTHEST, value))))


def _scale(words: int) -> float:
    return 1 / math.sqrt(words + _SHORT)
