"""In which of a shop's languages a text is written.

Small words decide nearly always ("the", "est", "nicht"); where they do not, words that only one language knows; the
model of py3langid is asked last and loaded then, because it takes about 70 MB. Reviews are short and hurried, and
unrestricted identification is wrong on them far more often: the choice is limited to the languages given.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol

from feedback_service.sentiment.lexicon import Lexicon

_WORD = re.compile(r"[^\W\d_]+")
_LOOKED_AT = 3_000
_CLEAR_RATIO = 1.5
_FEWEST_FOR_MODEL = 4
_FEWEST_FOR_SENTENCE = 3
_MIXED_SHARE = 0.1


class Identifier(Protocol):
    """What is asked when words do not decide."""

    def classify(self, text: str) -> tuple[str, float]:
        """Return a language code and how sure it is (0-1)."""


class LanguageFinder:
    """Finds the language among those given; the first one where nothing tells."""

    def __init__(self, languages: Sequence[str], lexicons: Mapping[str, Lexicon]) -> None:
        self._languages = tuple(languages)
        self._small = _distinct({code: lexicon.common for code, lexicon in lexicons.items()})
        self._known = _distinct({code: lexicon.known_words() for code, lexicon in lexicons.items()})

    def find(self, folded: str, text: str) -> tuple[str, bool]:
        """Return the language of a text and whether sentences of another one seem to stand in it."""
        if len(self._languages) == 1:
            return self._languages[0], False
        words = _words(folded[:_LOOKED_AT])
        votes = _votes(words, self._small)
        language = _clear(votes) or _clear(_votes(words, self._known)) or self._asked(words, text)
        others = sum(votes.values()) - votes.get(language, 0)
        return language, others >= max(_FEWEST_FOR_SENTENCE, _MIXED_SHARE * sum(votes.values()))

    def of_sentence(self, folded_sentence: str, language: str) -> str:
        """Return the language of one sentence of a text in `language`: another one only where it is plain."""
        votes = _votes(_words(folded_sentence), self._small)
        best = max(votes, key=votes.__getitem__, default=language)
        plain = votes.get(best, 0) >= max(_FEWEST_FOR_SENTENCE, 2 * votes.get(language, 0))
        return best if plain else language

    def _asked(self, words: list[str], text: str) -> str:
        if len(words) < _FEWEST_FOR_MODEL or not self._model:
            return self._languages[0]
        return self._model.classify(text[:_LOOKED_AT])[0]

    @cached_property
    def _model(self) -> Identifier | None:
        return load_model(self._languages)


def load_model(languages: Sequence[str]) -> Identifier | None:
    """Return py3langid's identifier for `languages`; None where it knows fewer than two of them.

    It is made anew from the restricted tables, so that the table of all 142 languages (28 MB) is given back.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    known = sorted(set(languages) & set(whole.labels))
    if len(known) < 2:  # noqa: PLR2004 - one language is no choice
        return None
    whole.set_languages(known)
    restricted: Identifier = LanguageIdentifier(
        whole.nb_ptc,
        whole.nb_pc,
        whole.nb_classes,
        whole.tk_nextmove,
        whole.tk_output,
        norm_probs=True,
        tk_row=whole.tk_row,
    )
    return restricted


def _words(folded: str) -> list[str]:
    return _WORD.findall(folded)


def _votes(words: list[str], lists: Mapping[str, frozenset[str]]) -> dict[str, int]:
    return {code: sum(map(members.__contains__, words)) for code, members in lists.items()}


def _clear(votes: Mapping[str, int]) -> str | None:
    ranked = sorted(votes.values(), reverse=True)
    if not ranked or not ranked[0] or (len(ranked) > 1 and ranked[0] < _CLEAR_RATIO * ranked[1]):
        return None
    return max(votes, key=votes.__getitem__)


def _distinct(lists: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    """Leave to each language the words that no other one has."""
    return {
        code: frozenset(words.difference(*(other for name, other in lists.items() if name != code)))
        for code, words in lists.items()
    }
