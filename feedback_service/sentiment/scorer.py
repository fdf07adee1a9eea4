"""The scorer: text in, judgement with its reasons out.

The steps: blank what is not the author's -> fold -> sentences -> language -> hits of each sentence -> balance -> label.
Data files are read when a scorer is made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from feedback_service.folding import fold
from feedback_service.sentiment.cleaning import clean
from feedback_service.sentiment.combining import balance, label_of, negative_share
from feedback_service.sentiment.judgement import Evidence, Judgement, SentenceScore
from feedback_service.sentiment.language import LanguageFinder
from feedback_service.sentiment.lexicon import languages as languages_with_data
from feedback_service.sentiment.lexicon import load_lexicon
from feedback_service.sentiment.reading import Reader
from feedback_service.sentiment.sentences import sentences

Hits = list[tuple[int, int, float]]


@dataclass(frozen=True, slots=True)
class _Read:
    sentence: SentenceScore
    hits: Hits


class Scorer:
    """Judges texts in the languages of a shop. Safe to share between threads; never raises on a text."""

    def __init__(self, languages: Sequence[str] = ("fr", "en")) -> None:
        """Limit the choice to `languages` (ISO 639-1); those without a data file are judged by their emoji alone."""
        self._languages = tuple(dict.fromkeys(map(_primary, languages))) or ("en",)
        lexicons = {code: load_lexicon(code) for code in self._languages if code in languages_with_data()}
        self._finder = LanguageFinder(self._languages, lexicons)

    def score(self, text: str, language: str | None = None) -> Judgement:
        """Judge `text`; `language` ("fr", "fr-CA") saves the search for it. Offsets are those of `text`."""
        cleaned = clean(text)
        read = list(self._read(cleaned, fold(cleaned), _primary(language) if language else None))
        negative = negative_share(balance([part.sentence.score for part in read]))
        return Judgement(
            language=_most_written(read) or (_primary(language) if language else self._languages[0]),
            label=label_of(negative),
            negative=round(negative, 4),
            evidence=tuple(Evidence(a, b, text[a:b], round(weight, 2)) for part in read for a, b, weight in part.hits),
            sentences=tuple(part.sentence for part in read),
        )

    def _read(self, cleaned: str, folded: str, given: str | None) -> Iterator[_Read]:
        language, mixed = (given, False) if given else self._finder.find(folded, cleaned)
        for start, end in sentences(cleaned):
            spoken = self._finder.of_sentence(folded[start:end], language) if mixed else language
            hits = _reader(spoken).read(cleaned, folded, start, end)
            yield _Read(SentenceScore(start, end, spoken, sum(weight for _, _, weight in hits)), hits)


@cache
def _reader(language: str) -> Reader:
    return Reader(load_lexicon(language if language in languages_with_data() else "emoji"))


def _primary(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].strip().lower()


def _most_written(read: list[_Read]) -> str:
    letters: dict[str, int] = {}
    for part in read:
        code = part.sentence.language
        letters[code] = letters.get(code, 0) + part.sentence.end - part.sentence.start
    return max(letters, key=letters.__getitem__, default="")
