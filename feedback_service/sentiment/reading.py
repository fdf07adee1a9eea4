"""Read sentences: which words count, how much, and what negation, emphasis and concession make of them.

Pure: a vocabulary, a lexicon and sentences in, hits out.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from feedback_service.sentiment.lexicon import Lexicon
from feedback_service.sentiment.markers import Gravity, Markers, Topic
from feedback_service.sentiment.phrases import longest
from feedback_service.sentiment.sentences import start_of
from feedback_service.sentiment.tokens import Tokens
from feedback_service.sentiment.vocabulary import STOPS, Entry, Part, Turn, Vocabulary

_REACH = 4  # Words between a negator and what it negates, as in "pas du tout été content".
_NE_REACH = 4
_NEGATED_PRAISE = -0.9  # "pas satisfait" blames nearly as much as "mécontent".
_NEGATED_VERB = -2.0  # "ne répond pas" is a complaint though "répond" is hardly praise.
_NEGATED_BLAME = -0.5  # "pas mauvais" praises less than "bon".
_BEFORE_CONCESSION = 0.4
_AFTER_CONCESSION = 1.4
_SUBORDINATE = 0.3
_SUBORDINATE_REACH = 6
_EXCLAMATION = 0.1
_MOST_EXCLAMATIONS = 3

Span = tuple[int, int]
Hits = list[tuple[int, int, float]]
"""Start and end in characters, and weight."""


@dataclass(slots=True)
class Hit:
    """Words that count: first and last token (`end` excluded) and weight."""

    start: int
    end: int
    weight: float


class Reader:
    """Reads sentences in one language. Threads may share it."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.joins_apostrophes = lexicon.joins_apostrophes
        self.vocabulary = Vocabulary(lexicon)
        self.topics = Markers(Topic, lexicon.topics, lexicon.classes)
        self.grave = Markers(Gravity, lexicon.grave, lexicon.classes)

    def passage(self, original: str, folded: str, spans: Sequence[Span]) -> "Passage":
        """Return the words of the sentences `spans`, which lie in the text one after the other, ready to be read."""
        return Passage(self, original, folded, spans)


