"""What a text is about, and the words in it that make a matter grave.

Both are phrases of a language's data file, sections `[topics]` and `[grave]`: a checklist that people can read and
correct, beside the weights that make a text negative.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from feedback_service.sentiment.memory import WordMemory
from feedback_service.sentiment.phrases import Opening, PhraseGraph, longest


class Topic(StrEnum):
    """What is talked about."""

    DELIVERY = "delivery"
    REFUND = "refund"
    RETURN_PROCESS = "return_process"
    PRODUCT_QUALITY = "product_quality"
    SIZE = "size"
    CUSTOMER_SERVICE = "customer_service"
    PRICE = "price"
    WEBSITE = "website"
    FRAUD = "fraud"
    PAYMENT = "payment"


class Gravity(StrEnum):
    """What a grave word is about."""

    SCAM = "scam"
    LAWYER = "lawyer"
    CONSUMER_AUTHORITY = "consumer_authority"
    SAFETY = "safety"


Kind = TypeVar("Kind", Topic, Gravity)


class Marker(NamedTuple, Generic[Kind]):
    """A phrase that marks a topic or something grave: its words `start` to `end` (excluded)."""

    start: int
    end: int
    kind: Kind


class Markers(Generic[Kind]):
    """Finds the phrases of one kind of marker. Threads may share it."""

    def __init__(self, kinds: type[Kind], named: Mapping[str, Iterable[str]], classes: Mapping[str, str]) -> None:
        """Take the phrases by the name of their kind, and the classes that they may name."""
        self._graph: PhraseGraph[Kind] = PhraseGraph(classes)
        for name, phrases in named.items():
            for phrase in phrases:
                self._graph.add(kinds(name), phrase)
        self._openings: WordMemory[Opening[Kind] | None] = WordMemory(self._graph.opening)

    def find(self, words: list[str]) -> list[Marker[Kind]]:
        """Return the markers in the plain `words` of a text, in order; they do not overlap."""
        found: list[Marker[Kind]] = []
        free, last = 0, len(words)
        for at, opening in enumerate(self._openings.each(words)):
            if opening is None or at < free or not opening.may_lead_on(words, at):
                continue
            phrase = longest(opening, words, at, last)
            if phrase is not None:
                free, kind = phrase
                found.append(Marker(at, free, kind))
        return found
