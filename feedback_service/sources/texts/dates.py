"""Dates as real sites write them, to aware UTC instants. Pure."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

_ISO = re.compile(
    r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:(?:T|\s+)\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?"
    r"\s*(Z|UTC|GMT|[+\- ]?\d{2}:?\d{2}\b|[+-]\d{2}\b)?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T\d{4,6}Z?)?$")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{4}|\d{2}(?![\d./:-]))(?!\d)")
_SLASHED = re.compile(r"(?<!\d)(\d{4})\s?[./年]\s?(\d{1,2})\s?[./月]\s?(\d{1,2})")
_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:er|st|nd|rd|th|\.|º|°)?[\s-]+(?:de\s+|of\s+)?([^\W\d_]{3,})\.?,?[\s-]+(?:de[l]?\s+)?(\d{4})"
)
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_UNIX_STYLE = re.compile(r"([^\W\d_]{3,})\s+(\d{1,2})\s+\d{2}:\d{2}:\d{2}\s+(?:[A-Z]{2,5}\s+)?(\d{4})")
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?(?:\.\d*)?$")
_MONTHS = {
    prefix: number
    for number, prefixes in enumerate(
        (
            ("jan", "gen", "ene"), ("feb", "fév", "fev"), ("mar", "mär", "mrz", "mrt", "maa"), ("apr", "avr", "abr"),
            ("may", "mai", "mag", "mei"), ("jun", "juin", "giu"), ("jul", "juil", "lug"), ("aug", "aoû", "aou", "ago"),
            ("sep", "set"), ("oct", "okt", "ott", "out"), ("nov",), ("dec", "déc", "dez", "dic"),
        ),
        start=1,
    )
    for prefix in prefixes
}  # fmt: skip
YEARS = range(1990, 2101)
_CENTURY = 2000
_MONTHS_IN_YEAR = 12
_DAYS_IN_MONTH = 31
_LONGEST = 100


def parse_date(value: object, *, month_first: bool = False) -> datetime | None:
    """Return the instant that `value` names, aware, UTC; None when it names none between 1990 and 2100.

    A time without a zone is taken as UTC, a day as its midnight. Of `04/05/2020` the day comes first, as in Europe,
    unless the page shows that it writes the month first (`writes_month_first`). A zone that lost its plus sign
    (`12:00:00 02:00`) keeps its meaning. A month alone and "3 days ago" are no dates.
    """
    text = str(value)[:_LONGEST].strip() if isinstance(value, str | int | float) else ""
    try:
        return _parse(text, month_first=month_first) if text else None
    except (ValueError, OverflowError):
        return None


def writes_month_first(texts: Iterable[str]) -> bool:
    """Tell whether a page that has these dates writes `04/22/2020`: some can only be read so, and none otherwise."""
    pairs = [(int(found[1]), int(found[2])) for text in texts if (found := _NUMERIC.search(text[:_LONGEST]))]
    day_second = any(one <= _MONTHS_IN_YEAR < other <= _DAYS_IN_MONTH for one, other in pairs)
    return day_second and not any(other <= _MONTHS_IN_YEAR < one for one, other in pairs)


def _parse(text: str, *, month_first: bool) -> datetime | None:
    if found := _ISO.search(text):
        return _iso(found)
    if found := _EPOCH.match(text):
        return _in_range(datetime.fromtimestamp(int(found[1]), UTC))
    if found := _COMPACT.match(text) or _SLASHED.search(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMERIC.search(text):
        return _numeric(int(found[1]), int(found[2]), found[3], month_first=month_first)
    return _worded(text)


def _numeric(one: int, other: int, year: str, *, month_first: bool) -> datetime | None:
    swapped = other > _MONTHS_IN_YEAR or (month_first and one <= _MONTHS_IN_YEAR)
    day, month = (other, one) if swapped else (one, other)
    return _day(int(year) if len(year) > len("20") else _CENTURY + int(year), month, day)


def _worded(text: str) -> datetime | None:
    if found := _DAY_FIRST.search(text):
        return _day(int(found[3]), _month(found[2]), int(found[1]))
    found = _MONTH_FIRST.search(text) or _UNIX_STYLE.search(text)
    return _day(int(found[3]), _month(found[1]), int(found[2])) if found else None


def _iso(found: re.Match[str]) -> datetime | None:
    month, day_of_month = int(found[2]), int(found[3])
    if month > _MONTHS_IN_YEAR >= day_of_month:
        month, day_of_month = day_of_month, month
    day = _day(int(found[1]), month, day_of_month)
    if day is None or found[4] is None:
        return day
    time = timedelta(hours=int(found[4]), minutes=int(found[5]), seconds=int(found[6] or 0))
    return (day + time).replace(tzinfo=_zone(found[7] or "")).astimezone(UTC)


def _zone(text: str) -> timezone:
    digits = re.sub(r"\D", "", text)
    if not digits:
        return UTC
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text.startswith("-") else offset)


def _month(word: str) -> int:
    lowered = word.lower()
    return _MONTHS.get(lowered[:4]) or _MONTHS.get(lowered[:3]) or 0


def _day(year: int, month: int, day: int) -> datetime | None:
    return datetime(year, month, day, tzinfo=UTC) if year in YEARS else None


def _in_range(instant: datetime) -> datetime | None:
    return instant if instant.year in YEARS else None
