"""The pure decisions: what a refusal means, when to try again, what to do with a dead worker's row."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_service.mail import rules
from feedback_service.mail.models import Audience, MailState
from feedback_service.mail.rules import Opening, Stage, Verdict

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize(
    ("code", "status", "stage", "verdict"),
    [
        (421, "", Stage.SENDER, Verdict.TEMPORARY),
        (450, "4.7.1", Stage.RECIPIENT, Verdict.TEMPORARY),
        (452, "4.2.2", Stage.RECIPIENT, Verdict.TEMPORARY),
        (0, "", Stage.MESSAGE, Verdict.TEMPORARY),
        (550, "5.1.1", Stage.RECIPIENT, Verdict.BAD_ADDRESS),
        (550, "5.1.1", Stage.MESSAGE, Verdict.BAD_ADDRESS),
        (550, "", Stage.RECIPIENT, Verdict.REFUSED),
        (553, "5.1.7", Stage.RECIPIENT, Verdict.POLICY),
        (550, "5.1.8", Stage.RECIPIENT, Verdict.POLICY),
        (550, "5.7.1", Stage.RECIPIENT, Verdict.POLICY),
        (554, "5.7.9", Stage.MESSAGE, Verdict.POLICY),
        (530, "", Stage.SENDER, Verdict.POLICY),
        (550, "", Stage.SENDER, Verdict.POLICY),
        (552, "5.2.2", Stage.RECIPIENT, Verdict.TEMPORARY),
        (552, "", Stage.RECIPIENT, Verdict.TEMPORARY),
        (552, "", Stage.SENDER, Verdict.REFUSED),
        (552, "5.3.4", Stage.SENDER, Verdict.REFUSED),
        (552, "", Stage.MESSAGE, Verdict.REFUSED),
        (554, "", Stage.MESSAGE, Verdict.REFUSED),
        (554, "5.6.0", Stage.MESSAGE, Verdict.REFUSED),
    ],
)
def test_what_a_refusal_means(code: int, status: str, stage: Stage, verdict: Verdict) -> None:
    assert rules.judge(code, status, stage) is verdict


@settings(deadline=None)
@given(status=st.sampled_from(["", "5.1.1", "5.7.1", "5.2.2", "4.4.1"]), stage=st.sampled_from(Stage))
def test_no_temporary_reply_ever_ends_a_mail_or_touches_an_address(status: str, stage: Stage) -> None:
    for code in range(-1, 500):
        assert rules.judge(code, status, stage) is Verdict.TEMPORARY


@settings(deadline=None)
@given(lag=st.timedeltas(timedelta(), timedelta(hours=1)))
def test_retries_start_after_half_an_hour_grow_and_end_after_four_to_five_days(lag: timedelta) -> None:
    now, pauses = START, []
    while (due_at := rules.next_try(first_tried_at=START, now=now, expires_at=None)) is not None:
        pauses.append(due_at - now)
        now = due_at + lag
    assert pauses[0] == timedelta(minutes=30)
    assert pauses == sorted(pauses)
    assert timedelta(days=4) < now - START <= timedelta(days=5) + lag
    assert len(pauses) < rules.MAX_ATTEMPTS


@settings(deadline=None)
@given(first=instants, elapsed=st.timedeltas(timedelta(), timedelta(days=10)), life=st.timedeltas())
def test_a_mail_is_never_tried_again_after_it_expired(first: datetime, elapsed: timedelta, life: timedelta) -> None:
    now = first + elapsed
    try:
        expires_at = now + life
    except OverflowError:
        return
    due_at = rules.next_try(first_tried_at=first, now=now, expires_at=expires_at)
    assert due_at is None or now + rules.FIRST_RETRY <= due_at < expires_at


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.TEMPORARY, MailState.QUEUED),
        (Verdict.POLICY, MailState.QUEUED),
        (Verdict.REFUSED, MailState.FAILED),
        (Verdict.BAD_ADDRESS, MailState.FAILED),
    ],
)
def test_what_becomes_of_a_refused_mail(verdict: Verdict, state: MailState) -> None:
    fate = rules.after_failure(verdict, first_tried_at=START, now=START, expires_at=None)
    assert fate.state is state
    assert (fate.due_at is not None) == (state is MailState.QUEUED)


@settings(deadline=None)
@given(now=instants, attempts=st.integers(1, 100), expires_at=st.none() | instants)
def test_a_customers_mail_found_in_a_dead_workers_hand_is_never_sent(
    now: datetime, attempts: int, expires_at: datetime | None
) -> None:
    opening = rules.on_claim(MailState.SENDING, Audience.CUSTOMER, attempts=attempts, now=now, expires_at=expires_at)
    assert opening is Opening.FLAG


@settings(deadline=None)
@given(now=instants, attempts=st.integers(1, 100), expires_at=st.none() | instants)
def test_only_expiry_and_a_crash_loop_keep_any_other_mail_back(
    now: datetime, attempts: int, expires_at: datetime | None
) -> None:
    for state, audience in [
        (MailState.QUEUED, Audience.CUSTOMER),
        (MailState.QUEUED, Audience.STAFF),
        (MailState.SENDING, Audience.STAFF),
    ]:
        opening = rules.on_claim(state, audience, attempts=attempts, now=now, expires_at=expires_at)
        if expires_at is not None and expires_at <= now:
            assert opening is Opening.DROP
        else:
            assert opening is (Opening.SEND if attempts <= rules.MAX_ATTEMPTS else Opening.GIVE_UP)
