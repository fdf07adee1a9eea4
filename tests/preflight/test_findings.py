"""How findings are judged and summed up: certificates, clocks, remarks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.cli import checks_reach
from feedback_service.findings import Finding, Remark, State, summed_up


@pytest.mark.parametrize(
    ("days", "state"),
    [(90, State.OK), (22, State.OK), (20, State.ADVICE), (8, State.ADVICE), (6, State.WRONG), (-1, State.WRONG)],
)
def test_a_certificate_that_ends_soon_is_told_in_time(days: int, state: State) -> None:
    now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    until = f"{now + timedelta(days=days, hours=1):%b %d %H:%M:%S %Y} GMT"
    finding = checks_reach.certificate_finding("Certificate", until, now)
    assert finding.state is state
    assert f"({days} days)" in finding.found


@pytest.mark.parametrize(
    ("date", "words", "state"),
    [
        ("Mon, 23 Nov 2026 09:30:00 GMT", "It agrees", State.OK),
        ("Mon, 23 Nov 2026 09:30:59 GMT", "It agrees", State.OK),
        ("Mon, 23 Nov 2026 10:30:00 +0100", "It agrees", State.OK),
        ("Mon, 23 Nov 2026 09:27:00 GMT", "180 s away", State.WRONG),
        ("yesterday", "no date that can be read: 'yesterday'", State.OK),
        ("Mon, 99 Nov 2026 09:27:00 GMT", "no date that can be read", State.OK),
    ],
)
def test_clocks_are_compared_by_the_date_of_an_answer(date: str, words: str, state: State) -> None:
    finding = checks_reach.clock_finding(date, datetime(2026, 11, 23, 9, 30, tzinfo=UTC))
    assert words in finding.found
    assert finding.state is state


@given(date=st.text(max_size=60))
def test_no_date_breaks_the_comparison(date: str) -> None:
    assert checks_reach.clock_finding(date, datetime(2026, 11, 23, tzinfo=UTC)).found


def test_a_finding_is_as_grave_as_its_gravest_remark() -> None:
    mild, grave = Remark("It may be better.", "Better it.", is_advice=True), Remark("It is broken.", "Mend it.")
    assert summed_up("A", "Seen.", []) == Finding("A", "Seen.")
    assert summed_up("A", "Seen.", [mild]).state is State.ADVICE
    both = summed_up("A", "Seen.", [mild, grave, grave])
    assert both == Finding("A", "Seen. It is broken. It is broken. It may be better.", "Mend it.\nBetter it.")
