"""In which of a shop's languages a text is written.

Small words decide nearly always ("the", "est", "nicht"); where they do not, words that only one language knows; the
model of py3langid is asked last and loaded then, because it takes about 70 MB. Reviews are short and hurried, and
unrestricted identification is wrong on them far more often: the choice is limited to the languages given.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol

from feedback_service.sentiment.lexicon import Lexicon

_WORD = re.compile(r"[^\W\d_]+")
_FIRST_LOOK = 150
_ENOUGH_VOTES = 5
_LOOKED_AT = 3_000
_CLEAR_RATIO = 1.5
_FEWEST_FOR_MODEL = 4
_FEWEST_FOR_SENTENCE = 3
_MIXED_SHARE = 0.1
_NOTHING: frozenset[str] = frozenset()


class Identifier(Protocol):
    """What is asked when words do not decide."""

    def classify(self, text: str) -> tuple[str, float]:
        """Return a language code and how sure it is (0-1)."""


class LanguageFinder:
    """Finds the language among those given; the first one where nothing tells."""

    def __init__(self, languages: Sequence[str], lexicons: Mapping[str, Lexicon]) -> None:
        self._languages = tuple(languages)
        self._small = _owners({code: lexicon.common for code, lexicon in lexicons.items()})
        self._others = {
            language: frozenset(word for word, owner in self._small.items() if owner != language)
            for language in self._languages
        }
        self._known = _owners({code: lexicon.known_words() for code, lexicon in lexicons.items()})

    def find(self, folded: str, text: str) -> str:
        """Return the language in which a text begins, and so most likely goes on."""
        if len(self._languages) == 1:
            return self._languages[0]
        votes = _votes(_words(folded[:_FIRST_LOOK]), self._small)
        clear = _clear(votes) if votes.total() >= _ENOUGH_VOTES else None
        if clear:
            return clear
        words = _words(folded[:_LOOKED_AT])
        return _clear(_votes(words, self._small)) or _clear(_votes(words, self._known)) or self._asked(words, text)

    def is_mixed(self, words: list[str], language: str) -> bool:
        """Tell whether sentences of another language seem to stand among the folded `words` of a text."""
        # Most texts end here: it costs less than to count them all.
        if len(self._others.get(language, _NOTHING).intersection(words)) < _FEWEST_FOR_SENTENCE - 1:
            return False
        votes = _votes(words, self._small)
        others = votes.total() - votes[language]
        return others >= max(_FEWEST_FOR_SENTENCE, _MIXED_SHARE * votes.total())

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


def _votes(words: list[str], owners: Mapping[str, str]) -> Counter[str]:
    """Return how many of the words each language owns."""
    return Counter(filter(None, map(owners.get, words)))


def _clear(votes: Mapping[str, int]) -> str | None:
    ranked = sorted(votes.values(), reverse=True)
    if not ranked or not ranked[0] or (len(ranked) > 1 and ranked[0] < _CLEAR_RATIO * ranked[1]):
        return None
    return max(votes, key=votes.__getitem__)


def _owners(lists: Mapping[str, set[str]]) -> dict[str, str]:
    """Return the language of each word that only one of them has."""
    known = Counter(word for words in lists.values() for word in words)
    return {word: code for code, words in lists.items() for word in words if known[word] == 1}
