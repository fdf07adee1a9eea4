"""What is remembered of what came lately: enough to tell a machine, and not for longer (R31)."""

from datetime import timedelta

import pytest

from feedback_service.hashing import token_digest
from feedback_service.surveys.traffic import BURST, LINKS_REMEMBERED, Seen, Traffic, source_of
from tests.support.builders import NOW

HOME, OFFICE = "192.0.2.1", "192.0.2.2"
LINKS = 5
SECOND = timedelta(seconds=1)


def digests(*tokens: str) -> tuple[str, ...]:
    return tuple(sorted(token_digest(token) for token in tokens))


def test_third_survey_from_one_source_within_seconds_tells_of_the_two_before_once() -> None:
    traffic = Traffic()
    seen = [traffic.submitted(token, HOME, LINKS, NOW + SECOND * index) for index, token in enumerate("abcd")]
    assert [each.is_burst for each in seen] == [False, False, True, True]
    assert [each.companions for each in seen] == [(), (), digests("a", "b"), ()]


@pytest.mark.parametrize(
    ("sources", "pause"),
    [
        pytest.param([HOME, OFFICE, HOME], SECOND, id="other sources"),
        pytest.param([HOME, HOME, HOME], BURST, id="a while between"),
        pytest.param([None, None, None], SECOND, id="sources that are not known"),
    ],
)
def test_surveys_that_do_not_come_in_a_burst_are_none(sources: list[str | None], pause: timedelta) -> None:
    traffic = Traffic()
    for index, (token, source) in enumerate(zip("abc", sources, strict=True)):
        assert traffic.submitted(token, source, LINKS, NOW + pause * index) == Seen()


def test_form_sent_three_times_within_seconds_is_repeated_and_later_not() -> None:
    traffic = Traffic()
    assert [traffic.submitted("a", HOME, LINKS, NOW).is_repeated for _ in range(4)] == [False, False, True, True]
    assert not traffic.submitted("a", HOME, LINKS, NOW + BURST).is_repeated
    assert not traffic.submitted("a", HOME, LINKS, NOW + BURST).is_burst


def test_all_links_opened_minutes_before_are_seen_and_forgotten() -> None:
    traffic = Traffic()
    for number in range(1, LINKS):
        traffic.link_opened("a", number, NOW)
    assert not traffic.submitted("a", HOME, LINKS, NOW).opened_all_links
    traffic.link_opened("a", LINKS, NOW)
    assert traffic.submitted("a", HOME, LINKS, NOW + LINKS_REMEMBERED - SECOND).opened_all_links
    assert not traffic.submitted("a", HOME, LINKS, NOW + LINKS_REMEMBERED).opened_all_links
    assert not traffic.submitted("b", HOME, LINKS, NOW).opened_all_links


def test_what_is_remembered_is_bounded() -> None:
    traffic = Traffic()
    for number in range(21_000):
        traffic.link_opened(str(number), 1, NOW)
    assert len(traffic._opened) == 20_000  # noqa: SLF001 - the bound cannot be seen from outside
    assert token_digest("0") not in traffic._opened  # noqa: SLF001 - as above


def test_one_address_that_sends_thousands_is_remembered_by_its_last_surveys() -> None:
    traffic = Traffic()
    for number in range(2_000):
        assert traffic.submitted(str(number), HOME, LINKS, NOW).is_burst == (number >= 2)
    assert len(traffic._by_source[HOME]) == 3  # noqa: SLF001 - the bound cannot be seen from outside


@pytest.mark.parametrize(
    ("address", "is_forwarded", "source"),
    [
        ("192.0.2.7", False, "192.0.2.7"),
        ("::ffff:192.0.2.7", False, "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", False, "2001:db8:1:2::/64"),
        ("unix", False, "unix"),
        ("10.0.0.1", True, None),
        (None, False, None),
        ("", False, None),
    ],
)
def test_source_is_an_address_or_a_network(address: str | None, source: str | None, *, is_forwarded: bool) -> None:
    assert source_of(address, is_forwarded=is_forwarded) == source
