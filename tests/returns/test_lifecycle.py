"""The life of a return: any order of arrival gives the same state."""

from datetime import datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.i18n import translations
from feedback_service.returns.lifecycle import CONFLICTS, ENDS, STEPS, Happening, standing
from feedback_service.returns.models import ReturnState
from tests.support.builders import NOW

S = ReturnState


def _at(hour: int) -> datetime:
    return NOW + timedelta(hours=hour)


def _story(*kinds: ReturnState) -> list[Happening]:
    return [Happening(kind, _at(hour), f"e{hour}") for hour, kind in enumerate(kinds)]


_happenings = st.lists(
    st.builds(
        Happening,
        st.sampled_from(list(S)),
        st.integers(0, 6).map(_at),
        st.sampled_from("abcdefgh"),
    ),
    unique_by=lambda event: event.key,
)


@given(_happenings, st.randoms())
def test_state_is_the_same_in_any_order_of_arrival_and_with_repetitions(
    events: list[Happening],
    random: Random,
) -> None:
    shuffled = events + [event for event in events if random.random() < 0.5]
    random.shuffle(shuffled)
    assert standing(shuffled, NOW) == standing(events, NOW)


@given(_happenings)
def test_state_follows_from_the_events_that_are_no_conflict(events: list[Happening]) -> None:
    now = standing(events, NOW)
    fitting = [event for event in events if event.key not in now.conflicts]
    again = standing(fitting, NOW)
    assert again.conflicts == {}
    assert (again.state, again.state_at, again.closed_at) == (now.state, now.state_at, now.closed_at)
    assert (now.closed_at is not None) == (now.state in ENDS)


@given(_happenings)
def test_at_most_one_kind_of_end_is_believed(events: list[Happening]) -> None:
    now = standing(events, NOW)
    assert len({event.kind for event in events if event.kind in ENDS and event.key not in now.conflicts}) <= 1


def test_a_return_without_events_is_requested() -> None:
    now = standing([], NOW)
    assert (now.state, now.state_at, now.closed_at, now.flag) == (S.REQUESTED, NOW, None, "")


@pytest.mark.parametrize("count", range(1, 6))
def test_each_step_is_a_state(count: int) -> None:
    now = standing(_story(*STEPS[:count]), NOW)
    assert (now.state, now.state_at) == (STEPS[count - 1], _at(count - 1))


def test_receiving_is_not_refunding() -> None:
    now = standing(_story(S.REQUESTED, S.RECEIVED), NOW)
    assert (now.state, now.received_at, now.closed_at) == (S.RECEIVED, _at(1), None)


def test_a_refund_without_a_receipt_is_a_refund() -> None:
    now = standing(_story(S.REQUESTED, S.REFUNDED), NOW)
    assert (now.state, now.closed_at, now.received_at, now.conflicts) == (S.REFUNDED, _at(1), None, {})


def test_a_parcel_may_come_in_after_its_refund() -> None:
    now = standing(_story(S.REFUNDED, S.RECEIVED), NOW)
    assert (now.state, now.closed_at, now.received_at, now.conflicts) == (S.REFUNDED, _at(0), _at(1), {})


def test_two_part_refunds_fit_and_the_first_closes() -> None:
    now = standing(_story(S.RECEIVED, S.REFUNDED, S.REFUNDED), NOW)
    assert (now.closed_at, now.conflicts) == (_at(1), {})


def test_received_after_rejected_is_a_contradiction() -> None:
    now = standing(_story(S.REQUESTED, S.REJECTED, S.RECEIVED), NOW)
    assert now.state is S.REJECTED
    assert now.conflicts == {"e2": "It is said to be received, but it was rejected before."}
    assert now.flag == "It is said to be received, but it was rejected before."


def test_rejected_after_received_fits() -> None:
    assert standing(_story(S.RECEIVED, S.REJECTED), NOW).conflicts == {}


def test_days_without_hours_are_read_in_the_order_of_the_steps() -> None:
    events = [Happening(kind, NOW, kind.value) for kind in (S.REJECTED, S.RECEIVED, S.APPROVED)]
    now = standing(events, NOW)
    assert (now.state, now.conflicts) == (S.REJECTED, {})


@pytest.mark.parametrize("pair", CONFLICTS, ids=[f"{a.value}-{b.value}" for a, b in CONFLICTS])
def test_each_contradiction_has_its_sentence_in_french_too(pair: tuple[ReturnState, ReturnState]) -> None:
    sentence = standing(_story(*pair), NOW).flag
    assert sentence == CONFLICTS[pair]
    assert translations("fr").gettext(sentence) != sentence


def test_every_two_different_ends_contradict_each_other() -> None:
    assert set(permutations(ENDS, 2)) <= set(CONFLICTS)
