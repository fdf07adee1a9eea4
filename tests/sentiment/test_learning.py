"""A shop's own texts: what makes them enough, and when what they taught is used."""

import random
from dataclasses import replace

import pytest

from feedback_service.sentiment.judgement import Label
from feedback_service.sentiment.learning import FEWEST, Figures, Lesson, area_under_curve, enough, learn
from feedback_service.sentiment.scorer import Scorer

SCORER = Scorer(("fr",))
# Words that mean nothing elsewhere: only this shop's customers know that a "zigouigoui" that "frouille" is broken.
BAD = ("le zigouigoui frouille", "mon zigouigoui est tout frouillé", "encore un bidule qui frouille", "ça frouille")
GOOD = ("le zigouigoui tournicote", "mon bidule tournicote", "zigouigoui qui tournicote", "ça tournicote")
AROUND = ("depuis lundi", "chez nous", "dans la cuisine", "sur la table", "au salon", "ce matin", "à la maison")


def lessons(count: int, *, seed: int = 1) -> list[Lesson]:
    chooser = random.Random(seed)  # noqa: S311 - texts, not secrets
    return [
        Lesson(f"{chooser.choice(BAD if at % 3 == 0 else GOOD)} {chooser.choice(AROUND)} {at}", at % 3 == 0)
        for at in range(count)
    ]


def test_a_shop_teaches_the_words_that_only_its_customers_use() -> None:
    learned = learn(lessons(120), SCORER)
    assert learned.figures.is_better
    assert learned.figures.base_auc < 0.6
    assert learned.figures.auc > 0.95
    text = "Le bidule du salon frouille."
    assert SCORER.score(text).label is not Label.NEGATIVE
    judged = Scorer(("fr",), local=learned.model).score(text)
    assert judged.label is Label.NEGATIVE
    assert "frouille" in [part.text for part in judged.evidence]


def test_what_the_base_knows_is_not_made_worse() -> None:
    local = Scorer(("fr",), local=learn(lessons(120), SCORER).model)
    assert local.score("Arnaque, jamais reçu mon colis, à fuir !").label is Label.NEGATIVE
    assert local.score("Parfait, livraison rapide, je recommande.").label is Label.POSITIVE


def test_ratings_that_follow_no_text_teach_nothing() -> None:
    chooser = random.Random(3)  # noqa: S311 - texts, not secrets
    noise = [
        Lesson(f"{chooser.choice(GOOD)} {chooser.choice(AROUND)} {at}", chooser.random() < 0.4) for at in range(120)
    ]
    assert not learn(noise, SCORER).figures.is_better


@pytest.mark.parametrize(
    ("good", "bad", "is_enough"),
    [
        pytest.param(50, 12, True, id="enough"),
        pytest.param(FEWEST - 13, 12, False, id="too few in all"),
        pytest.param(500, 11, False, id="too few complaints"),
        pytest.param(11, 500, False, id="too little praise"),
        pytest.param(0, 0, False, id="nothing"),
    ],
)
def test_few_texts_are_not_enough(good: int, bad: int, is_enough: bool) -> None:  # noqa: FBT001 - the table's column
    some = [Lesson(str(at), at < bad) for at in range(good + bad)]
    assert enough(some) is is_enough


def test_it_is_used_only_where_it_ranks_better_and_is_no_less_sure() -> None:
    figures = Figures(lessons=100, negatives=30, base_auc=0.9, auc=0.95, base_loss=0.4, loss=0.3, loss_error=0.04)
    assert figures.is_better
    assert not replace(figures, auc=0.89).is_better
    assert not replace(figures, loss=0.41).is_better
    assert not replace(figures, loss_error=0.06).is_better


def test_area_under_curve_counts_pairs_in_the_right_order() -> None:
    assert area_under_curve([3, 2, 1], [True, True, False]) == 1
    assert area_under_curve([1, 2, 3], [True, True, False]) == 0
    assert area_under_curve([1, 1], [True, False]) == 0.5
    assert area_under_curve([1, 2], [True, True]) == 0.5
