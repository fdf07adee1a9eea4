"""How a source stands, in words, and when it is read next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources import rules
from feedback_service.sources.errors import FetchFailure, ReadFailure
from feedback_service.sources.models import UNREADABLE, SourceState

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def health(items: int | None, *days_ago: float, gap: bool = False) -> rules.Health:
    published = [NOW - timedelta(days=days) for days in days_ago]
    return rules.health_of_reading(items, published, NOW, possible_gap=gap)


def test_a_source_that_holds_nothing_is_empty() -> None:
    assert health(0).state is SourceState.EMPTY


def test_a_source_quieter_than_its_own_rhythm_is_silent() -> None:
    found = health(20, 30, 31, 32, 33)
    assert found.state is SourceState.SILENT
    assert "30 days" in found.reason
    assert "every day" in found.reason


@pytest.mark.parametrize(
    "days_ago",
    [(5, 6, 7, 8), (60, 120, 180), (400,), (400, 400), (13, 13, 13, 13), ()],
    ids=["fresh", "slow by nature", "one item", "two items", "all at once", "no dates"],
)
def test_a_source_within_its_rhythm_is_ok(days_ago: tuple[float, ...]) -> None:
    assert health(3, *days_ago).state is SourceState.OK


def test_a_date_in_the_future_does_not_hide_silence() -> None:
    assert health(20, -300, 30, 31, 32, 33).state is SourceState.SILENT


def test_a_possible_gap_is_told() -> None:
    assert "missed" in health(20, 1, gap=True).reason


@pytest.mark.parametrize("kind", FetchFailure)
def test_each_failure_has_a_state_a_reason_and_something_to_do(kind: FetchFailure) -> None:
    found = rules.health_of_failure(kind, "It failed.", 3)
    assert found.state in UNREADABLE
    what, _, to_do = found.reason.partition(" It has failed 3 times in a row. ")
    assert what == "It failed."
    assert to_do.endswith(".")


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (FetchFailure.ROBOTS, SourceState.ROBOTS),
        (FetchFailure.FORBIDDEN, SourceState.BLOCKED),
        (FetchFailure.CHALLENGE, SourceState.BLOCKED),
        (FetchFailure.REFUSED_ADDRESS, SourceState.BLOCKED),
        (FetchFailure.NOT_FOUND, SourceState.DOWN),
    ],
)
def test_a_no_is_told_from_a_failure(kind: FetchFailure, state: SourceState) -> None:
    assert rules.health_of_failure(kind, "No.", 1).state is state


def test_a_source_that_has_become_silent_is_asked_for_the_whole_document() -> None:
    assert [state for state in SourceState if not rules.trusts_validators(state)] == [SourceState.SILENT]


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (ReadFailure.NOT_A_FEED, SourceState.CHANGED),
        (ReadFailure.NO_MARKUP, SourceState.CHANGED),
        (ReadFailure.ENTITIES, SourceState.BLOCKED),
        (ReadFailure.OUR_FAULT, SourceState.DOWN),
    ],
)
def test_each_unreadable_body_has_its_state(kind: ReadFailure, state: SourceState) -> None:
    assert rules.health_of_unreadable(kind, "No.", was_read=True).state is state


def test_polls_keep_the_least_interval_and_what_the_site_asks() -> None:
    assert rules.interval(3600, has_validators=True, asked=None) == HOUR
    assert rules.interval(3600, has_validators=False, asked=60) == 2 * HOUR
    assert rules.interval(3600, has_validators=True, asked=4 * 3600) == 4 * HOUR
    assert rules.interval(3600, has_validators=True, asked=30 * 86_400) == rules.LONGEST_ASKED


@given(st.integers(1, 86_400), st.integers(1, 10_000), st.none() | st.integers(0, 7 * 86_400))
def test_a_failure_never_brings_the_next_poll_forward(least: int, failures: int, asked: int | None) -> None:
    usual = timedelta(seconds=least)
    wait = rules.backoff(usual, failures, asked)
    assert wait >= usual
    assert wait >= timedelta(seconds=asked or 0)
    assert wait <= max(rules.LONGEST_BACKOFF, timedelta(seconds=asked or 0))
    assert rules.backoff(usual, failures + 1, asked) >= wait


@given(st.floats(0, 1))
def test_jitter_only_adds_and_adds_little(chance: float) -> None:
    assert HOUR <= rules.with_jitter(HOUR, chance) <= 1.1 * HOUR
