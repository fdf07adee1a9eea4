"""Clues: what in a text speaks for or against its being about the shop. Pure.

Here stands what the form of a name says, in each of its places: a handle, a capital, a market, one of many tags.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from feedback_service.folding import fold
from feedback_service.mentions.matching import Span

_HANDLE = 1.5
_CAPITAL = 0.5
_LOWER_CASE = -2.0
_LONGER_NAME = -1.8
_MARKET = -4.5
_TAGS = -1.6
_TAGS_FROM = 4
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


def handle_clues(text: str, spans: Sequence[Span]) -> list[Clue]:
    """Return that the name stands behind an @ or a #, as a shop is called where people write to it."""
    marked = [
        text[span.start - 1 : span.end]
        for span in spans
        if _NAMES_A_HANDLE.search(text[max(0, span.start - 2) : span.start])
    ]
    return [Clue(ClueKind.HANDLE, _HANDLE, (marked[0],))] if marked else []


def form_clues(text: str, spans: Sequence[Span]) -> list[Clue]:
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
