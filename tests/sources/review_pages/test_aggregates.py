"""When a falling average is a signal, and what is said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.items import Aggregate
from feedback_service.sources.review_pages.aggregates import fell, mean_of_new
from feedback_service.sources.wording import in_words


def stars(value: float, count: int = 0, best: float = 5.0) -> Aggregate:
    return Aggregate(value, best, count)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            stars(4.5, 100), stars(4.0, 120),
            "The average rating has fallen from 4.50 to 4.00 out of 5. The 20 new ratings average about 1.5.",
            id="many bad ones",
        ),
        pytest.param(
            stars(9.0, 100, 10.0), stars(8.6, 400, 10.0),
            "The average rating has fallen from 4.50 to 4.30 out of 5. The 300 new ratings average about 4.2.",
            id="out of ten",
        ),
        pytest.param(
            stars(4.5, 10_000), stars(4.4, 10_030), "The average rating has fallen from 4.50 to 4.40 out of 5.",
            id="too few new ones to say what they average",
        ),
        pytest.param(
            stars(4.5), stars(4.4), "The average rating has fallen from 4.50 to 4.40 out of 5.", id="no counts",
        ),
        pytest.param(
            stars(4.5, 100), stars(4.3, 90),
            "The average rating has fallen from 4.50 to 4.30 out of 5. "
            "There are no new ratings: old ones were removed, or the site counts otherwise.",
            id="fewer",
        ),
        pytest.param(stars(4.5, 100), stars(90, 105, 100.0), None, id="another scale, the same average"),
        pytest.param(stars(4.5, 100), stars(4.5, 120), None, id="as before"),
        pytest.param(stars(4.0, 100), stars(4.5, 120), None, id="risen"),
        pytest.param(stars(4.52, 100), stars(4.43, 120), None, id="less than a tenth"),
        pytest.param(stars(4.8, 5), stars(4.2, 6), None, id="one new rating, which is alerted itself"),
        pytest.param(stars(4.8, 5), stars(3.7, 7), None, id="two new ratings"),
        pytest.param(
            stars(4.8, 5), stars(3.4, 8),
            "The average rating has fallen from 4.80 to 3.40 out of 5. The 3 new ratings average about 1.1.",
            id="three new ratings",
        ),
    ],
)  # fmt: skip
def test_a_fall_is_told_when_it_says_something(before: Aggregate, after: Aggregate, expected: str | None) -> None:
    assert fell(before, after) == expected


averages = st.builds(
    Aggregate, st.floats(0, 5), st.sampled_from([5.0, 10.0, 100.0]), st.integers(min_value=0, max_value=10**9)
)


@given(averages, averages)
def test_only_a_fall_is_told_and_staff_can_read_it(before: Aggregate, after: Aggregate) -> None:
    sentence = fell(before, after)
    assert sentence is None or after.value / after.best < before.value / before.best
    if sentence:
        said = in_words(sentence, "fr")
        assert "moyenne" in said
        assert not {"The", "average", "ratings"} & set(said.split())
    mean = mean_of_new(before, after)
    assert mean is None or 0 <= mean <= 5


def test_two_falls_are_not_told_at_once_in_both_directions() -> None:
    assert fell(stars(4.5, 10), stars(4.0, 20)) is not None
    assert fell(stars(4.0, 20), stars(4.5, 10)) is None
