"""What status and headers mean before a body is read (R52, R53)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.errors import FetchFailure
from feedback_service.sources.http.answers import failure_of, fresh_for, retry_after

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LATER = "Mon, 23 Nov 2026 11:30:00 GMT"
WEEK = 7 * 86_400

FRESH: dict[str, tuple[dict[str, str], int | None]] = {
    "nothing said": ({}, None),
    "max-age": ({"cache-control": "public, max-age=7200"}, 7200),
    "max-age in quotes": ({"cache-control": 'max-age="7200"'}, 7200),
    "max-age before Expires": ({"cache-control": "max-age=60", "expires": LATER}, 60),
    "Expires by the site's clock": ({"expires": LATER, "date": "Mon, 23 Nov 2026 11:00:00 GMT"}, 1800),
    "Expires by ours": ({"expires": LATER}, 7200),
    "Expires in the past": ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
    "Expires: 0": ({"expires": "0"}, None),
    "Expires: -1": ({"expires": "-1"}, None),
    "Age is past": ({"cache-control": "max-age=7200", "age": "7000"}, 200),
    "Age beyond max-age": ({"cache-control": "max-age=60", "age": "7000"}, 0),
    "Age that is none": ({"cache-control": "max-age=60", "age": "old"}, 60),
    "no-store": ({"cache-control": "no-store, max-age=7200"}, None),
    "no-cache": ({"cache-control": "no-cache", "expires": LATER}, None),
    "s-maxage is for others": ({"cache-control": "s-maxage=7200"}, None),
    "a year": ({"cache-control": "max-age=31536000"}, WEEK),
    "for ever": ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, WEEK),
}


@pytest.mark.parametrize(("headers", "seconds"), FRESH.values(), ids=FRESH.keys())
def test_how_long_an_answer_stays_fresh(headers: dict[str, str], seconds: int | None) -> None:
    assert fresh_for(headers, NOW) == seconds


HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)


@given(st.fixed_dictionaries(dict.fromkeys(("cache-control", "expires", "date", "age", "retry-after"), HEADER)))
def test_no_header_raises_or_asks_for_more_than_a_week(headers: dict[str, str]) -> None:
    for seconds in (fresh_for(headers, NOW), retry_after(headers["retry-after"], NOW)):
        assert seconds is None or 0 <= seconds <= WEEK


@pytest.mark.parametrize("status", [s for s in range(100, 600) if s not in {200, 203, 304}])
def test_every_other_status_is_a_failure_with_a_sentence(status: int) -> None:
    failure = failure_of(status, {"retry-after": "60"}, "https://a.example.com", NOW)
    assert failure is not None
    assert (failure.status, failure.retry_after) == (status, 60)
    assert str(failure).endswith(f"(HTTP {status}).")
    assert (failure.kind is FetchFailure.GONE) == (status == 410)
