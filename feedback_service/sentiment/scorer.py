"""The scorer: text in, judgement with its reasons out.

The steps: blank what is not the author's -> fold -> language -> sentences -> hits of each sentence -> balance ->
what the shop's own texts taught -> label. Data files are read when a scorer is made.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter

from feedback_service.folding import fold
from feedback_service.sentiment.base import load_base
from feedback_service.sentiment.cleaning import clean
from feedback_service.sentiment.combining import balance, label_of
from feedback_service.sentiment.judgement import Evidence, GraveWord, Judgement, Label, SentenceScore
from feedback_service.sentiment.language import LanguageFinder
from feedback_service.sentiment.lexicon import languages as languages_with_data
from feedback_service.sentiment.lexicon import load_lexicon
from feedback_service.sentiment.linear import LinearModel, sigmoid
from feedback_service.sentiment.markers import Topic
from feedback_service.sentiment.reading import Hits, Passage, Reader, Span
from feedback_service.sentiment.sentences import sentences

_TELLING = 0.5  # Logits by which the shop's own texts must move a judgement to be named as a reason.
_LEAST_LEARNED = 0.08
_LEARNED_WEIGHT = 4.0  # From logits to the scale of the rules' weights.
_MOST_LEARNED = 4
_SHORTEST_WORD = 3


@dataclass(frozen=True, slots=True)
class _Part:
    """Sentences in one language that follow each other."""

    language: str
    spans: list[Span]
    passage: Passage


class Scorer:
    """Judges texts in the languages of a shop. Safe to share between threads; never raises on a text."""

    def __init__(self, languages: Sequence[str] = ("fr", "en"), local: LinearModel | None = None) -> None:
        """Limit the choice to `languages` (ISO 639-1); those without a data file are judged by their emoji alone.

        `local` is what the shop's own rated texts taught (`learning`); None for the base alone.
        """
        self._languages = tuple(dict.fromkeys(map(_primary, languages))) or ("en",)
        self._local = local
        lexicons = {code: load_lexicon(code) for code in self._languages if code in languages_with_data()}
        self._finder = LanguageFinder(self._languages, lexicons)

    def score(self, text: str, language: str | None = None) -> Judgement:
        """Judge `text`; `language` ("fr", "fr-CA") saves the search for it. Offsets are those of `text`."""
        parts = self._parts(text, language)
        hits = [found for part in parts for found in part.passage.read()]
        scores = [sum([weight for _, _, weight in found]) for found in hits]
        spoken = _most_written(parts)
        value = base_value = _base_logit(spoken, parts, scores)
        if self._local is not None:
            value = self._local.on_top_of(base_value, _words(parts))
        negative = sigmoid(value)
        label = label_of(negative)
        said = [hit for found in hits for hit in found]
        if label is Label.NEGATIVE and (value > base_value + _TELLING or not any(weight < 0 for _, _, weight in said)):
            said = sorted([*said, *_learned_hits(parts, said, self._local)])
        return Judgement(
            language=spoken,
            label=label,
            negative=round(negative, 4),
            evidence=tuple([Evidence(a, b, text[a:b], round(weight, 2)) for a, b, weight in said]),
            sentences=_sentences(parts, scores),
            topics=_topics(parts),
            grave=_grave(text, parts) if label is not Label.POSITIVE else (),
        )

    def words_and_logit(self, text: str) -> tuple[list[str], float]:
        """Return the plain words of `text` and the logit of the base scorer that it is negative, to learn from."""
        parts = self._parts(text, None)
        scores = [sum([weight for _, _, weight in found]) for part in parts for found in part.passage.read()]
        return _words(parts), _base_logit(_most_written(parts), parts, scores)

    def _parts(self, text: str, language: str | None) -> list[_Part]:
        cleaned = clean(text)
        folded = fold(cleaned)
        spans = sentences(cleaned)
        spoken = _primary(language) if language else self._finder.find(folded, cleaned)
        whole = _Part(spoken, spans, _reader(spoken).passage(cleaned, folded, spans))
        if language or not self._finder.is_mixed(whole.passage.words, spoken):
            return [whole]
        each = [(self._finder.of_sentence(folded[start:end], spoken), (start, end)) for start, end in spans]
        runs = [(code, [span for _, span in run]) for code, run in groupby(each, key=itemgetter(0))]
        return [_Part(code, run, _reader(code).passage(cleaned, folded, run)) for code, run in runs]


@cache
def _reader(language: str) -> Reader:
    return Reader(load_lexicon(language if language in languages_with_data() else "emoji"))


def _base_logit(language: str, parts: list[_Part], scores: list[float]) -> float:
    """Return the logit that the text is negative: its rules, and what the language of each part learned of words."""
    learned = 0.0
    count = sum([len(part.passage.words) for part in parts]) or 1
    for part in parts:
        model = load_base(part.language).model
        if model is not None:
            learned += model.value(part.passage.words) * len(part.passage.words) / count
    return load_base(language).calibration.logit(balance(scores), learned)


def _words(parts: list[_Part]) -> list[str]:
    return parts[0].passage.words if len(parts) == 1 else [word for part in parts for word in part.passage.words]


def _primary(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].strip().lower()


def _most_written(parts: list[_Part]) -> str:
    if len(parts) == 1:
        return parts[0].language
    letters: Counter[str] = Counter()
    for part in parts:
        letters[part.language] += sum(end - start for start, end in part.spans)
    return max(letters, key=letters.__getitem__)


def _learned_hits(parts: list[_Part], said: Hits, local: LinearModel | None) -> Hits:
    """Return the words that made a text negative by what was learned, where no rule names them: the weightiest few."""
    taken = {place for start, end, _ in said for place in range(start, end)}
    found: Hits = []
    for part in parts:
        base = load_base(part.language)
        models = [(model, share) for model, share in ((base.model, base.calibration.share), (local, 1.0)) if model]
        words = part.passage.words
        weights = [[share * weight for weight in model.contributions(words)] for model, share in models]
        for (start, end), *values in zip(part.passage.places(), *weights, strict=True):
            if sum(values) >= _LEAST_LEARNED and start not in taken and end - start >= _SHORTEST_WORD:
                found.append((start, end, -_LEARNED_WEIGHT * sum(values)))
    return sorted(found, key=itemgetter(2))[:_MOST_LEARNED]


def _sentences(parts: list[_Part], scores: list[float]) -> tuple[SentenceScore, ...]:
    each = [(start, end, part.language) for part in parts for start, end in part.spans]
    return tuple([SentenceScore(*where, score) for where, score in zip(each, scores, strict=True)])


def _topics(parts: list[_Part]) -> tuple[Topic, ...]:
    counts = Counter([topic for part in parts for topic in part.passage.topics()])
    return tuple([topic for topic, _ in counts.most_common()])


def _grave(text: str, parts: list[_Part]) -> tuple[GraveWord, ...]:
    found = [word for part in parts for word in part.passage.grave()]
    return tuple([GraveWord(start, end, text[start:end], kind) for start, end, kind in found])
