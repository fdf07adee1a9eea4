"""The quick way through a feed gives what feedparser gives, or nothing."""

import os
import random
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback_service.sources.errors import ReadError
from feedback_service.sources.feeds.entries import Entry, Markup, ParsedFeed, to_item
from feedback_service.sources.feeds.fast_dates import feed_date, instant
from feedback_service.sources.feeds.fast_feeds import parse_quickly
from feedback_service.sources.feeds.feed_pace import Pace, pace_of
from feedback_service.sources.feeds.lenient_feeds import parse_leniently
from tests.sources.feeds import feed_grammar
from tests.sources.feeds.feed_shapes import ATOM, SHAPES
from tests.sources.feeds.feed_words import DATES

# FEED_EXAMPLES=50000 runs as many as one has time for.
EXAMPLES = int(os.environ.get("FEED_EXAMPLES", "150"))
SEEDS_AT_ONCE = 10
ANSWERS: tuple[dict[str, str], ...] = (
    {},
    {"content-type": "application/rss+xml; charset=utf-8"},
    {"content-type": "text/xml"},
    {"content-type": "text/xml; charset=iso-8859-1"},
    {"content-type": "application/xml"},
    {"content-type": "text/html", "content-location": "https://blog.example.com/", "content-language": "fr"},
)


def by_feedparser(body: bytes, headers: dict[str, str]) -> ParsedFeed | None:
    try:
        return parse_leniently(body, "", headers)
    except ReadError:
        return None


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0, max_value=2**62))
def test_what_is_read_quickly_is_what_feedparser_reads(seed: int) -> None:
    for number in range(SEEDS_AT_ONCE):
        chance = random.Random(seed + number)  # noqa: S311 - nothing secret is made
        body, headers = feed_grammar.feed(chance), feed_grammar.headers(chance)
        found = parse_quickly(body, headers)
        assert found is None or found == by_feedparser(body, headers), (seed + number, body, headers)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_the_smallest_feed_that_differs_would_be_found(chance: random.Random) -> None:
    body, headers = feed_grammar.feed(chance), feed_grammar.headers(chance)
    found = parse_quickly(body, headers)
    assert found is None or found == by_feedparser(body, headers), (body, headers)


def test_a_good_part_of_the_feeds_made_at_random_is_read_quickly() -> None:
    feeds = [feed_grammar.feed(random.Random(seed)) for seed in range(200)]  # noqa: S311 - as above
    assert sum(parse_quickly(feed, {}) is not None for feed in feeds) > 60


@pytest.mark.shared
@pytest.mark.parametrize("headers", ANSWERS, ids=str)
def test_real_feeds_are_read_as_feedparser_reads_them(shared: Path, headers: dict[str, str]) -> None:
    quick = 0
    for path in sorted((shared / "data/feeds").rglob("*")):
        if not path.is_file():
            continue
        body = path.read_bytes()
        found = parse_quickly(body, headers)
        if found is not None:
            quick += 1
            assert found == by_feedparser(body, headers), path.name
    assert quick > 400


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
def test_the_feeds_of_well_known_programs_are_read_quickly(text: str) -> None:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
    found = parse_quickly(body, {"content-type": "application/xml; charset=utf-8"})
    assert found is not None
    assert found.entries
    assert found == by_feedparser(body, {})


DOUBTFUL = {
    "not well-formed": "<rss><channel><item><title>a & b</title></item></channel></rss>",
    "a document type": "<!DOCTYPE rss><rss><channel><item/></channel></rss>",
    "an entity": "<rss><channel><item><title>&nbsp;</title></item></channel></rss>",
    "a prefix that was not declared": "<rss><channel><item><x:y/></item></channel></rss>",
    "elements in a text": f"<feed {ATOM}><entry><content type='xhtml'><div>x</div></content></entry></feed>",
    "another type": f"<feed {ATOM}><entry><content type='image/png'>eA==</content></entry></feed>",
    "base64": f"<feed {ATOM}><entry><content mode='base64'>eA==</content></entry></feed>",
    "chapters": "<rss xmlns:psc='http://podlove.org/simple-chapters'><channel><item><psc:chapters/></item></channel></rss>",
    "a feed in a feed": "<rss><channel><rss/></channel></rss>",
    "a name that feedparser uses itself": "<rss><channel><item><links>x</links></item></channel></rss>",
    "one prefix for two things": "<rss><channel><item xmlns:x='a'/><item xmlns:x='b'/></channel></rss>",
    "two mixed authors": f"<feed {ATOM}><entry><author><name>a@b.fr</name></author><author><name>c</name></author></entry></feed>",  # noqa: E501 - one document
    "no feed": "<html><body/></html>",
    "nothing": "",
}


@pytest.mark.parametrize("text", DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_what_is_doubtful_is_left_to_feedparser(text: str) -> None:
    assert parse_quickly(text.encode(), {}) is None


@pytest.mark.parametrize("text", DATES)
def test_dates_are_what_feedparser_takes_them_for(text: str) -> None:
    from feedparser.datetimes import _parse_date

    assert feed_date(text) == instant(_parse_date(text))


@given(
    st.sampled_from(DATES),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("0159:-+ TZaé.,")), max_size=3),
)
def test_dates_with_slips_are_what_feedparser_takes_them_for(date: str, slips: list[tuple[int, str]]) -> None:
    from feedparser.datetimes import _parse_date

    for at, character in slips:
        date = date[:at] + character + date[at + 1 :]
    assert feed_date(date) == instant(_parse_date(date))


ADDRESS = st.lists(
    st.sampled_from(("https://", "http://", "/", "a.test", "?", "#", ";", "..", "%20", "b=1&c", "é", "@:"))
)


@given(ADDRESS.map("".join), st.sampled_from(("https://blog.example.com/feed", "http://blog.example.com")))
def test_links_are_resolved_as_by_urljoin(link: str, base: str) -> None:
    item = to_item(Entry("", link, Markup(""), ()), base)
    address = urljoin(base, link) if link else ""
    assert item.url == (address if urlsplit(address).scheme in {"http", "https", ""} else "")


def test_hours_and_days_to_skip_are_read_around_the_entries() -> None:
    asked = "<skipHours><hour>0</hour><hour> 23 </hour><hour>24</hour><hour>77</hour></skipHours>"
    days = "<skipDays><day>Saturday</day><day>Sunday</day><day>Someday</day></skipDays>"
    told = "<item><title><![CDATA[<skipHours><hour>5</hour></skipHours>]]></title></item>"
    expected = Pace("", frozenset({0, 23}), frozenset({"saturday", "sunday"}))
    for body in (f"<rss><channel>{asked}{days}{told}", f"<rss><channel>{told}{asked}{days}</channel></rss>"):
        assert pace_of(body.encode()) == expected


@pytest.mark.parametrize(
    ("period", "frequency", "minutes"),
    [
        ("hourly", "1", "60"),
        ("daily", "2", "720"),
        ("weekly", "0", "10080"),
        ("sometimes", "1", ""),
        ("hourly", "x", ""),
    ],
)
def test_the_syndication_module_counts_where_there_is_no_ttl(period: str, frequency: str, minutes: str) -> None:
    said = f"<sy:updatePeriod>\n{period}\n</sy:updatePeriod><sy:updateFrequency>{frequency}</sy:updateFrequency>"
    sy = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    for ttl, expected in (("", minutes), ("<ttl>5</ttl>", "5")):
        body = f"<rss version='2.0' {sy}><channel>{said}{ttl}<item/></channel></rss>".encode()
        quick = parse_quickly(body, {})
        assert quick is not None
        assert quick.ttl == expected
        assert quick == by_feedparser(body, {})