class Passage:
    """Sentences in one language while they are read.

    Attributes:
        words: of all of them, folded and put right.
    """

    __slots__ = ("_entries", "_original", "_reader", "_spans", "_tokens", "words")

    def __init__(self, reader: Reader, original: str, folded: str, spans: Sequence[Span]) -> None:
        start, end = (spans[0][0], spans[-1][1]) if spans else (0, 0)
        self._reader, self._original, self._spans = reader, original, spans
        self._tokens = Tokens(folded, start, end, joins_apostrophes=reader.joins_apostrophes)
        self.words = reader.vocabulary.plain_words(self._tokens.words)
        self._entries = reader.vocabulary.entries(self.words)

    def read(self) -> list[Hits]:
        """Return the hits of each sentence."""
        original, tokens = self._original, self._tokens
        counting = [at for at, entry in enumerate(self._entries) if entry is not None]
        found: list[Hits] = []
        last = done = 0
        for start, end in self._spans:
            first, last = last, bisect_left(tokens.starts, end, last)
            begun, done = done, bisect_left(counting, last, done)
            hits, turns = self._hits(counting[begun:done], first, last) if begun < done else ([], [])
            if found and any(kind is Turn.CONCESSION and at <= first + 1 for at, kind in turns):
                found[-1] = [(a, b, w * _BEFORE_CONCESSION if w > 0 else w) for a, b, w in found[-1]]
            found.append(_placed(hits, tokens, original, start, end) if hits else [])
        return found

    def places(self) -> list[Span]:
        """Return where each of the words stands, in characters."""
        return list(zip(self._tokens.starts, self._tokens.ends, strict=True))

    def topics(self) -> list[Topic]:
        """Return what is talked about, as often as it is."""
        return [kind for _, _, kind in self._reader.topics.find(self.words)]

    def grave(self) -> list[tuple[int, int, Gravity]]:
        """Return the grave words as start and end in characters and kind; what is denied is not grave."""
        starts, ends = self._tokens.starts, self._tokens.ends
        found: list[tuple[int, int, Gravity]] = []
        for start, end, kind in self._reader.grave.find(self.words):
            first = bisect_left(starts, start_of(self._spans, starts[start]))
            if not self._negated_before(first, start, first):
                found.append((starts[start], ends[end - 1], kind))
        return found

    def _hits(self, counting: list[int], first: int, last: int) -> tuple[list[Hit], list[tuple[int, Turn]]]:
        """Return hits and turns of the sentence of the words `first` to `last`; only those `counting` may count."""
        words, entries = self.words, self._entries
        hits: list[Hit] = []
        turns: list[tuple[int, Turn]] = []
        seen: set[str] = set()
        free = first  # First token that no phrase has used up: negators before it are spent.
        for at in counting:
            entry = entries[at]
            if entry is None or at < free:
                continue
            opening = entry.opening
            phrase = longest(opening, words, at, last) if opening and opening.may_lead_on(words, at) else None
            if phrase is not None:
                end, weight = phrase
                if isinstance(weight, Turn):
                    turns.append((at, weight))
                elif weight:
                    hits.append(Hit(at, end, self._phrase_weight(first, at, free, entry, weight)))
                free = end
            elif entry.weight and entry.part is not Part.NEGATOR and words[at] not in seen:
                seen.add(words[at])
                hits.append(Hit(at, at + 1, self._word_weight(first, at, last, free, entry)))
                free = at + 1
        return (_with_turns(hits, turns, words, last) if turns else hits), turns

    def _phrase_weight(self, first: int, at: int, free: int, entry: Entry, weight: float) -> float:
        if weight > 0 and entry.part is not Part.NEGATOR and self._negated_before(first, at, free):
            return weight * _NEGATED_PRAISE
        return weight

    def _word_weight(self, first: int, at: int, last: int, free: int, entry: Entry) -> float:
        weight = entry.weight or 0.0
        for place in range(max(at - 2, first), at):
            before = self._entries[place]
            if before is not None and before.factor != 1 and not (before.is_near_negator and place >= free):
                weight *= before.factor
        if not (self._negated_before(first, at, free) or (entry.is_verb and self._negated_after(first, at, last))):
            return weight
        if weight < 0:
            return weight * _NEGATED_BLAME
        return min(weight * _NEGATED_PRAISE, _NEGATED_VERB) if entry.is_verb else weight * _NEGATED_PRAISE

    def _negated_before(self, first: int, at: int, free: int) -> bool:
        entries = self._entries
        for place in range(at - 1, max(at - 1 - _REACH, free - 1), -1):
            entry = entries[place]
            if entry is None:
                continue
            if entry.is_near_negator and place == at - 1:
                return True
            part = entry.part
            if part is None or part is Part.NE:
                continue
            if part is Part.LATE_NEGATOR:
                return self._has_ne(first, place)
            return part is Part.NEGATOR
        return False

    def _negated_after(self, first: int, at: int, last: int) -> bool:
        following = [entry.part if entry else None for entry in self._entries[at + 1 : min(at + 3, last)]]
        if not following or following[0] is Part.STOP:
            return False
        if following[0] is Part.NEGATOR:
            return True
        if following[0] is Part.LATE_NEGATOR:
            return self._has_ne(first, at)
        return following[-1] is Part.NEGATOR and self._has_ne(first, at)

    def _has_ne(self, first: int, at: int) -> bool:
        before = self._entries[max(at - _NE_REACH, first) : at]
        return any(entry is not None and entry.part is Part.NE for entry in before)


def _placed(hits: list[Hit], tokens: Tokens, original: str, start: int, end: int) -> Hits:
    """Return the hits with their places in characters, louder where the sentence exclaims."""
    starts, ends = tokens.starts, tokens.ends
    shouts = original.count("!", start, end)
    emphasis = 1 + _EXCLAMATION * min(shouts, _MOST_EXCLAMATIONS) if shouts else 1.0
    return [(starts[hit.start], ends[hit.end - 1], hit.weight * emphasis) for hit in hits]


def _with_turns(hits: list[Hit], turns: list[tuple[int, Turn]], words: list[str], end: int) -> list[Hit]:
    last = max((at for at, kind in turns if kind is Turn.CONCESSION), default=None)
    if last is not None:
        for hit in hits:
            hit.weight *= _BEFORE_CONCESSION if hit.start < last else _AFTER_CONCESSION
    for at, kind in turns:
        if kind is not Turn.CONCESSION:
            stop = next((i for i in range(at, end) if words[i] in STOPS), at + _SUBORDINATE_REACH)
            for hit in hits:
                if at < hit.start < stop and (kind is Turn.SUBORDINATE or hit.weight > 0):
                    hit.weight *= _SUBORDINATE
    return hits
