"""Terms to watch: any, all, none, in folded text with word borders. Pure.

`Watch` is built once per shop and answers for many texts. Few terms are searched one by one, many by
Aho-Corasick; both give the same answer, and a test with random texts says so.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import ahocorasick

from feedback_service.folding import fold
from feedback_service.mentions.misspelling import Misspellings

PLAIN_UP_TO = 20
_JOINTS = r"[\s\-_\u00ad\u200b-\u200d\u2010-\u2015]"
# A single space is what a joint becomes: passing over it saves most of the work.
_JOINT = re.compile(f"(?! (?!{_JOINTS})){_JOINTS}+")
_INVISIBLES = "\u00ad\u200b\u200c\u200d"
_INVISIBLE = re.compile(f"[{_INVISIBLES}]+")
_DOMAIN_END = re.compile(r"\.[a-z]{2,}")
_HANDLES = frozenset("#@")
_TWO_LETTERS = {"œ": "oe", "æ": "ae", "ß": "ss"}
_LIGATURE = re.compile("[œæß]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a term stands in the original text."""

    start: int
    end: int
    term: str


@dataclass(frozen=True, slots=True)
class Match:
    """Why a text may be about the shop: terms in the shop's own spelling, and where they stand.

    `is_misspelled`: no term stands there as it is spelled, one does with one edit.
    """

    terms: tuple[str, ...]
    spans: tuple[Span, ...]
    is_misspelled: bool = False


@dataclass(frozen=True, slots=True)
class _Needle:
    """What is searched for a term. `is_joined`: words run together, valid in hashtags, handles and domains only."""

    text: str
    term: str
    is_joined: bool


class _Folded:
    """Folded text in which each run of spaces, hyphens and underscores is one space, with the way back."""

    def __init__(self, text: str) -> None:
        folded = fold(text)
        pieces: list[str] = []
        self._starts, self._shifts = [0], [0]
        end = length = 0
        for joint in _JOINT.finditer(folded):
            between = "" if _INVISIBLE.fullmatch(joint[0]) else " "
            pieces += (folded[end : joint.start()], between)
            length += joint.start() - end + len(between)
            end = joint.end()
            if len(between) != end - joint.start():
                self._starts.append(length)
                self._shifts.append(end - length)
        self.text = "".join([*pieces, folded[end:]])

    def origin(self, position: int) -> int:
        """Return the position in the original text."""
        return position + self._shifts[bisect_right(self._starts, position) - 1]


class Watch:
    """The terms of one shop, ready to search.

    Args:
        terms_any: one of them must stand in the text.
        terms_all: each of them must.
        terms_none: none of them may.
        plain_up_to: number of needles up to which each is searched by itself; for tests.
    """

    def __init__(
        self,
        terms_any: Iterable[str],
        terms_all: Iterable[str] = (),
        terms_none: Iterable[str] = (),
        *,
        plain_up_to: int = PLAIN_UP_TO,
    ) -> None:
        self._any, self._all, self._none = map(_distinct, (terms_any, terms_all, terms_none))
        self._misspellings = Misspellings((_Folded(term).text.strip(), term) for term in self._any)
        needles = tuple(dict.fromkeys(n for term in {*self._any, *self._all, *self._none} for n in _needles(term)))
        self._search = _PlainSearch(needles) if len(needles) <= plain_up_to else _AutomatonSearch(needles)

    def match(self, text: str, *, about_us: bool = False) -> Match | None:
        """Return why `text` is about the shop; None if it is not.

        In a source where everything is about the shop (`about_us`) no term is needed and none forbids:
        the terms that stand there are still told.
        """
        spans = self.spans(text)
        found = {span.term for span in spans}
        if about_us or self._fits(found):
            return self._matched(spans, found)
        near = tuple(Span(*where) for where in self._misspellings.find(fold(text)))
        found |= {span.term for span in near}
        return self._matched((*near, *spans), found, is_misspelled=True) if near and self._fits(found) else None

    def _matched(self, spans: Iterable[Span], found: set[str], *, is_misspelled: bool = False) -> Match:
        wanted = tuple(dict.fromkeys(term for term in (*self._any, *self._all) if term in found))
        return Match(wanted, tuple(span for span in spans if span.term in wanted), is_misspelled)

    def spans(self, text: str) -> tuple[Span, ...]:
        """Return where the terms stand, in the order of the text; occurrences of one term do not overlap."""
        if not self._search.may_hit(fold(text)):
            return ()
        folded = _Folded(text)
        spans: list[Span] = []
        ends: dict[str, int] = {}
        hits = (hit for hit in self._search.hits(folded.text) if _stands_alone(folded.text, hit))
        for start, end, needle in sorted(hits, key=_order):
            if start >= ends.get(needle.term, 0):
                ends[needle.term] = end
                spans.append(Span(folded.origin(start), folded.origin(end - 1) + 1, needle.term))
        return tuple(spans)

    def _fits(self, found: set[str]) -> bool:
        if not self._any and not self._all:
            return False
        some = not self._any or not found.isdisjoint(self._any)
        return some and found.issuperset(self._all) and found.isdisjoint(self._none)


