"""Lessons: who says whether a text is negative, whose word wins, and which texts say neither."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from feedback_service.db import Database
from feedback_service.learning.lessons import shop_lessons
from feedback_service.mentions.models import Verdict
from feedback_service.sentiment.learning import (
    FEWEST,
    FEWEST_OF_A_KIND,
    Lesson,
    are_enough,
    area_under_curve,
    enough,
    learn,
)
from feedback_service.sentiment.scorer import Scorer
from feedback_service.shops.models import Shop
from tests.support.builders import make_shop
from tests.support.lessons import empty_lessons, telling_lessons
from tests.support.stories import make_mention, make_source
from tests.support.voices import make_answer


def lessons_of_a_mention(session: Session, text: str = "Ma lampe vrombit", **values: Any) -> list[Lesson]:  # noqa: ANN401 - any column
    shop = make_shop(session)
    make_mention(session, make_source(session, shop), text, **values)
    return shop_lessons(session, shop.id)


def answers(session: Session, *said: tuple[int, str | None]) -> list[Lesson]:
    shop: Shop = make_shop(session)
    for rating, text in said:
        make_answer(session, shop, rating, text=text)
    return shop_lessons(session, shop.id)


@pytest.mark.parametrize(("rating", "is_negative"), [(1, True), (2, True), (3, None), (4, False), (5, False)], ids=str)
def test_the_rating_of_an_answer_says_what_its_text_is_and_three_stars_say_neither(
    database: Database, rating: int, is_negative: object
) -> None:
    with database.writing() as session:
        found = answers(session, (rating, "Ma lampe vrombit"))
    assert [(one.text, one.is_negative) for one in found] == (
        [] if is_negative is None else [("Ma lampe vrombit", is_negative)]
    )


def test_an_answer_without_words_teaches_nothing(database: Database) -> None:
    with database.writing() as session:
        assert answers(session, (1, None), (1, ""), (1, " \n")) == []


@pytest.mark.parametrize(
    ("rating", "best", "is_negative"),
    [
        pytest.param(1, 5, True, id="one_of_five"),
        pytest.param(3, 5, None, id="three_of_five"),
        pytest.param(9, 10, False, id="nine_of_ten"),
        pytest.param(2, 10, True, id="two_of_ten"),
        pytest.param(None, None, None, id="no_rating"),
    ],
)
def test_a_review_is_read_on_its_own_scale(
    database: Database, rating: float | None, best: float | None, is_negative: object
) -> None:
    with database.writing() as session:
        found = lessons_of_a_mention(session, rating=rating, best_rating=best)
    assert [one.is_negative for one in found] == ([] if is_negative is None else [is_negative])


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        pytest.param(Verdict.COMPLAINT, [(True, 3.0)], id="complaint"),
        pytest.param(Verdict.NOT_NEGATIVE, [(False, 3.0)], id="not_negative"),
        pytest.param(Verdict.NOT_US, [], id="not_us_says_nothing_of_the_tone"),
    ],
)
def test_a_verdict_wins_over_the_rating_and_weighs_more(
    database: Database, verdict: Verdict, expected: list[tuple[bool, float]]
) -> None:
    with database.writing() as session:
        found = lessons_of_a_mention(session, rating=1, best_rating=5, verdict=verdict)
    assert [(one.is_negative, one.importance) for one in found] == expected


def test_the_same_text_twice_is_one_lesson_and_the_verdict_on_it_wins(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_answer(session, shop, 1, text="Ma lampe vrombit !")
        make_answer(session, shop, 1, text="ma lampe  VROMBIT")
        make_mention(session, make_source(session, shop), "Ma lampe vrombit.", verdict=Verdict.NOT_NEGATIVE)
        assert shop_lessons(session, shop.id) == [Lesson("Ma lampe vrombit.", is_negative=False, importance=3.0)]


def test_another_shops_texts_teach_nothing_here(database: Database) -> None:
    with database.writing() as session:
        shop, other = make_shop(session), make_shop(session, slug="other")
        make_answer(session, other, 1, text="Ma lampe vrombit")
        make_mention(session, make_source(session, other), verdict=Verdict.COMPLAINT)
        assert shop_lessons(session, shop.id) == []


@pytest.mark.parametrize(
    ("lessons", "negatives", "expected"),
    [
        pytest.param(FEWEST, FEWEST_OF_A_KIND, True, id="just_enough"),
        pytest.param(FEWEST - 1, 30, False, id="one_text_short"),
        pytest.param(FEWEST, FEWEST_OF_A_KIND - 1, False, id="one_complaint_short"),
        pytest.param(FEWEST, FEWEST - FEWEST_OF_A_KIND + 1, False, id="one_other_short"),
        pytest.param(0, 0, False, id="none"),
    ],
)
def test_both_kinds_must_be_there(lessons: int, negatives: int, expected: object) -> None:
    assert are_enough(lessons, negatives) is expected
    assert enough([Lesson(str(number), number < negatives) for number in range(lessons)]) is expected


def test_words_of_the_shops_own_are_learned_and_judge_better() -> None:
    learned = learn(telling_lessons(80), Scorer())
    assert learned.figures.is_better
    assert learned.figures.auc > 0.95 > learned.figures.base_auc
    assert learned.figures.loss < learned.figures.base_loss
    text = "Ma guirlande grisouille"
    assert Scorer(local=learned.model).score(text).negative > Scorer().score(text).negative + 0.2


def test_ratings_without_a_pattern_are_not_called_better() -> None:
    assert not learn(empty_lessons(), Scorer()).figures.is_better


@pytest.mark.parametrize(
    ("values", "truths", "area"),
    [
        pytest.param([0.1, 0.9], [False, True], 1.0, id="right"),
        pytest.param([0.9, 0.1], [False, True], 0.0, id="wrong"),
        pytest.param([0.5, 0.5], [False, True], 0.5, id="tie"),
        pytest.param([0.1, 0.2, 0.2, 0.3], [False, True, False, True], 0.875, id="half_a_tie"),
        pytest.param([0.1, 0.2], [True, True], 0.5, id="one_kind"),
        pytest.param([], [], 0.5, id="none"),
    ],
)
def test_the_area_is_the_share_of_pairs_in_the_right_order(
    values: list[float], truths: list[bool], area: float
) -> None:
    assert area_under_curve(values, truths) == area
