"""Dates as real sites write them, to aware UTC instants. Pure."""

import re
from datetime import UTC, datetime, timedelta, timezone

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+\- ]?\d{2}:?\d{2}\b)?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T\d{4,6}Z?)?$")
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_SLASHED = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th|\.)?\s+(?:de\s+)?([^\W\d_]{3,})\.?,?\s+(?:de\s+)?(\d{4})")
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?$")
_MONTHS = {
    prefix: number
    for number, prefixes in enumerate(
        (
            ("jan", "gen", "ene"), ("feb", "fév", "fev"), ("mar", "mär"), ("apr", "avr", "abr"), ("may", "mai", "mag"),
            ("jun", "juin", "giu"), ("jul", "juil", "lug"), ("aug", "aoû", "aou", "ago"), ("sep", "set"),
            ("oct", "okt", "ott", "out"), ("nov",), ("dec", "déc", "dez", "dic"),
        ),
        start=1,
    )
    for prefix in prefixes
}  # fmt: skip
YEARS = range(1990, 2101)
_MONTHS_IN_YEAR = 12
_LONGEST = 100


def parse_date(value: object) -> datetime | None:
    """Return the instant that `value` names, aware, UTC; None when it names none between 1990 and 2100.

    A time without a zone is taken as UTC, a day as its midnight. Day before month where both are
    possible, as in Europe. A zone that lost its plus sign (`12:00:00 02:00`) keeps its meaning.
    """
    text = str(value)[:_LONGEST].strip() if isinstance(value, str | int) else ""
    try:
        return _parse(text) if text else None
    except (ValueError, OverflowError):
        return None


def _parse(text: str) -> datetime | None:
    if found := _ISO.match(text):
        return _iso(found)
    if found := _EPOCH.match(text):
        return datetime.fromtimestamp(int(found[1]), UTC)
    if found := _COMPACT.match(text) or _SLASHED.search(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMERIC.search(text):
        day, month = int(found[1]), int(found[2])
        return _day(int(found[3]), *((day, month) if month > _MONTHS_IN_YEAR else (month, day)))
    return _worded(text)


def _worded(text: str) -> datetime | None:
    if found := _DAY_FIRST.search(text):
        return _day(int(found[3]), _month(found[2]), int(found[1]))
    found = _MONTH_FIRST.search(text)
    return _day(int(found[3]), _month(found[1]), int(found[2])) if found else None


def _iso(found: re.Match[str]) -> datetime | None:
    day = _day(int(found[1]), int(found[2]), int(found[3]))
    if day is None or found[4] is None:
        return day
    time = timedelta(hours=int(found[4]), minutes=int(found[5]), seconds=int(found[6] or 0))
    return (day + time).replace(tzinfo=_zone(found[7] or "")).astimezone(UTC)


def _zone(text: str) -> timezone:
    digits = re.sub(r"\D", "", text)
    if len(digits) != len("0000"):
        return UTC
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text.startswith("-") else offset)


def _month(word: str) -> int:
    lowered = word.lower()
    return _MONTHS.get(lowered[:4]) or _MONTHS.get(lowered[:3]) or 0


def _day(year: int, month: int, day: int) -> datetime | None:
    return datetime(year, month, day, tzinfo=UTC) if year in YEARS else None
