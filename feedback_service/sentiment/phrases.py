"""Phrases as a graph of words, looked up at a place in a text.

A phrase is a sequence of elements: `word`, `word+` (regular inflection), `stem*`, alternatives `a|b`, an optional
`word?`, a class `@name` and a gap `~3` of up to three words. Phrases that begin alike share their beginning, so that
a word that opens many phrases costs little more than one that opens one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

_ENDINGS = ("", "s", "e", "es")
_BORDERS = frozenset(";:!?()")

Value = TypeVar("Value")


@dataclass(slots=True)
class Node(Generic[Value]):
    """A place in the graph; `value` is set where a phrase ends, and `rank` says how many phrases were given before."""

    exact: dict[str, list["Node[Value]"]] = field(default_factory=dict)
    stems: list[tuple[str, "Node[Value]"]] = field(default_factory=list)
    gaps: list[tuple[int, "Node[Value]"]] = field(default_factory=list)
    by_element: dict[str, "Node[Value]"] = field(default_factory=dict)
    value: Value | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Opening(Generic[Value]):
    """What a word opens.

    Attributes:
        nodes: the places that it leads to.
        seconds: the words of which one must follow; None where a phrase may end here or no list can say it.
        reach: within how many words.
    """

    nodes: list[Node[Value]]
    seconds: frozenset[str] | None
    reach: int

    def may_lead_on(self, words: list[str], at: int) -> bool:
        """Tell at little cost whether a phrase may begin at `at`: nearly all words of a language open some."""
        if self.seconds is None:
            return True
        if self.reach == 1:
            return at + 1 < len(words) and words[at + 1] in self.seconds
        return not self.seconds.isdisjoint(words[at + 1 : at + 1 + self.reach])


class PhraseGraph(Generic[Value]):
    """Phrases of one language, each with a value."""

    def __init__(self, classes: Mapping[str, str]) -> None:
        """Start empty; `classes` maps "@name" to alternatives between `|`."""
        self._classes = classes
        self._root: Node[Value] = Node()
        self._opening_stems: dict[str, list[tuple[str, Node[Value]]]] = {}
        self._added = 0

    def add(self, value: Value, phrase: str) -> None:
        """Add a folded phrase; the first one given wins over an equal one."""
        places = [self._root]
        for element in phrase.replace("'", " ").split():
            optional = element.endswith("?")
            nexts = [self._step(place, element.rstrip("?")) for place in places]
            places = places + nexts if optional else nexts
        self._added += 1
        for place in places:
            if place.value is None:
                place.value, place.rank = value, self._added

    def _step(self, place: Node[Value], element: str) -> Node[Value]:
        known = place.by_element.get(element)
        if known:
            return known
        node: Node[Value] = Node()
        place.by_element[element] = node
        if element.startswith("~"):
            place.gaps.append((int(element[1:]), node))
            return node
        for word in self._alternatives(element):
            if word.endswith("*"):
                place.stems.append((word[:-1], node))
                if place is self._root:
                    self._opening_stems.setdefault(word[:1], []).append((word[:-1], node))
            else:
                for form in inflected((word,)):
                    place.exact.setdefault(form, []).append(node)
        return node

    def _alternatives(self, element: str) -> list[str]:
        names = element.split("|")
        return [word for name in names for word in self._classes.get(name, name).split("|")]

    def opening(self, word: str) -> Opening[Value] | None:
        """Return what `word` opens; None for nothing. Worth remembering: it looks at every stem of its first letter."""
        stems = self._opening_stems.get(word[:1], ())
        nodes = [*self._root.exact.get(word, ()), *(node for stem, node in stems if word.startswith(stem))]
        return Opening(nodes, *_seconds(nodes)) if nodes else None


def longest(opening: Opening[Value], words: list[str], start: int, end: int) -> tuple[int, Value] | None:
    """Return the end and the value of the longest phrase from `start` that stays before `end`; None for none.

    Of several that are as long the one that was given first. `opening` is that of `words[start]`.
    """
    best: tuple[int, Value] | None = None
    rank = 0
    waiting = [(node, start + 1, 0) for node in opening.nodes]
    while waiting:
        node, at, gap = waiting.pop()
        if node.value is not None and (best is None or at > best[0] or (at == best[0] and node.rank < rank)):
            best, rank = (at, node.value), node.rank
        if at >= end:
            continue
        word = words[at]
        if word in node.exact:
            for after in node.exact[word]:
                waiting.append((after, at + 1, 0))  # noqa: PERF401 - a list made only to be copied costs twice
        for stem, after in node.stems:
            if word.startswith(stem):
                waiting.append((after, at + 1, 0))
        for size, child in node.gaps:
            waiting.append((child, at, size + 1))
        if gap > 1 and word not in _BORDERS:
            waiting.append((node, at + 1, gap - 1))
    return best


def inflected(words: Iterable[str]) -> set[str]:
    """Return the words, those that end in `+` in each of their regular forms."""
    forms: set[str] = set()
    for word in words:
        forms.update([word[:-1] + ending for ending in _ENDINGS] if word.endswith("+") else [word])
    return forms


def _seconds(nodes: list[Node[Value]]) -> tuple[frozenset[str] | None, int]:
    words: set[str] = set()
    reach = 1
    for node in nodes:
        if node.stems or node.value is not None:
            return None, 0
        words.update(node.exact)
        for size, child in node.gaps:
            if child.stems or child.gaps or child.value is not None:
                return None, 0
            words.update(child.exact)
            reach = max(reach, size + 1)
    return frozenset(words), reach
