"""Dates, numbers and money as a reader of a language expects them; shared by pages and mails."""

import re
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Self
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

_LOCALES = {"en": "en_GB", "pt": "pt_PT"}
"""European shops: "23 November 2026", 14:05 and 1 234,50 €, not what "en" and "pt" alone stand for overseas."""
_FOUR_TOGETHER = {"es", "pt"}
"""1234 but 12 345: minimumGroupingDigits of the Unicode consortium, which babel does not heed."""
_FIVE_DIGITS = 10_000
_LETTER_BESIDE_DIGIT = re.compile(r"(?<=[A-Z])(?=\d)")
"""CHF 12 and not CHF12: currencySpacing of the Unicode consortium, which babel does not heed."""
_FIRST = {"fr": "1er", "it": "1º"}
_WITH_WEEKDAY = {"it"}
"""Where a date has an article that changes with its number ("il 7", "l’8"): behind a weekday it has none."""


def locale_of(language: str) -> str:
    """Return the locale in whose form a reader of `language` expects dates, times, numbers and money."""
    return _LOCALES.get(language, language)


def zone(name: str) -> ZoneInfo:
    """Return the time zone of that IANA name."""
    return ZoneInfo(name)


def day(value: date | datetime, language: str, tz: tzinfo | None = None) -> str:
    """Return a date as it stands in a sentence, such as '23 novembre 2026'; an instant is taken in `tz`."""
    if isinstance(value, datetime) and tz:
        value = value.astimezone(tz)
    text = first_of_month(str(dates.format_date(value, "long", locale=locale_of(language))), language)
    if language not in _WITH_WEEKDAY:
        return text
    return f"{dates.format_date(value, 'EEEE', locale=locale_of(language))} {text}"


def first_of_month(text: str, language: str) -> str:
    """Return a day as the language writes the first: "1er décembre", "1º dicembre"; the locale data have "1"."""
    first = _FIRST.get(language)
    return f"{first} {text[2:]}" if first and text.startswith("1 ") else text


def moment(value: datetime, language: str, tz: tzinfo) -> str:
    """Return date and time such as '23 nov. 2026, 14:05' in the zone `tz`."""
    local = value.astimezone(tz)
    locale = locale_of(language)
    on, at = dates.format_date(local, "medium", locale=locale), dates.format_time(local, "short", locale=locale)
    return f"{on}, {at}"


def age(value: datetime, now: datetime, language: str) -> str:
    """Return how long ago `value` is, such as 'il y a 3 heures'."""
    return str(dates.format_timedelta(value - now, add_direction=True, locale=locale_of(language)))


def number(value: float | Decimal, language: str, digits: int = 0) -> str:
    """Return a number with grouped thousands and exactly `digits` decimals."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    grouped = _is_grouped(value, language)
    return str(numbers.format_decimal(value, pattern, locale_of(language), group_separator=grouped))


class Count(int):
    """How many there are: a whole number to count by, with grouped thousands where it is written."""

    _written: str

    def __new__(cls, value: int, language: str) -> Self:
        """Make a count that is written in `language`."""
        counted = super().__new__(cls, value)
        counted._written = number(value, language)
        return counted

    def __str__(self) -> str:
        return self._written


def percent(share: float, language: str, digits: int = 1) -> str:
    """Return a share (0-1) as a percentage with exactly `digits` decimals."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    # French typography has a narrow space where the locale data have a wide one.
    sign = Locale.parse(locale_of(language)).percent_formats[None].suffix[0]
    pattern += "\u202f%" if language == "fr" else sign
    return str(numbers.format_percent(share, format=pattern, locale=locale_of(language)))


def money(value: float | Decimal, currency: str, language: str) -> str:
    """Return an amount such as '1 234,50 €'."""
    grouped = _is_grouped(value, language)
    amount = numbers.format_currency(value, currency, locale=locale_of(language), group_separator=grouped)
    return _LETTER_BESIDE_DIGIT.sub("\u00a0", amount).replace("£GB", "£")


def _is_grouped(value: float | Decimal, language: str) -> bool:
    """Tell whether thousands are set apart: not in four digits where the language leaves those together."""
    return language not in _FOUR_TOGETHER or not -_FIVE_DIGITS < value < _FIVE_DIGITS
