"""Grave words in any language that has a data file: what turns a complaint into a matter for the shop's owner. Pure.

The words stand in the sections `[grave]` of the data files. They are looked for in all languages at once: "DGCCRF" is
grave in an English text too, and a word of warning missed is worse than one too many.
"""

from functools import cache

from feedback_service.folding import fold
from feedback_service.sentiment.lexicon import languages, load_lexicon
from feedback_service.sentiment.markers import Gravity, Markers
from feedback_service.sentiment.tokens import Tokens

_NEGATION_REACH = 3  # "pas une arnaque", "rien de dangereux".


def grave_words(text: str) -> list[tuple[str, Gravity]]:
    """Return the grave words of `text` as they stand there in lower case, in order, each once, with their gravity.

    Case and accents do not matter, word borders do: "vol" is not found in "volant". What is denied is not grave:
    "ce n'est pas une arnaque".
    """
    markers, negators = _every_language()
    tokens = Tokens(fold(text), 0, len(text), joins_apostrophes=False)
    found: dict[str, Gravity] = {}
    for start, end, kind in markers.find(tokens.words):
        if negators.isdisjoint(tokens.words[max(0, start - _NEGATION_REACH) : start]):
            found.setdefault(text[tokens.starts[start] : tokens.ends[end - 1]].lower(), kind)
    return list(found.items())


@cache
def _every_language() -> tuple[Markers[Gravity], frozenset[str]]:
    classes: dict[str, str] = {}
    named: dict[str, list[str]] = {}
    negators: set[str] = set()
    for lexicon in map(load_lexicon, languages()):
        classes |= lexicon.classes
        negators |= lexicon.word_lists.get("negators", set())
        for name, phrases in lexicon.grave.items():
            named.setdefault(name, []).extend(phrases)
    return Markers(Gravity, named, classes), frozenset(negators)
