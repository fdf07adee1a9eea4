"""Dates, numbers and money as a reader of a language expects them; shared by pages and mails."""

from datetime import date, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import dates, numbers


def zone(name: str) -> ZoneInfo:
    """Return the time zone of that IANA name."""
    return ZoneInfo(name)


def day(value: date | datetime, language: str, tz: tzinfo | None = None) -> str:
    """Return a date such as '23 novembre 2026'; an instant is taken in `tz`."""
    if isinstance(value, datetime) and tz:
        value = value.astimezone(tz)
    return str(dates.format_date(value, "long", locale=language))


def moment(value: datetime, language: str, tz: tzinfo) -> str:
    """Return date and time such as '23 nov. 2026, 14:05' in the zone `tz`."""
    local = value.astimezone(tz)
    on, at = dates.format_date(local, "medium", locale=language), dates.format_time(local, "short", locale=language)
    return f"{on}, {at}"


def age(value: datetime, now: datetime, language: str) -> str:
    """Return how long ago `value` is, such as 'il y a 3 heures'."""
    return str(dates.format_timedelta(value - now, add_direction=True, locale=language))


def number(value: float | Decimal, language: str, digits: int = 0) -> str:
    """Return a number with grouped thousands and exactly `digits` decimals."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(numbers.format_decimal(value, format=pattern, locale=language))


def percent(share: float, language: str, digits: int = 1) -> str:
    """Return a share (0-1) as a percentage with exactly `digits` decimals."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    pattern += "\u202f%" if language == "fr" else "%"
    return str(numbers.format_percent(share, format=pattern, locale=language))


def money(value: float | Decimal, currency: str, language: str) -> str:
    """Return an amount such as '1 234,50 €'."""
    return str(numbers.format_currency(value, currency, locale=language))
