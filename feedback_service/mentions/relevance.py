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
_HANDLE = 1.5
_CONTEXT, _CONTEXTS = 2.5, 2
_TRADE = 1.0
_CAPITAL = 0.5
_LOWER_CASE = -2.0
_LONGER_NAME = -1.8
_MARKET = -4.5
_TAGS = -1.6
_TAGS_FROM = 4
_LORE_MOST = 3.0
_NEAR = 8
_FEWEST_VERDICTS = 2
_WORD = re.compile(r"[^\W_]{3,}")
_TAG = re.compile(r"#\w+")
_LIST_ITEM = re.compile(r"[^,;|·•\n]{1,40}[,;|·•\n]")
# "Slack Market", "Slack Wax Market", "Slack Adjuster 3150 Market Report": the name of a thing that is traded. The words
# between hold no hyphen, which separates them: a text of hyphens must not be read in many ways. Nor is a line passed:
# the title of a report may end in the name and its text begin with "Market".
_MARKET_BEHIND = re.compile(
    r"(?:[ \u00a0-]+(?:[A-Z]\w*|\d+)){0,3}[ \u00a0-]+(?:Markets?|Industry|Markt|Mercado|Mercato|"
    r"market (?:report|size|share|analysis|research))\b"
)
_MARKET_BEFORE = re.compile(
    r"\b(?:marche (?:\w+ ){0,2}(?:de la |de l'|des |du |de |d')|market for (?:the )?|markt fur (?:\w+ )?|"
    r"mercado (?:\w+ ){0,2}(?:de la |de los |de las |del |de )|"
    r"mercato (?:\w+ ){0,2}(?:dell'|della |delle |degli |dei |del |di ))$"
)
_BEFORE = 48
"""Characters before a name that are looked at: enough for a market, or for a long word."""
_LONGER = re.compile(r"(?<=[\w,;] )[^\W\d_]{2,} $")
_INSIDE = re.compile(r"([^\W\d_]|,)[ '’]$")
_DOMAIN_END = re.compile(r"\.[a-z]{2,}")
_NAMES_A_HANDLE = re.compile(r"(?<![\w.])[@#]$")
_TRADE_TOPICS = frozenset({Topic.DELIVERY, Topic.REFUND, Topic.RETURN_PROCESS, Topic.CUSTOMER_SERVICE})


class Standing(StrEnum):
    """What is made of the confidence."""

    US = "us"
    REVIEW = "review"
    NOT_US = "not_us"


class ClueKind(StrEnum):
    """What speaks for or against its being about the shop."""

    SOURCE = "source"
    NAME = "name"
    AMBIGUOUS_NAME = "ambiguous_name"
    MISSPELLED_NAME = "misspelled_name"
    OWN_ADDRESS = "own_address"
    HANDLE = "handle"
    CONTEXT = "context"
    TRADE = "trade"
    CAPITAL = "capital"
    LOWER_CASE = "lower_case"
    LONGER_NAME = "longer_name"
    MARKET = "market"
    TAGS = "tags"
    VERDICTS = "verdicts"


@dataclass(frozen=True, slots=True)
class Clue:
    """One reason: its kind, the words it rests on, and its weight in logits; below 0 it speaks against."""

    kind: ClueKind
    weight: float
    words: tuple[str, ...] = ()


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
        clues = [self._name(match), *self._address(text, url), *_handles(text, match.spans)]
        if self.context is not None:
            found = tuple(dict.fromkeys(span.term for span in self.context.spans(text)))
            clues += [Clue(ClueKind.CONTEXT, _CONTEXT, (term,)) for term in found[:_CONTEXTS]]
        trade = tuple(topic.value for topic in judgement.topics if topic in _TRADE_TOPICS)
        if trade:
            clues.append(Clue(ClueKind.TRADE, _TRADE, trade))
        clues += [clue for clue in (*_forms(text, match.spans), self.lore.clue(text, match.spans)) if clue]
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


