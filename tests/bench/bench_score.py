"""Texts judged per second against plain VADER, and whether the cost stays linear: `python -m tests.bench.bench_score`.

Prints one JSON object; times are processor time, the best of three runs. The texts are those of the corpus, cut to
length; VADER knows English only, and reads the French ones faster for finding next to nothing in them. Ends with
status 1 where a limit is passed that does not depend on how fast the machine is.
"""

import json
import random
import time
from collections.abc import Callable

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from feedback_service.sentiment.scorer import Scorer
from feedback_service.sentiment.training import read_corpus

AMOUNT = {100: 300, 5_000: 4}
LANGUAGES = ("en", "fr")
TEN_TIMES_AT_MOST = 12.0
HARD = {
    "one_word": "a" * 100_000,
    "no_space": "jamaisreçu" * 10_000,
    "emoji": "😡👍" * 50_000,
    "nested_quotes": ">" * 100_000,
    "half_tags": "<a " * 33_000,
    "mixed_scripts": "été 日本 мир " * 9_000,
    "negators": "pas jamais rien " * 6_000,
    "complaints": "jamais reçu, aucune réponse. " * 3_400,
}


def words_of(language: str, seed: int) -> list[str]:
    """Return the words of the corpus of a language, text after text, in an order that depends on `seed`."""
    texts = [written.text for written in read_corpus(language)]
    random.Random(seed).shuffle(texts)  # noqa: S311 - texts, not secrets
    return " ".join(texts).split()


def cut(words: list[str], length: int, amount: int) -> list[str]:
    """Return up to `amount` texts of `length` words."""
    starts = range(0, min(len(words) - length, amount * length), length)
    return [" ".join(words[start : start + length]) for start in starts]


def seconds(judge: Callable[[str], object], texts: list[str], runs: int = 3) -> float:
    """Return the processor time of judging all `texts`, the best of `runs`."""
    best = float("inf")
    for _ in range(runs):
        started = time.process_time()
        for text in texts:
            judge(text)
        best = min(best, time.process_time() - started)
    return best


def main() -> None:
    """Measure and print."""
    scorer, vader = Scorer(("fr", "en")), SentimentIntensityAnalyzer()
    scorer.score("Warm up, please: qwx zrt plk mnv.")
    figures: dict[str, float] = {}
    for language in LANGUAGES:
        words = words_of(language, 1)
        for length, amount in AMOUNT.items():
            texts = cut(words, length, amount)
            ours, theirs = seconds(scorer.score, texts), seconds(vader.polarity_scores, texts, runs=1)
            figures[f"{language}_{length}_words_texts_per_second"] = round(len(texts) / ours, 1)
            figures[f"{language}_{length}_words_times_vader"] = round(theirs / ours, 2)
    words = words_of("en", 2)
    words = (words * (100_000 // len(words) + 1))[:100_000]
    costs = [seconds(scorer.score, [" ".join(words[:length])]) for length in (1_000, 10_000, 100_000)]
    figures["cost_of_ten_times_1_000_words"] = round(costs[1] / costs[0], 2)
    figures["cost_of_ten_times_10_000_words"] = round(costs[2] / costs[1], 2)
    for name, text in HARD.items():
        figures[f"milliseconds_100_000_characters_{name}"] = round(1_000 * seconds(scorer.score, [text]), 1)
    print(json.dumps(figures, indent=2))
    tens = [value for name, value in figures.items() if name.startswith("cost_of_ten")]
    if max(tens) > TEN_TIMES_AT_MOST:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
