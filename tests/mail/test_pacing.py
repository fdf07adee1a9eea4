"""How fast to send and when to wait: never more than a limit in any window, warm-up, pauses that grow."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_service.mail.pacing import (
    DAY,
    DOMAIN_STRIKES,
    FIRST_PAUSE,
    HOUR,
    LONGEST_PAUSE,
    MINUTE,
    WARM_UP_DAYS,
    Buckets,
    Candidate,
    Concern,
    Health,
    Limit,
    Rates,
    WarmUp,
    choose,
    concern,
)
from feedback_service.mail.rules import LARGEST_BATCH, LEAST_BATCH, Stage, Verdict, batch_size

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
limits = st.builds(Limit, st.integers(1, 5000), st.sampled_from([MINUTE, HOUR, DAY]))
steps = st.lists(st.tuples(st.timedeltas(timedelta(), timedelta(minutes=40)), st.integers(0, 600)), max_size=60)


@settings(deadline=None)
@given(limit=limits, steps=steps)
def test_no_window_ever_holds_more_than_the_limit(limit: Limit, steps: list[tuple[timedelta, int]]) -> None:
    now, full_at, sent = START, None, list[datetime]()
    for pause, wanted in steps:
        now += pause
        count = min(wanted, limit.free(full_at, now))
        if count:
            full_at = limit.taken(full_at, now, count)
            sent += [now] * count
    for place, at in enumerate(sent):
        assert sum(1 for other in sent[place : place + limit.count + 1] if other - at < limit.window) <= limit.count


@settings(deadline=None)
@given(limit=limits)
def test_a_greedy_sender_gets_nearly_the_whole_limit(limit: Limit) -> None:
    now, full_at, sent = START, None, 0
    while now < START + 2 * limit.window:
        count = limit.free(full_at, now)
        if count:
            full_at = limit.taken(full_at, now, count)
            sent += count
        now = max(now + limit.spacing / 2, limit.next_at(full_at, now))
    assert sent >= 0.85 * 2 * limit.count - 1


@settings(deadline=None)
@given(limit=limits, taken=st.integers(0, 700), later=st.timedeltas(timedelta(), timedelta(hours=3)))
def test_the_next_may_go_exactly_when_one_is_free(limit: Limit, taken: int, later: timedelta) -> None:
    full_at, now = limit.taken(None, START, taken), START + later
    next_at = limit.next_at(full_at, now)
    assert (next_at <= now) == (limit.free(full_at, now) > 0)
    assert limit.free(full_at, next_at) >= 1
    assert limit.free(full_at, now) <= limit.burst


@settings(deadline=None)
@given(limit=limits, count=st.integers(1, 500))
def test_what_did_not_go_is_given_back(limit: Limit, count: int) -> None:
    before = limit.taken(None, START, 3)
    assert limit.returned(limit.taken(before, START, count), count) == before


def test_without_limits_any_number_may_go() -> None:
    rates = Rates()
    assert not rates.total(START.date())
    assert rates.domain().free(Buckets(), START) is None
    assert rates.domain().next_at(Buckets(), START) == START


def test_the_tighter_of_two_limits_decides() -> None:
    both = Rates(per_minute=600, per_hour=50).total(START.date())
    assert both.free(Buckets(), START) == 5
    used = both.taken(Buckets(), START, 5)
    assert both.free(used, START + timedelta(seconds=30)) == 0
    assert both.next_at(used, START) > START + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("day", "count"), [(-3, 50), (0, 50), (1, 70), (2, 98), (9, 1022), (29, None), (30, None), (400, None)]
)
def test_a_new_sender_grows_day_by_day(day: int, count: int | None) -> None:
    start = date(2026, 11, 1)
    limit = WarmUp(start, 50, 40).limit(start + timedelta(days=day))
    if day >= WARM_UP_DAYS:
        assert limit is None
    elif count is not None:
        assert limit == Limit(count, DAY)
    else:
        assert limit is not None
        assert limit.count > 500_000


@given(first=st.integers(1, 1000), growth=st.integers(1, 200), day=st.integers(0, WARM_UP_DAYS - 2))
def test_every_day_of_the_warm_up_allows_more(first: int, growth: int, day: int) -> None:
    warm_up, start = WarmUp(START.date(), first, growth), START.date()
    today, tomorrow = (warm_up.limit(start + timedelta(days=day + later)) for later in (0, 1))
    assert today is not None
    assert tomorrow is not None
    assert tomorrow.count > today.count


@pytest.mark.parametrize(
    ("verdict", "code", "status", "stage", "expected"),
    [
        (Verdict.TEMPORARY, 421, "4.7.0", Stage.SENDER, Concern.SERVER),
        (Verdict.TEMPORARY, 451, "4.7.1", Stage.RECIPIENT, Concern.DOMAIN),
        (Verdict.TEMPORARY, 451, "", Stage.MESSAGE, Concern.DOMAIN),
        (Verdict.TEMPORARY, 452, "4.2.2", Stage.RECIPIENT, Concern.NOBODY),
        (Verdict.TEMPORARY, 450, "4.1.1", Stage.RECIPIENT, Concern.NOBODY),
        (Verdict.TEMPORARY, 450, "4.1.8", Stage.RECIPIENT, Concern.DOMAIN),
        (Verdict.TEMPORARY, 451, "4.1.8", Stage.SENDER, Concern.SERVER),
        (Verdict.TEMPORARY, 552, "5.2.2", Stage.RECIPIENT, Concern.NOBODY),
        (Verdict.TEMPORARY, 0, "", Stage.MESSAGE, Concern.NOBODY),
        (Verdict.POLICY, 550, "5.7.26", Stage.MESSAGE, Concern.DOMAIN),
        (Verdict.POLICY, 530, "5.7.0", Stage.SENDER, Concern.SERVER),
        (Verdict.BAD_ADDRESS, 550, "5.1.1", Stage.RECIPIENT, Concern.NOBODY),
        (Verdict.REFUSED, 554, "", Stage.MESSAGE, Concern.NOBODY),
    ],
)
def test_whom_a_refusal_speaks_of(verdict: Verdict, code: int, status: str, stage: Stage, expected: Concern) -> None:
    assert concern(verdict, code, status, stage) is expected


def test_refusals_in_a_row_pause_and_each_pause_is_longer() -> None:
    now, health, pauses = START, Health(), list[timedelta]()
    for _ in range(DOMAIN_STRIKES - 1):
        health = health.after_refusal(now, DOMAIN_STRIKES)
    assert health.paused_until is None
    for _ in range(8):
        health = health.after_refusal(now, DOMAIN_STRIKES)
        assert health.paused_until is not None
        pauses.append(health.paused_until - now)
        now = health.paused_until
    assert pauses[0] == FIRST_PAUSE
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


@given(until=st.timedeltas(timedelta(seconds=1), timedelta(hours=4)), strikes=st.integers(1, 100))
def test_refusals_under_way_when_a_pause_began_do_not_lengthen_it(until: timedelta, strikes: int) -> None:
    paused = Health(strikes, 1, START + until)
    assert paused.after_refusal(START, DOMAIN_STRIKES) == paused


candidates = st.lists(st.tuples(st.sampled_from(["a.test", "b.test", "c.test"]), st.booleans()), max_size=40).map(
    lambda pairs: [Candidate(number, *pair) for number, pair in enumerate(pairs)]
)


@given(
    candidates=candidates,
    limit=st.integers(0, 30),
    total=st.none() | st.integers(0, 20),
    rooms=st.dictionaries(st.sampled_from(["a.test", "b.test"]), st.none() | st.integers(0, 10)),
)
def test_what_is_chosen_keeps_the_order_and_every_limit_but_for_urgent_mail(
    candidates: list[Candidate], limit: int, total: int | None, rooms: dict[str, int | None]
) -> None:
    chosen = choose(candidates, limit=limit, total=total, rooms=rooms)
    assert chosen == sorted(chosen)
    assert len(chosen) <= limit
    by_id = {one.id: one for one in candidates}
    usual = [by_id[one].domain for one in chosen if not by_id[one].is_urgent]
    assert total is None or len(usual) <= total
    for domain, room in rooms.items():
        assert room is None or usual.count(domain) <= room
    urgent = [one.id for one in candidates if one.is_urgent]
    if len(chosen) < limit:
        assert set(urgent) <= set(chosen)


@given(sent=st.integers(0, 10_000), seconds=st.floats(0, 1000))
def test_a_batch_is_about_a_second_of_work(sent: int, seconds: float) -> None:
    assert LEAST_BATCH <= batch_size(sent, seconds) <= LARGEST_BATCH
    assert batch_size(300, 1.0) == 300
    assert batch_size(4, 30.0) == LEAST_BATCH
