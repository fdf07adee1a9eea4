"""Floors of what docs/sentiment.md reports, on real texts that stay outside the project."""

import json
from pathlib import Path

import pytest

from feedback_service.sentiment.learning import Lesson, area_under_curve, learn
from feedback_service.sentiment.scorer import Scorer
from tests.bench.figures_sentiment import Judged, auc, calibration_error, judged

FLOORS = {
    "cdiscount_dev.fr": 0.97,
    "allocine_series.fr": 0.93,
    "cls_amazon_books.fr": 0.92,
    "tweets_tyqiangz.fr": 0.76,
    "vader_amazon.en": 0.84,
    "airline_tweets.en": 0.86,
    "womens_clothing.en": 0.89,
    "amazon_sdcard.en": 0.93,
    "restaurant_sent.en": 0.94,
    "cls_amazon_books.en": 0.88,
    "cls_amazon_books.de": 0.90,
    "tweets_tyqiangz.de": 0.77,
    "tweets_tyqiangz.es": 0.77,
    "tweets_tyqiangz.it": 0.77,
    "tweets_tyqiangz.pt": 0.77,
}
SHORT_BANDS = {"0-100": (0, 100, 0.94), "100-200": (100, 200, 0.92), "200-400": (200, 400, 0.90)}


def texts(shared: Path, name: str) -> list[Judged]:
    return judged(shared / "data" / "sentiment" / f"{name}.jsonl")


@pytest.mark.shared
@pytest.mark.parametrize(("name", "floor"), FLOORS.items(), ids=FLOORS.keys())
def test_real_texts_are_ranked_at_least_so_well(shared: Path, name: str, floor: float) -> None:
    assert auc(texts(shared, name)) >= floor


@pytest.mark.shared
@pytest.mark.parametrize(("low", "high", "floor"), SHORT_BANDS.values(), ids=SHORT_BANDS.keys())
def test_length_does_not_make_the_rank(shared: Path, low: int, high: int, floor: float) -> None:
    assert auc([text for text in texts(shared, "cdiscount_dev.fr") if low <= text.length < high]) >= floor


@pytest.mark.shared
def test_the_label_finds_complaints_about_a_shop(shared: Path) -> None:
    some = texts(shared, "cdiscount_dev.fr")
    hits = sum(text.said and text.is_negative for text in some)
    assert 2 * hits / (sum(text.said for text in some) + sum(text.is_negative for text in some)) >= 0.81


@pytest.mark.shared
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_probability_keeps_its_word(shared: Path, language: str) -> None:
    paths = sorted((shared / "data" / "sentiment").glob(f"*.{language}.jsonl"))
    assert calibration_error([text for path in paths for text in judged(path)]) <= 0.06


@pytest.mark.shared
def test_a_shop_that_learned_from_half_of_its_texts_judges_the_other_half_better(shared: Path) -> None:
    lines = (shared / "data" / "sentiment" / "cdiscount_dev.fr.jsonl").read_text(encoding="utf-8").splitlines()
    lessons = [Lesson(row["text"], row["label"] == "neg") for row in map(json.loads, lines)]
    halves = lessons[::2], lessons[1::2]
    reached = [learned_on(own, other) for own, other in (halves, halves[::-1])]
    assert sum(reached) / 2 >= 0.975


def learned_on(own: list[Lesson], other: list[Lesson]) -> float:
    """Return the AUC on `other` of a scorer that learned from `own`; it must be one that would be used."""
    learned = learn(own, Scorer(("fr",)))
    assert learned.figures.is_better
    scorer = Scorer(("fr",), local=learned.model)
    values = [scorer.score(lesson.text).negative for lesson in other]
    return area_under_curve(values, [lesson.is_negative for lesson in other])
