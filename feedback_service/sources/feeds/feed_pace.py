"""When a feed asks to be read: skipHours, skipDays, and sy:updatePeriod where it has no ttl (R53). Pure.

They are read from the bytes around the entries, in one place, because feedparser keeps only the last of several
hours and days.
"""

import re
from dataclasses import dataclass, replace

from feedback_service.sources.feeds.entries import ParsedFeed

_LONGEST_HEAD = 20_000
_LONGEST_TAIL = 5_000
_ENTRY = re.compile(rb"<(?:item|entry)[\s>]")
_ENTRY_END = re.compile(rb".*</(?:item|entry)\s*>", re.DOTALL)
_SKIPPED = re.compile(rb"<skip(Hours|Days)\s*>(.{0,4000}?)</skip\1\s*>", re.DOTALL)
_HOUR = re.compile(rb"<hour\s*>\s*([0-9]{1,2})\s*</hour")
_DAY = re.compile(rb"<day\s*>\s*([A-Za-z]+)\s*</day")
_UPDATED = re.compile(rb"<sy:update(Period|Frequency)(?:\s[^<>]*)?>\s*([A-Za-z]+|[0-9]{1,5})\s*<")
_DAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_PERIODS = {b"hourly": 60, b"daily": 1440, b"weekly": 10_080, b"monthly": 43_200, b"yearly": 525_600}
_HOURS = 24


@dataclass(frozen=True, slots=True)
class Pace:
    """What a feed says of its own rhythm; hours and days are GMT, days in English and lower case.

    `minutes` between two updates, empty where the feed does not say.
    """

    minutes: str = ""
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[str] = frozenset()


_NO_PACE = Pace()


def pace_of(body: bytes) -> Pace:
    """Return what a feed asks for outside of its entries."""
    around = _around_entries(body)
    if b"<skip" not in around and b"<sy:update" not in around:
        return _NO_PACE
    skipped = {b"Hours": b"", b"Days": b""} | dict(_SKIPPED.findall(around))
    hours = (int(hour) for hour in _HOUR.findall(skipped[b"Hours"]))
    days = (day.decode().lower() for day in _DAY.findall(skipped[b"Days"]))
    return Pace(
        _minutes(dict(_UPDATED.findall(around))),
        # RSS 0.91 counts from 1 to 24.
        frozenset(hour % _HOURS for hour in hours if hour <= _HOURS),
        _DAYS.intersection(days),
    )


def with_pace(feed: ParsedFeed, body: bytes) -> ParsedFeed:
    """Return a feed together with what its bytes say of its rhythm; its own ttl counts first."""
    pace = pace_of(body)
    return replace(feed, ttl=feed.ttl or pace.minutes, skip_hours=pace.skip_hours, skip_days=pace.skip_days)


def _around_entries(body: bytes) -> bytes:
    head = body[:_LONGEST_HEAD]
    first = _ENTRY.search(head)
    last = _ENTRY_END.match(body[-_LONGEST_TAIL:]) if first else None
    return (head[: first.start()] if first else head) + (body[-_LONGEST_TAIL:][last.end() :] if last else b"")


def _minutes(said: dict[bytes, bytes]) -> str:
    period = _PERIODS.get(said.get(b"Period", b"").lower())
    times = said.get(b"Frequency", b"1")
    return str(max(1, period // max(1, int(times)))) if period and times.isdigit() else ""
