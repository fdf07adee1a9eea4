"""A lexicon compiled for looking up: words with stems and inflections, phrases as a graph of words.

A phrase is a sequence of elements: `word`, `word+`, `stem*`, alternatives `a|b`, an optional `word?`, a class `@name`
and a gap `~3` of up to three words. Phrases that begin alike share their beginning, so that a word that
opens many phrases costs little more than one that opens one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from feedback_service.sentiment.lexicon import Lexicon
from feedback_service.sentiment.vader import word_weights

_ENDINGS = ("", "s", "e", "es")
_SHORTEST_STEM = 3
_LONGEST_STEM = 24
_MEMORY = 20_000
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_BORDERS = frozenset(";:!?()")


class Turn(Enum):
    """Words that change what stands beside them instead of weighing themselves."""

    CONCESSION = auto()
    """What stands before counts less, what follows more: "but"."""
    SUBORDINATE = auto()
    """The clause that it opens counts less: "despite"."""
    EXPECTATION = auto()
    """The praise in the clause that it opens counts less: what ought to be is not."""


@dataclass(slots=True)
class Node:
    """A place in the graph of phrases; `weight` is set where a phrase ends."""

    exact: dict[str, list["Node"]] = field(default_factory=dict)
    stems: list[tuple[str, "Node"]] = field(default_factory=list)
    gaps: list[tuple[int, "Node"]] = field(default_factory=list)
    by_element: dict[str, "Node"] = field(default_factory=dict)
    weight: float | Turn | None = None

    def after(self, word: str) -> list["Node"]:
        """Return the places that `word` leads to."""
        found = self.exact.get(word, _NOWHERE)
        if self.stems:
            return [*found, *(node for stem, node in self.stems if word.startswith(stem))]
        return found


_NOWHERE: list[Node] = []


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a word: its weight (None: nothing), whether it is a verb, and the phrases that it opens.

    `second` holds the words that can come next in such a phrase; None where that is not a plain list.
    """

    weight: float | None
    is_verb: bool
    opens: list[Node]
    second: frozenset[str] | None

    def may_open(self, following: str) -> bool:
        """Tell, at little cost, whether a phrase may begin here when `following` is the next word."""
        return bool(self.opens) and (self.second is None or following in self.second)


class Vocabulary:
    """Looks up words and phrases of one language."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._classes = lexicon.classes
        self._words: dict[str, float] = dict(lexicon.symbols)
        if lexicon.extends_vader:
            self._words |= word_weights()
        self._stems: dict[str, float] = {}
        self._verbs = _expanded(lexicon.verbs)
        self._root = Node()
        self._memory = _Memory(self._find)
        self._add_words(lexicon)
        for weight, phrase in lexicon.phrases:
            self._add_phrase(weight, phrase)
        for phrase in lexicon.concessions:
            self._add_phrase(Turn.CONCESSION, phrase)
        for phrase in lexicon.subordinates:
            self._add_phrase(Turn.SUBORDINATE, phrase)
        for phrase in lexicon.expectations:
            self._add_phrase(Turn.EXPECTATION, phrase)

    def _add_words(self, lexicon: Lexicon) -> None:
        for word, weight in lexicon.words.items():
            if word.endswith("*"):
                self._stems[word[:-1]] = weight
            elif word.endswith("+"):
                for form in _expanded({word}):
                    self._words.setdefault(form, weight)
            else:
                self._words[word] = weight
            if re.search(r"[-']", word):
                self._add_phrase(weight, re.sub(r"[-']", " ", word))

    def _add_phrase(self, weight: float | Turn, phrase: str) -> None:
        places = [self._root]
        for element in phrase.replace("'", " ").split():
            optional = element.endswith("?")
            nexts = [self._step(place, element.rstrip("?")) for place in places]
            places = places + nexts if optional else nexts
        for place in places:
            if place.weight is None:
                place.weight = weight

    def _step(self, place: Node, element: str) -> Node:
        known = place.by_element.get(element)
        if known:
            return known
        node = place.by_element[element] = Node()
        if element.startswith("~"):
            place.gaps.append((int(element[1:]), node))
            return node
        for word in self._alternatives(element):
            if word.endswith("*"):
                place.stems.append((word[:-1], node))
            else:
                for form in _expanded({word}):
                    place.exact.setdefault(form, []).append(node)
        return node

    def _alternatives(self, element: str) -> list[str]:
        names = element.split("|")
        return [word for name in names for word in self._classes.get(name, name).split("|")]

    def entries(self, words: list[str]) -> list[Entry | None]:
        """Return what is known of each of the folded `words`; None for nothing."""
        if len(self._memory) > _MEMORY:
            self._memory = _Memory(self._find)
        return list(map(self._memory.__getitem__, words))

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
        opens = self._root.after(word)
        return Entry(weight, word in self._verbs, opens, _second(opens)) if opens or weight is not None else None

    def phrase(self, words: list[str], start: int, entry: Entry) -> tuple[int, float | Turn] | None:
        """Return the end and the weight or turn of the longest phrase that begins at `start`; None for none."""
        best: tuple[int, float | Turn] | None = None
        count = len(words)
        waiting = [(node, start + 1, 0) for node in entry.opens]
        while waiting:
            node, at, gap = waiting.pop()
            if node.weight is not None and (best is None or at > best[0]):
                best = (at, node.weight)
            if at >= count:
                continue
            word = words[at]
            for after in node.after(word):
                waiting.append((after, at + 1, 0))  # noqa: PERF401 - a list made only to be copied costs twice
            for size, child in node.gaps:
                waiting.append((child, at, size + 1))
            if gap > 1 and word not in _BORDERS:
                waiting.append((node, at + 1, gap - 1))
        return best


class _Memory(dict[str, Entry | None]):
    def __init__(self, find: Callable[[str], Entry | None]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, word: str) -> Entry | None:
        self[word] = found = self._find(word)
        return found


def _second(opens: list[Node]) -> frozenset[str] | None:
    if any(node.stems or node.gaps or node.weight is not None for node in opens):
        return None
    return frozenset(word for node in opens for word in node.exact)


def _expanded(words: set[str]) -> set[str]:
    return {word[:-1] + ending for word in words if word.endswith("+") for ending in _ENDINGS} | {
        word for word in words if not word.endswith("+")
    }
