"""Floors of what docs/sentiment.md reports, on real texts that stay outside the project."""

import json
from pathlib import Path

import pytest

from feedback_service.sentiment.judgement import Label
from feedback_service.sentiment.scorer import Scorer

FLOORS = {
    "cdiscount_dev.fr": 0.965,
    "allocine_series.fr": 0.91,
    "cls_amazon_books.fr": 0.90,
    "restaurant_sent.en": 0.94,
    "amazon_sdcard.en": 0.92,
    "womens_clothing.en": 0.88,
    "vader_amazon.en": 0.84,
}


def area_under_curve(scores: list[float], truths: list[bool]) -> float:
    """Return the chance that a negative text scores above another one (ties count half)."""
    ranked = sorted(zip(scores, truths, strict=True))
    rank_sum, place = 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        rank_sum += sum(truth for _, truth in ranked[place:end]) * (place + 1 + end) / 2
        place = end
    negatives = sum(truths)
    return (rank_sum - negatives * (negatives + 1) / 2) / (negatives * (len(truths) - negatives))


def rows(shared: Path, name: str) -> list[dict[str, str]]:
    lines = (shared / "data" / "sentiment" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.shared
@pytest.mark.parametrize(("name", "floor"), FLOORS.items(), ids=FLOORS.keys())
def test_real_texts_are_ranked_at_least_so_well(shared: Path, name: str, floor: float) -> None:
    scorer, texts = Scorer(), rows(shared, name)
    scores = [scorer.score(row["text"]).negative for row in texts]
    assert area_under_curve(scores, [row["label"] == "neg" for row in texts]) >= floor


@pytest.mark.shared
def test_the_label_finds_complaints_about_a_shop(shared: Path) -> None:
    scorer, texts = Scorer(), rows(shared, "cdiscount_dev.fr")
    said = [scorer.score(row["text"]).label is Label.NEGATIVE for row in texts]
    truth = [row["label"] == "neg" for row in texts]
    hits = sum(a and b for a, b in zip(said, truth, strict=True))
    assert 2 * hits / (sum(said) + sum(truth)) >= 0.78
