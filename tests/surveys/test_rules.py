"""When a closed return gets its survey (R11, R37, R38)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.returns.models import ReturnState
from feedback_service.surveys.models import NotSentReason
from feedback_service.surveys.rules import (
    NIGHT_GRACE,
    Facts,
    Person,
    Terms,
    decide,
    is_daytime,
    is_writable,
    last_instant,
    next_daytime,
)

PARIS = ZoneInfo("Europe/Paris")
CLOSED = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)  # Saturday noon in Paris.
TERMS = Terms(
    enabled=True,
    delay=timedelta(hours=24),
    window=timedelta(hours=24),
    daytime_from=9,
    daytime_until=20,
    zone=PARIS,
    quarantine=timedelta(days=90),
)
CLIENT = Person(address="client@example.com", country="FR")
FACTS = Facts(closed_at=CLOSED, state=ReturnState.REFUNDED, person=CLIENT)


def of(**changed: Any) -> Facts:  # noqa: ANN401 - any field
    """Return the facts of a person of whom something else is known."""
    return replace(FACTS, person=replace(CLIENT, **changed))


def paris(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        pytest.param(CLOSED + timedelta(hours=23, minutes=59), NotSentReason.TOO_EARLY, id="a minute before 24 h"),
        pytest.param(CLOSED + timedelta(hours=24), None, id="at 24 h"),
        pytest.param(paris(22, 19, 59), None, id="last minute of the day"),
        pytest.param(paris(22, 20, 0), NotSentReason.NIGHT, id="night begins"),
        pytest.param(paris(23, 8, 59), NotSentReason.NIGHT, id="night ends"),
        pytest.param(paris(23, 9, 0), None, id="first minute of the day"),
        pytest.param(CLOSED + timedelta(hours=47, minutes=59), None, id="a minute before 48 h"),
        pytest.param(CLOSED + timedelta(hours=48), NotSentReason.TOO_LATE, id="at 48 h"),
    ],
)
def test_survey_starts_24_to_48_hours_after_the_refund_in_the_shops_daytime(
    now: datetime, reason: NotSentReason | None
) -> None:
    verdict = decide(FACTS, TERMS, now)
    assert verdict.reason is reason
    assert verdict.is_final is (reason is NotSentReason.TOO_LATE)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(FACTS, state=ReturnState.REJECTED), NotSentReason.REJECTED),
        (of(objected=True, suppressed=True), NotSentReason.OBJECTED),
        (of(suppressed=True), NotSentReason.SUPPRESSED),
        (of(last_asked_at=CLOSED - timedelta(days=80)), NotSentReason.QUARANTINE),
    ],
    ids=["rejected", "objected", "suppressed", "asked lately"],
)
def test_what_never_gets_a_survey_says_why_for_good(facts: Facts, reason: NotSentReason) -> None:
    for now in (CLOSED, CLOSED + timedelta(hours=30), CLOSED + timedelta(days=5)):
        verdict = decide(facts, TERMS, now)
        assert verdict.reason is reason
        assert verdict.is_final


@pytest.mark.parametrize(
    ("facts", "terms", "reason"),
    [
        pytest.param(of(address=None), TERMS, NotSentReason.NO_ADDRESS, id="the order has not come in"),
        pytest.param(of(address="client at example"), TERMS, NotSentReason.BAD_ADDRESS, id="a mistyped address"),
        pytest.param(of(country="DE"), TERMS, NotSentReason.CONSENT_MISSING, id="Germany"),
        pytest.param(of(country="de"), TERMS, NotSentReason.CONSENT_MISSING, id="germany"),
        pytest.param(FACTS, replace(TERMS, enabled=False), NotSentReason.SURVEYS_OFF, id="switched off"),
        pytest.param(of(refund_late=True), TERMS, NotSentReason.REFUND_LATE, id="another refund is late"),
        pytest.param(of(disputed=True), TERMS, NotSentReason.DISPUTED, id="another return is disputed"),
    ],
)
def test_what_may_be_mended_is_for_good_only_when_the_window_ends(
    facts: Facts, terms: Terms, reason: NotSentReason
) -> None:
    for hours_later, is_final in ((0, False), (30, False), (47, False), (48, True)):
        verdict = decide(facts, terms, CLOSED + timedelta(hours=hours_later))
        assert (verdict.reason, verdict.is_final) == (reason, is_final)


def test_replaced_return_gets_a_survey_too() -> None:
    assert decide(replace(FACTS, state=ReturnState.REPLACED), TERMS, CLOSED + timedelta(hours=24)).is_due


def test_german_customer_with_stored_consent_is_asked() -> None:
    assert decide(of(country="DE", has_consent=True), TERMS, CLOSED + timedelta(hours=24)).is_due


def test_dispute_holds_the_survey_while_the_window_is_open_and_then_for_good() -> None:
    disputed = replace(FACTS, disputed=True)
    assert decide(disputed, TERMS, CLOSED + timedelta(hours=30)).reason is NotSentReason.DISPUTED
    assert not decide(disputed, TERMS, CLOSED + timedelta(hours=30)).is_final
    assert decide(disputed, TERMS, CLOSED + timedelta(hours=48)).reason is NotSentReason.DISPUTED
    assert decide(disputed, TERMS, CLOSED + timedelta(hours=48)).is_final


def test_quarantine_ends_after_its_days_to_the_instant() -> None:
    now = CLOSED + timedelta(hours=30)
    asked = of(last_asked_at=now - TERMS.quarantine + timedelta(seconds=1))
    assert decide(asked, TERMS, now).reason is NotSentReason.QUARANTINE
    assert decide(of(last_asked_at=now - TERMS.quarantine), TERMS, now).is_due


def test_quarantine_that_ends_within_the_window_is_not_final() -> None:
    asked = of(last_asked_at=CLOSED + timedelta(hours=26) - TERMS.quarantine)
    early = decide(asked, TERMS, CLOSED + timedelta(hours=24))
    assert (early.reason, early.is_final) == (NotSentReason.QUARANTINE, False)
    assert decide(asked, TERMS, CLOSED + timedelta(hours=26)).is_due


def test_window_that_is_all_night_gets_the_next_daytime() -> None:
    terms = replace(TERMS, window=timedelta(hours=2))
    closed = replace(FACTS, closed_at=paris(20, 22))  # The window: the night of the 21st, 22-24 h.
    assert decide(closed, terms, paris(21, 23)).reason is NotSentReason.NIGHT
    assert decide(closed, terms, paris(22, 8, 59)).reason is NotSentReason.NIGHT
    assert decide(closed, terms, paris(22, 9)).is_due
    assert decide(closed, terms, paris(22, 23, 59)).reason is NotSentReason.NIGHT
    assert decide(closed, terms, paris(23, 0)).reason is NotSentReason.TOO_LATE


def test_short_window_that_touches_the_day_is_not_prolonged() -> None:
    terms = replace(TERMS, window=timedelta(hours=2))
    closed = replace(FACTS, closed_at=paris(20, 19))
    assert decide(closed, terms, paris(21, 19, 30)).is_due
    assert decide(closed, terms, paris(22, 9)).reason is NotSentReason.TOO_LATE


def test_daytime_follows_the_clock_change() -> None:
    # On 2026-10-25 Paris goes back to winter time: 9 h is 08:00 UTC, the day before it was 07:00 UTC.
    assert is_daytime(datetime(2026, 10, 24, 7, 0, tzinfo=UTC), TERMS)
    assert not is_daytime(datetime(2026, 10, 25, 7, 0, tzinfo=UTC), TERMS)
    assert next_daytime(datetime(2026, 10, 24, 21, 0, tzinfo=UTC), TERMS) == datetime(2026, 10, 25, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "writable"),
    [("a@example.com", True), ("léa@exemple.test", True), ("a@b", False), ("", False), ("two@at@example.com", False)],
)
def test_address_is_judged_by_its_form(address: str, writable: bool) -> None:  # noqa: FBT001 - a table case
    assert is_writable(address) is writable


instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
hours = st.integers(0, 23)
all_terms = st.builds(
    Terms,
    enabled=st.sampled_from([True]),
    delay=st.integers(0, 72).map(lambda count: timedelta(hours=count)),
    window=st.integers(1, 72).map(lambda count: timedelta(hours=count)),
    daytime_from=hours,
    daytime_until=st.integers(0, 24),
    zone=st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]).map(ZoneInfo),
    quarantine=st.just(timedelta(days=90)),
)


@given(closed_at=instants, terms=all_terms, offset=st.timedeltas(timedelta(0), timedelta(days=8)))
def test_what_is_due_is_in_the_day_after_the_delay_and_before_the_end(
    closed_at: datetime, terms: Terms, offset: timedelta
) -> None:
    now = closed_at + offset
    verdict = decide(replace(FACTS, closed_at=closed_at), terms, now)
    if verdict.is_due:
        assert is_daytime(now, terms)
        assert closed_at + terms.delay <= now < closed_at + terms.delay + terms.window + NIGHT_GRACE
    else:
        assert verdict.is_final is (now >= last_instant(closed_at, terms))


@given(closed_at=instants, terms=all_terms)
def test_every_customer_has_an_instant_at_which_the_survey_is_due(closed_at: datetime, terms: Terms) -> None:
    first = next_daytime(closed_at + terms.delay, terms)
    assert decide(replace(FACTS, closed_at=closed_at), terms, first).is_due
