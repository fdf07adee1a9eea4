"""Whatever colour a shop has, what is written in it can be read (WCAG 2.2, 1.4.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.shops.contrast import (
    DARK_GROUNDS,
    DEFAULT,
    LIGHT_GROUNDS,
    checked_colour,
    mixed,
    palette,
    ratio,
)

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("#000000", "#ffffff", 21.0, id="black on white"),
        pytest.param("#777777", "#ffffff", 4.48, id="the grey that just fails"),
        pytest.param("#767676", "#ffffff", 4.54, id="the grey that just passes"),
        pytest.param("#ff0000", "#ffffff", 4.0, id="red"),
        pytest.param("#1d5c4a", "#1d5c4a", 1.0, id="none"),
    ],
)
def test_contrast_is_that_of_the_standard(one: str, other: str, expected: float) -> None:
    assert ratio(one, other) == ratio(other, one) == pytest.approx(expected, abs=0.01)


@given(colour=colours)
def test_every_colour_is_made_readable_on_light_and_on_dark(colour: str) -> None:
    made = palette(colour)
    assert min(ratio(made.accent, ground) for ground in (*LIGHT_GROUNDS, made.tint)) >= 4.5
    assert min(ratio(made.accent_dark, ground) for ground in (*DARK_GROUNDS, made.tint_dark)) >= 4.5
    assert ratio(made.accent, made.on_accent) >= 4.5
    assert ratio(made.accent_dark, made.on_accent_dark) >= 4.5
    assert made.brand == colour


@given(colour=colours)
def test_a_colour_that_can_be_read_stays_as_it_is(colour: str) -> None:
    made = palette(colour)
    if min(ratio(colour, ground) for ground in (*LIGHT_GROUNDS, made.tint)) >= 4.5:
        assert not made.is_adjusted
    else:
        assert made.is_adjusted


def test_without_a_colour_of_its_own_a_shop_has_ours() -> None:
    made = palette()
    assert (made.accent, made.accent_dark) == (DEFAULT, "#8fd0ba")


def test_a_mixture_lies_between() -> None:
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"


@pytest.mark.parametrize("value", ["#1D5C4A", "1d5c4a", " #1d5c4a "])
def test_a_colour_is_read_as_people_write_it(value: str) -> None:
    assert checked_colour(value) == "#1d5c4a"


def test_three_digits_are_doubled() -> None:
    assert checked_colour("#1af") == "#11aaff"


@pytest.mark.parametrize("value", ["green", "#12345", "#12345g", "rgb(1,2,3)", "#fff;}", "#１２３４５６"])
def test_what_is_no_colour_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="is not a colour like #1d5c4a"):
        checked_colour(value)
