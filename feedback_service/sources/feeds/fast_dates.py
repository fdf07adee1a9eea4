"""Dates of feeds as feedparser understands them, to aware UTC instants: the usual forms quickly. Pure."""

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta
from typing import Any

from feedparser.datetimes import _parse_date

from feedback_service.sources.texts.dates import YEARS

_RFC_822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([0-9]{4})"
    r" ([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:GMT|UTC|UT|Z|([+-])([0-9]{2})([0-9]{2}))"
)
_W3C = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}


def feed_date(text: str) -> datetime | None:
    """Return the instant that feedparser sees in a date; None where it sees none, or none that is published in."""
    try:
        if found := _W3C.fullmatch(text):
            year, month, day, *rest = found.groups()
            return _instant(int(year), int(month), int(day), rest)
        if found := _RFC_822.fullmatch(text):
            day, month, year, *rest = found.groups()
            return _instant(int(year), _MONTHS[month], int(day), rest)
    except (ValueError, OverflowError):
        # A 31 February: feedparser tries its other forms.
        pass
    return instant(_parse_date(text)) if text else None


def instant(moment: Any) -> datetime | None:  # noqa: ANN401 - a struct_time, or what a broken feed made of it
    """Return the aware instant of a UTC `struct_time`; None for none and for years nobody publishes in."""
    try:
        if moment is None or moment[0] not in YEARS:
            return None
        return datetime.fromtimestamp(timegm(moment), UTC)
    except (TypeError, ValueError, OverflowError, OSError, IndexError):
        return None


def _instant(year: int, month: int, day: int, rest: list[str]) -> datetime | None:
    hour, minute, second, sign, hours, minutes = rest
    moment = datetime(year, month, day, int(hour), int(minute), int(second), tzinfo=UTC)
    if sign and (hours, minutes) != ("00", "00"):
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        moment = moment + offset if sign == "-" else moment - offset
    return moment if moment.year in YEARS else None