_Hit = tuple[int, int, _Needle]


class _PlainSearch:
    """Each needle by itself; and a look beforehand at the longest word of each, which most texts do not have."""

    def __init__(self, needles: Iterable[_Needle]) -> None:
        self._needles = tuple(needles)
        self._words = tuple({max(needle.text.split(" "), key=len) for needle in self._needles})

    def may_hit(self, folded: str) -> bool:
        # What is invisible may stand inside a word.
        has_invisible = not folded.isascii() and any(mark in folded for mark in _INVISIBLES)
        return has_invisible or any(word in folded for word in self._words)

    def hits(self, text: str) -> Iterator[_Hit]:
        for needle in self._needles:
            at = text.find(needle.text)
            while at >= 0:
                yield at, at + len(needle.text), needle
                at = text.find(needle.text, at + 1)


class _AutomatonSearch:
    """One pass for all needles, however many."""

    def __init__(self, needles: Iterable[_Needle]) -> None:
        self._automaton: Any = ahocorasick.Automaton()
        by_text: dict[str, list[_Needle]] = {}
        for needle in needles:
            by_text.setdefault(needle.text, []).append(needle)
        for text, same in by_text.items():
            self._automaton.add_word(text, same)
        self._automaton.make_automaton()

    def may_hit(self, folded: str) -> bool:
        del folded
        return True

    def hits(self, text: str) -> Iterator[_Hit]:
        for last, same in self._automaton.iter(text):
            for needle in same:
                yield last + 1 - len(needle.text), last + 1, needle


def _order(hit: _Hit) -> tuple[int, int, str]:
    start, end, needle = hit
    return start, -end, needle.term


def _distinct(terms: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(term for term in terms if _Folded(term).text.strip()))


def _needles(term: str) -> Iterator[_Needle]:
    # `fold` keeps the length and so turns a ligature into one letter; people also write two.
    for spelling in dict.fromkeys((term, _LIGATURE.sub(lambda found: _TWO_LETTERS[found[0].lower()], term))):
        text = _Folded(spelling).text.strip()
        yield _Needle(text, term, is_joined=False)
        if " " in text:
            yield _Needle(text.replace(" ", ""), term, is_joined=True)


def _stands_alone(text: str, hit: _Hit) -> bool:
    start, end, needle = hit
    if start and _is_word(needle.text[0]) and _is_word(text[start - 1]):
        return False
    if end < len(text) and _is_word(needle.text[-1]) and _is_word(text[end]):
        return False
    is_handle = text[max(0, start - 1) : start] in _HANDLES
    return not needle.is_joined or is_handle or bool(_DOMAIN_END.match(text, end))


def _is_word(character: str) -> bool:
    return character.isalnum()
