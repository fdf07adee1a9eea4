"""Grave words: what turns a complaint into a matter for the shop's owner. Pure.

The words stand in the sections `[grave]` of the data files. A text is searched in its own language, and for the
consumer authorities of every country: "DGCCRF" is grave in an English text too, but "brand" is a fire in German only.
"""

from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from itertools import takewhile

from feedback_service.folding import fold
from feedback_service.sentiment.lexicon import Lexicon, languages, load_lexicon
from feedback_service.sentiment.markers import Gravity, Markers
from feedback_service.sentiment.sentences import sentences, start_of
from feedback_service.sentiment.tokens import Tokens
from feedback_service.sentiment.vocabulary import STOPS

_NEGATION_REACH = 3  # "pas une arnaque", "rien de dangereux".


def grave_words(text: str, language: str = "") -> list[tuple[str, Gravity]]:
    """Return the grave words of `text` as they stand there in lower case, in order, each once, with their gravity.

    Case and accents do not matter, word borders do: "vol" is not found in "volant". What is denied is not grave:
    "ce n'est pas une arnaque". A text in a `language` without a data file is searched in all of them.
    """
    markers, negators = _of_language(language if language in languages() else "")
    tokens = Tokens(fold(text), 0, len(text), joins_apostrophes=False)
    spans = sentences(text)
    found: dict[str, Gravity] = {}
    for start, end, kind in markers.find(tokens.words):
        first = bisect_left(tokens.starts, start_of(spans, tokens.starts[start]))
        if not _denied(tokens.words[first:start], negators):
            found.setdefault(text[tokens.starts[start] : tokens.ends[end - 1]].lower(), kind)
    return list(found.items())


def _denied(before: list[str], negators: frozenset[str]) -> bool:
    """Tell whether a negator stands at the end of the words `before`, within reach and on this side of a comma."""
    clause = takewhile(lambda word: word not in STOPS, reversed(before[-_NEGATION_REACH:]))
    return not negators.isdisjoint(clause)


@cache
def _of_language(language: str) -> tuple[Markers[Gravity], frozenset[str]]:
    every = [load_lexicon(code) for code in languages()]
    spoken = [lexicon for lexicon in every if language in {"", lexicon.language}]
    named = {gravity.value: list(_phrases(gravity, spoken, every)) for gravity in Gravity}
    classes = {name: members for lexicon in every for name, members in lexicon.classes.items()}
    negators = frozenset(word for lexicon in spoken for word in lexicon.word_lists.get("negators", ()))
    return Markers(Gravity, named, classes), negators


def _phrases(gravity: Gravity, spoken: Iterable[Lexicon], every: Iterable[Lexicon]) -> Iterable[str]:
    searched = every if gravity is Gravity.CONSUMER_AUTHORITY else spoken
    return (phrase for lexicon in searched for phrase in lexicon.grave.get(gravity.value, ()))
