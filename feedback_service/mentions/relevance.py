"""Is it us? From what stands in a text to a confidence with its reasons. Pure.

Each clue is worth some logits; their sum is the confidence. A name that only one shop has needs no context; where the
shop names context terms, its name alone is doubtful ("Orange" may be a fruit). What is doubtful goes to a person,
and what people decide becomes clues of its own (`Lore`).
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from feedback_service.folding import fold
from feedback_service.mentions.clues import Clue, ClueKind, form_clues, handle_clues
from feedback_service.mentions.matching import Match, Span, Watch
from feedback_service.sentiment.judgement import Judgement
from feedback_service.sentiment.markers import Topic

US_FROM = 0.6
REVIEW_FROM = 0.15
_CERTAIN = 6.0
_NAMED = 2.0
_AMBIGUOUS = -0.6
_MISSPELLED = -1.6
_OWN_ADDRESS = 4.0
_CONTEXT, _CONTEXTS = 2.5, 2
_TRADE = 1.0
_LORE_MOST = 3.0
_NEAR = 8
_FEWEST_VERDICTS = 2
_WORD = re.compile(r"[^\W_]{3,}")
_TRADE_TOPICS = frozenset({Topic.DELIVERY, Topic.REFUND, Topic.RETURN_PROCESS, Topic.CUSTOMER_SERVICE})


class Standing(StrEnum):
    """What is made of the confidence."""

    US = "us"
    REVIEW = "review"
    NOT_US = "not_us"


@dataclass(frozen=True, slots=True)
class Relevance:
    """How sure it is that a text is about the shop (0-1), and why, the weightiest reason first."""

    confidence: float
    clues: tuple[Clue, ...]

    @property
    def standing(self) -> Standing:
        """Return what to do with the text: ours, a person's to decide, or somebody else's."""
        if self.confidence >= US_FROM:
            return Standing.US
        return Standing.REVIEW if self.confidence >= REVIEW_FROM else Standing.NOT_US


@dataclass(frozen=True, slots=True)
class Decided:
    """A text on which a person decided, as a lesson: where the shop's terms stand in it, and whether it was us."""

    text: str
    spans: tuple[Span, ...]
    is_us: bool


class Lore:
    """What the verdicts of a shop's staff teach: words near the name that came with "us" or with "not us"."""

    def __init__(self, decided: Sequence[Decided]) -> None:
        """Count words near the terms; below two verdicts of "not us" nothing is concluded."""
        ours, others = ([one for one in decided if one.is_us is is_us] for is_us in (True, False))
        self._weights: dict[str, float] = {}
        if len(others) < _FEWEST_VERDICTS:
            return
        with_us, with_others = (
            Counter(word for one in some for word in near(one.text, one.spans)) for some in (ours, others)
        )
        for word in with_us | with_others:
            if with_us[word] + with_others[word] >= _FEWEST_VERDICTS:
                us = (with_us[word] + 0.5) / (len(ours) + 1)
                not_us = (with_others[word] + 0.5) / (len(others) + 1)
                self._weights[word] = math.log(us / not_us)

    def clue(self, text: str, spans: Sequence[Span]) -> Clue | None:
        """Return what the words near the terms say; None where they say nothing."""
        if not self._weights:
            return None
        said = {word: self._weights[word] for word in near(text, spans) if word in self._weights}
        total = sum(said.values())
        if abs(total) < 0.5:  # noqa: PLR2004 - less would be no reason to a person
            return None
        telling = sorted(said, key=lambda word: (said[word] * (-1 if total > 0 else 1), word))[:3]
        return Clue(ClueKind.VERDICTS, max(-_LORE_MOST, min(_LORE_MOST, total)), tuple(telling))


NO_LORE = Lore(())


@dataclass(frozen=True)
class Identity:
    """How one shop is recognised.

    Attributes:
        watch: its terms.
        context: words that make sure that an ambiguous name means the shop; empty where the name is not ambiguous.
        website: its address; empty for none.
        lore: what its staff taught.
    """

    watch: Watch
    context: Watch | None = None
    website: str = ""
    lore: Lore = field(default=NO_LORE)

    def relevance(self, text: str, match: Match, judgement: Judgement, *, url: str = "", about_us: bool) -> Relevance:
        """Return how sure it is that `text`, in which `match` was found, is about the shop."""
        if about_us:
            return _weighed([Clue(ClueKind.SOURCE, _CERTAIN)])
        clues = [self._name(match), *self._address(text, url), *handle_clues(text, match.spans)]
        if self.context is not None:
            found = tuple(dict.fromkeys(span.term for span in self.context.spans(text)))
            clues += [Clue(ClueKind.CONTEXT, _CONTEXT, (term,)) for term in found[:_CONTEXTS]]
        trade = tuple(topic.value for topic in judgement.topics if topic in _TRADE_TOPICS)
        if trade:
            clues.append(Clue(ClueKind.TRADE, _TRADE, trade))
        clues += [clue for clue in (*form_clues(text, match.spans), self.lore.clue(text, match.spans)) if clue]
        return _weighed(clues)

    def _name(self, match: Match) -> Clue:
        if match.is_misspelled:
            return Clue(ClueKind.MISSPELLED_NAME, _MISSPELLED, match.terms)
        if self.context is not None:
            return Clue(ClueKind.AMBIGUOUS_NAME, _AMBIGUOUS, match.terms)
        return Clue(ClueKind.NAME, _NAMED, match.terms)

    def _address(self, text: str, url: str) -> list[Clue]:
        host = _host(self.website)
        # Behind an @ it is somebody's mailbox: half a country writes from "@orange.fr".
        named = re.compile(rf"(?<![\w@-]){re.escape(host)}(?![\w-])") if host else None
        if named and (named.search(text.lower()) or named.search(url.lower())):
            return [Clue(ClueKind.OWN_ADDRESS, _OWN_ADDRESS, (host,))]
        return []


def near(text: str, spans: Sequence[Span]) -> set[str]:
    """Return the folded words within eight of a term, the terms themselves left out."""
    if not spans:
        return set()
    words = list(_WORD.finditer(fold(text)))
    starts, ends = [word.start() for word in words], [word.end() for word in words]
    places: set[int] = set()
    terms: set[int] = set()
    for span in spans:
        before, behind = bisect_right(ends, span.start), bisect_left(starts, span.end)
        places.update(range(max(0, before - _NEAR), min(len(words), behind + _NEAR)))
        terms.update(range(before, behind))
    return {words[place][0] for place in places - terms}


def _host(website: str) -> str:
    try:
        return (urlsplit(website).hostname or "").removeprefix("www.")
    except ValueError:  # "https://[example" is no address, and no reason to read nothing.
        return ""


def _weighed(clues: Iterable[Clue]) -> Relevance:
    ordered = sorted(clues, key=lambda clue: -abs(clue.weight))
    total = sum(clue.weight for clue in ordered)
    return Relevance(round(1 / (1 + math.exp(-total)), 3), tuple(ordered))


def context_watch(terms: Collection[str]) -> Watch | None:
    """Return the watch for a shop's context terms; None where it names none."""
    return Watch(terms) if terms else None
