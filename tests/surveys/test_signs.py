"""Signs of a machine (R31) and the signed stamp of the form."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.surveys.signs import LABELS, Flag, Signs, flags, read_stamp, stamp
from tests.support.builders import NOW, SECRET


def test_stamp_gives_back_its_instant() -> None:
    assert read_stamp(SECRET, "token", stamp(SECRET, "token", NOW)) == NOW


@pytest.mark.parametrize("change", ["", "1", "x.y", "9999999999999.abc", "."])
def test_forged_stamp_is_none(change: str) -> None:
    assert read_stamp(SECRET, "token", change) is None


def test_stamp_of_another_survey_is_none() -> None:
    assert read_stamp(SECRET, "other", stamp(SECRET, "token", NOW)) is None


@given(st.text())
def test_any_text_may_stand_in_place_of_the_stamp(value: str) -> None:
    assert read_stamp(SECRET, "token", value) is None


@pytest.mark.parametrize(
    ("signs", "since_mail", "found"),
    [
        pytest.param(Signs(NOW - timedelta(seconds=20), hidden_field=False), 3600, [], id="a person"),
        pytest.param(Signs(NOW - timedelta(seconds=1), hidden_field=False), 3600, [Flag.TOO_FAST], id="one second"),
        pytest.param(Signs(None, hidden_field=False), 3600, [Flag.NO_PAGE], id="no page"),
        pytest.param(Signs(NOW - timedelta(seconds=9), hidden_field=True), 60, [Flag.HIDDEN_FIELD], id="hidden field"),
        pytest.param(
            Signs(NOW - timedelta(seconds=1), hidden_field=True),
            4,
            [Flag.SOON_AFTER_MAIL, Flag.TOO_FAST, Flag.HIDDEN_FIELD],
            id="a scanner",
        ),
    ],
)
def test_signs_become_flags(signs: Signs, since_mail: int, found: list[Flag]) -> None:
    assert flags(signs, NOW - timedelta(seconds=since_mail), NOW) == found


def test_every_flag_has_words_for_staff() -> None:
    assert set(LABELS) == set(Flag)
