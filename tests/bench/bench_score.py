"""Texts judged per second against plain VADER, and whether the cost stays linear: `python -m tests.bench.bench_score`.

Prints one JSON object; times are processor time, the best of three runs. The texts are written here and English,
the only language that VADER knows.
"""

import json
import random
import time
from collections.abc import Callable

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from feedback_service.sentiment.scorer import Scorer

SENTENCES = (
    "I ordered the blue lamp two weeks ago and it still has not arrived.",
    "The website is easy to use and the prices are fair.",
    "Nobody answered my three emails, which is really disappointing.",
    "The fabric feels soft, but one of the buttons was missing!",
    "My sister bought the same one last year and she is very happy with it.",
    "The box had been opened and the glass was broken.",
    "Delivery took four days, as promised, and the driver was friendly.",
    "I am still waiting for my refund, although they told me that it was on its way.",
    "It is a small shop near the station and they open at nine.",
    "Not bad at all for the price, I would buy it again.",
    "The manual is only in German, so we had to look for a video.",
    "Customer service replaced the part within a day, thank you!",
)
AMOUNT = {100: 300, 2_000: 6}
LIMIT = 12.0


def text_of(words: int, seed: int) -> str:
    """Return a text of about `words` words."""
    chooser = random.Random(seed)  # noqa: S311 - texts, not secrets
    parts: list[str] = []
    count = 0
    while count < words:
        parts.append(chooser.choice(SENTENCES))
        count += len(parts[-1].split())
    return " ".join(parts)


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
    scorer.score("warm up, please")
    figures: dict[str, float] = {}
    for words, amount in AMOUNT.items():
        texts = [text_of(words, seed) for seed in range(amount)]
        ours = seconds(scorer.score, texts)
        theirs = seconds(vader.polarity_scores, texts, runs=1)
        figures[f"texts_per_second_{words}_words"] = round(amount / ours, 1)
        figures[f"vader_texts_per_second_{words}_words"] = round(amount / theirs, 1)
        figures[f"times_vader_{words}_words"] = round(theirs / ours, 2)
    short, long = text_of(5_000, 1), text_of(50_000, 2)
    figures["cost_of_ten_times_the_length"] = round(seconds(scorer.score, [long]) / seconds(scorer.score, [short]), 2)
    figures["seconds_50_000_words"] = round(seconds(scorer.score, [long]), 3)
    print(json.dumps(figures, indent=2))
    if figures["cost_of_ten_times_the_length"] > LIMIT:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
