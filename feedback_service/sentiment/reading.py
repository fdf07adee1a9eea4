"""Read one sentence: which words count, how much, and what negation, emphasis and concession make of them.

Pure: a vocabulary, a lexicon and a sentence in, hits out.
"""

from dataclasses import dataclass

from feedback_service.sentiment.lexicon import Lexicon
from feedback_service.sentiment.tokens import Tokens
from feedback_service.sentiment.vocabulary import Entry, Turn, Vocabulary

_REACH = 4  # Words between a negator and what it negates, as in "pas du tout été content".
_NEGATED_PRAISE = -0.9  # "pas satisfait" blames nearly as much as "mécontent".
_NEGATED_VERB = -2.0  # "ne répond pas" is a complaint though "répond" is hardly praise.
_NEGATED_BLAME = -0.5  # "pas mauvais" praises less than "bon".
_BEFORE_CONCESSION = 0.6
_AFTER_CONCESSION = 1.25
_SUBORDINATE = 0.3
_SUBORDINATE_REACH = 6
_LOUD = 1.2
_LOUD_LENGTH = 4
_EXCLAMATION = 0.1
_MOST_EXCLAMATIONS = 3
_STOPS = frozenset(",;:!?()")


@dataclass(slots=True)
class Hit:
    """Words that count: first and last token (`end` excluded) and weight."""

    start: int
    end: int
    weight: float


class Reader:
    """Reads sentences in one language."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._joins = lexicon.joins_apostrophes
        self._spellings = lexicon.spellings
        self._misspelled = frozenset(lexicon.spellings)
        self._vocabulary = Vocabulary(lexicon)
        lists = lexicon.word_lists
        self._negators = frozenset(lists.get("negators", ()))
        self._late_negators = frozenset(lists.get("negators after ne", ()))
        self._near_negators = frozenset(lists.get("near negators", ()))
        self._ne = frozenset(lists.get("ne", ()))
        self._stops = _STOPS | lists.get("negation stops", set())
        self._intensifiers = lexicon.intensifiers

    def read(self, original: str, folded: str, start: int, end: int) -> list[tuple[int, int, float]]:
        """Return the hits of the sentence `folded[start:end]` as (start, end, weight) in characters."""
        tokens = Tokens(folded, start, end, joins_apostrophes=self._joins)
        words = tokens.words
        if not self._misspelled.isdisjoint(words):
            words = [self._spellings.get(word, word) for word in words]
        hits = self._hits(words)
        if not hits:
            return []
        places = tokens.places()
        emphasis = 1 + _EXCLAMATION * min(original.count("!", start, end), _MOST_EXCLAMATIONS)
        shouted = original[start:end].isupper()
        spans = ((places[hit.start][0], places[hit.end - 1][1], hit.weight * emphasis) for hit in hits)
        return [(a, b, w if shouted else w * _loudness(original[a:b])) for a, b, w in spans]

    def _hits(self, words: list[str]) -> list[Hit]:
        hits: list[Hit] = []
        turns: list[tuple[int, Turn]] = []
        seen: set[str] = set()
        free = 0  # First token that no phrase has used up: negators before it are spent.
        for at, entry in enumerate(self._vocabulary.entries(words)):
            if entry is None or at < free:
                continue
            following = words[at + 1] if at + 1 < len(words) else ""
            phrase = self._vocabulary.phrase(words, at, entry) if entry.may_open(following) else None
            if phrase is not None:
                end, weight = phrase
                if isinstance(weight, Turn):
                    turns.append((at, weight))
                elif weight:
                    hits.append(Hit(at, end, self._phrase_weight(words, at, free, weight)))
                free = end
            elif entry.weight and words[at] not in self._negators and not self._repeats(words[at], seen):
                hits.append(Hit(at, at + 1, self._word_weight(words, at, free, entry)))
                free = at + 1
        return _with_turns(hits, turns, words)

    @staticmethod
    def _repeats(word: str, seen: set[str]) -> bool:
        if word in seen:
            return True
        seen.add(word)
        return False

    def _phrase_weight(self, words: list[str], at: int, free: int, weight: float) -> float:
        if weight > 0 and words[at] not in self._negators and self._negated_before(words, at, free):
            return weight * _NEGATED_PRAISE
        return weight

    def _word_weight(self, words: list[str], at: int, free: int, entry: Entry) -> float:
        weight = entry.weight or 0.0
        for before in range(max(at - 2, 0), at):
            if before < free or words[before] not in self._near_negators:
                weight *= self._intensifiers.get(words[before], 1.0)
        if not (self._negated_before(words, at, free) or (entry.is_verb and self._negated_after(words, at))):
            return weight
        if weight < 0:
            return weight * _NEGATED_BLAME
        return min(weight * _NEGATED_PRAISE, _NEGATED_VERB) if entry.is_verb else weight * _NEGATED_PRAISE

    def _negated_before(self, words: list[str], at: int, free: int) -> bool:
        if at > free and words[at - 1] in self._near_negators:
            return True
        for place in range(at - 1, max(at - 1 - _REACH, free - 1), -1):
            word = words[place]
            if word in self._stops:
                return False
            if word in self._negators:
                return True
            if word in self._late_negators:
                return self._has_ne(words, place)
        return False

    def _negated_after(self, words: list[str], at: int) -> bool:
        following = words[at + 1 : at + 3]
        if not following or following[0] in self._stops:
            return False
        if following[0] in self._negators:
            return True
        if following[0] in self._late_negators:
            return self._has_ne(words, at)
        return len(following) > 1 and following[1] in self._negators and self._has_ne(words, at)

    def _has_ne(self, words: list[str], at: int) -> bool:
        return any(word in self._ne for word in words[max(at - 4, 0) : at])


def _loudness(text: str) -> float:
    return _LOUD if len(text) >= _LOUD_LENGTH and text.isupper() else 1.0


def _with_turns(hits: list[Hit], turns: list[tuple[int, Turn]], words: list[str]) -> list[Hit]:
    last = max((at for at, kind in turns if kind is Turn.CONCESSION), default=None)
    if last is not None:
        for hit in hits:
            hit.weight *= _BEFORE_CONCESSION if hit.start < last else _AFTER_CONCESSION
    for at, kind in turns:
        if kind is not Turn.CONCESSION:
            end = next((i for i in range(at, len(words)) if words[i] in _STOPS), at + _SUBORDINATE_REACH)
            for hit in hits:
                if at < hit.start < end and (kind is Turn.SUBORDINATE or hit.weight > 0):
                    hit.weight *= _SUBORDINATE
    return hits