def _handles(text: str, spans: Sequence[Span]) -> list[Clue]:
    marked = [
        text[span.start - 1 : span.end]
        for span in spans
        if _NAMES_A_HANDLE.search(text[max(0, span.start - 2) : span.start])
    ]
    return [Clue(ClueKind.HANDLE, _HANDLE, (marked[0],))] if marked else []


def _forms(text: str, spans: Sequence[Span]) -> list[Clue]:
    """Return what the form of the names says. What holds for one place of several decides nothing."""
    if not spans:
        return []
    clues = [_lettering(text, spans)]
    markets = [phrase for phrase in (_market(text, span) for span in spans) if phrase]
    if len(markets) * 2 > len(spans):
        clues.append(Clue(ClueKind.MARKET, _MARKET, (markets[0],)))
    if all(map(_is_a_list, {_line(text, span) for span in spans})):
        clues.append(Clue(ClueKind.TAGS, _TAGS))
    return [clue for clue in clues if clue]


def _lettering(text: str, spans: Sequence[Span]) -> Clue | None:
    """Return what capital letters say of a name that the shop writes with one.

    In an address or behind an @ or a # nobody writes any: such a place says nothing.
    """
    named = [span for span in spans if span.term[:1].isupper() and not _is_in_an_address(text, span)]
    if not named:
        return None
    places = [text[span.start : span.end] for span in named]
    if all(place.islower() for place in places):
        # Who writes no capital at all says nothing by leaving this one out, and a name of several words is no word.
        is_word = text.lower() != text and all(place.isalpha() for place in places)
        return Clue(ClueKind.LOWER_CASE, _LOWER_CASE, (places[0],)) if is_word else None
    longer = [_longer(_before(text, span)) for span in named]
    if all(longer):
        return Clue(ClueKind.LONGER_NAME, _LONGER_NAME, (f"{longer[0]} {places[0]}",))
    inside = any(_is_inside(_before(text, span)) for span in named)
    return Clue(ClueKind.CAPITAL, _CAPITAL, (places[0],)) if inside else None


def _is_in_an_address(text: str, span: Span) -> bool:
    return text[max(0, span.start - 1) : span.start] in {"@", "#", "/", "."} or bool(_DOMAIN_END.match(text, span.end))


def _before(text: str, span: Span) -> str:
    return text[max(0, span.start - _BEFORE) : span.start]


def _longer(before: str) -> str:
    """Return the word with a capital that stands before a name within a sentence; empty for none."""
    found = _LONGER.search(before)
    word = found[0].strip() if found else ""
    return word if word.istitle() else ""


def _is_inside(before: str) -> bool:
    """Tell whether a sentence goes on up to the name: a small letter, or a comma, stands before it."""
    found = _INSIDE.search(before)
    return found is not None and (found[1] == "," or found[1].islower())


def _market(text: str, span: Span) -> str:
    """Return the words that make the name that of a thing which is traded; empty for none."""
    behind = _MARKET_BEHIND.match(text, span.end)
    if behind:
        return text[span.start : behind.end()]
    before = _before(text, span)
    found = _MARKET_BEFORE.search(fold(before))
    return text[span.start - len(before) + found.start() : span.end] if found else ""


def _line(text: str, span: Span) -> str:
    end = text.find("\n", span.end)
    return text[text.rfind("\n", 0, span.start) + 1 : end if end >= 0 else len(text)]


def _is_a_list(line: str) -> bool:
    """Tell whether a name in it is one of many: a line of hashtags, a list between commas."""
    tags = _TAG.findall(line)
    if len(tags) >= _TAGS_FROM and len(" ".join(tags)) * 2 > len(line):
        return True
    items = _LIST_ITEM.findall(f"{line},")
    short = [item for item in items if len(item.split()) <= 2]  # noqa: PLR2004 - a tag is a word or two
    return len(items) > _TAGS_FROM and len(short) * 5 >= len(items) * 4


def context_watch(terms: Collection[str]) -> Watch | None:
    """Return the watch for a shop's context terms; None where it names none."""
    return Watch(terms) if terms else None
