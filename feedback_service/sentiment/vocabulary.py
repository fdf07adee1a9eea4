"""A lexicon compiled for looking up: what is known of each word, and which phrases it opens."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from feedback_service.sentiment.lexicon import Lexicon
from feedback_service.sentiment.memory import WordMemory
from feedback_service.sentiment.phrases import Opening, PhraseGraph, inflected
from feedback_service.sentiment.tokens import plain
from feedback_service.sentiment.vader import word_weights

STOPS = frozenset(",;:!?()")
_SHORTEST_STEM = 3
_LONGEST_STEM = 24
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_COMPOUND = re.compile(r"[-']")


class Turn(Enum):
    """Words that change what stands beside them instead of weighing themselves."""

    CONCESSION = auto()
    """What stands before counts less, what follows more: "but"."""
    SUBORDINATE = auto()
    """The clause that it opens counts less: "despite"."""
    EXPECTATION = auto()
    """The praise in the clause that it opens counts less: what ought to be is not."""


class Part(Enum):
    """What a word does to its neighbours when it is part of no phrase."""

    NEGATOR = auto()
    """Turns what follows: "not"."""
    LATE_NEGATOR = auto()
    """Turns what follows if a "ne" stands before it: « plus »."""
    NE = auto()
    """Makes a negator of what comes later: « ne »."""
    STOP = auto()
    """Negation does not pass it: a comma, "and"."""


@dataclass(slots=True)
class Entry:
    """What is known of a word.

    Attributes:
        weight: its own; None for none.
        is_verb: whether it can be negated from behind.
        opening: the phrases that begin with it; None for none.
        part: what it does to its neighbours.
        factor: of the words after it: above 1 it is an intensifier.
        is_near_negator: whether it turns the next word: « peu fiable ».
    """

    weight: float | None
    is_verb: bool
    opening: Opening[float | Turn] | None
    part: Part | None
    factor: float
    is_near_negator: bool


class Vocabulary:
    """Looks up the words of one language. Threads may share it."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._words: dict[str, float] = dict(lexicon.symbols)
        if lexicon.extends_vader:
            self._words |= word_weights()
        self._stems: dict[str, float] = {}
        self._verbs = inflected(lexicon.verbs)
        self._parts = _parts(lexicon)
        self._near_negators = frozenset(lexicon.word_lists.get("near negators", ()))
        self._factors = lexicon.intensifiers
        self._spellings = lexicon.spellings
        self._graph: PhraseGraph[float | Turn] = PhraseGraph(lexicon.classes)
        self._plain = WordMemory(self._find_plain)
        self._entries = WordMemory(self._find)
        self._add_words(lexicon)
        self._add_phrases(lexicon)

    def _add_words(self, lexicon: Lexicon) -> None:
        for word, weight in lexicon.words.items():
            if word.endswith("*"):
                self._stems[word[:-1]] = weight
            elif word.endswith("+"):
                for form in inflected((word,)):
                    self._words.setdefault(form, weight)
            else:
                self._words[word] = weight
            if _COMPOUND.search(word):
                self._graph.add(weight, _COMPOUND.sub(" ", word))

    def _add_phrases(self, lexicon: Lexicon) -> None:
        for weight, phrase in lexicon.phrases:
            self._graph.add(weight, phrase)
        for turn, phrases in (
            (Turn.CONCESSION, lexicon.concessions),
            (Turn.SUBORDINATE, lexicon.subordinates),
            (Turn.EXPECTATION, lexicon.expectations),
        ):
            for phrase in phrases:
                self._graph.add(turn, phrase)

    def plain_words(self, words: list[str]) -> list[str]:
        """Return the words as they are looked up: misspelled ones put right, apostrophes inside them left out."""
        return self._plain.each(words)

    def entries(self, words: list[str]) -> list[Entry | None]:
        """Return what is known of each of the plain `words`; None for nothing."""
        return self._entries.each(words)

    def _find_plain(self, word: str) -> str:
        word = plain(word)
        return self._spellings.get(word, word)

    def _find(self, word: str) -> Entry | None:
        entry = self._find_as_written(word)
        if entry is None and _STRETCHED.search(word):
            double = self._find_as_written(_STRETCHED.sub(r"\1\1", word))
            entry = double or self._find_as_written(_STRETCHED.sub(r"\1", word))
        return entry

    def _find_as_written(self, word: str) -> Entry | None:
        weight = self._words.get(word)
        if weight is None:
            lengths = range(min(len(word), _LONGEST_STEM), _SHORTEST_STEM - 1, -1)
            weight = next((self._stems[word[:n]] for n in lengths if word[:n] in self._stems), None)
        entry = Entry(
            weight=weight,
            is_verb=word in self._verbs,
            opening=self._graph.opening(word),
            part=self._parts.get(word),
            factor=self._factors.get(word, 1.0),
            is_near_negator=word in self._near_negators,
        )
        return None if entry == _NOTHING else entry


_NOTHING = Entry(None, is_verb=False, opening=None, part=None, factor=1.0, is_near_negator=False)


def _parts(lexicon: Lexicon) -> dict[str, Part]:
    """Return what each word does; a word of several lists does the first thing that is asked: stop, negate, "ne"."""
    lists = lexicon.word_lists
    return (
        dict.fromkeys(lists.get("ne", ()), Part.NE)
        | dict.fromkeys(lists.get("negators after ne", ()), Part.LATE_NEGATOR)
        | dict.fromkeys(lists.get("negators", ()), Part.NEGATOR)
        | dict.fromkeys(STOPS | lists.get("negation stops", set()), Part.STOP)
    )
