"""Cells of a CSV file: what is a number, an amount, a date; and what is refused, in words."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.returns import values
from feedback_service.returns.connectors import csv_values
from feedback_service.returns.payloads import MAX_QUANTITY
from feedback_service.returns.values import BadValueError

PARIS = ZoneInfo("Europe/Paris")
_amounts = st.decimals(0, 999_999_999, places=2)


@pytest.mark.parametrize(
    ("text", "number"), [("6", 6), (" 6 ", 6), ("6.0", 6), ("6,00", 6), ("-6", -6), ("1 200", 1200), ("+3", 3)]
)
def test_whole_numbers(text: str, number: int) -> None:
    assert csv_values.whole(text) == number


@pytest.mark.parametrize("text", ["", "x", "6.5", "1,200", "--1", "1e3", "٣", "9" * 30])
def test_what_is_no_whole_number(text: str) -> None:
    with pytest.raises(BadValueError, match=re.escape(f"{text!r} is not a whole number")):
        csv_values.whole(text)


@pytest.mark.parametrize(("text", "negate"), [("0", False), ("-1", False), ("1", True), ("1000001", False)])
def test_units_are_one_or_more_and_on_the_right_side_of_zero(text: str, negate: bool) -> None:  # noqa: FBT001 - a table
    with pytest.raises(BadValueError, match="is not a number of units"):
        csv_values.units(text, negate=negate)


@given(st.integers(1, MAX_QUANTITY))
def test_units_are_read_back(number: int) -> None:
    assert csv_values.units(str(number)) == csv_values.units(str(-number), negate=True) == number


@given(_amounts)
def test_amounts_are_read_back_however_a_person_writes_them(amount: Decimal) -> None:
    assert csv_values.amount(str(amount)) == amount
    assert csv_values.amount(f"{amount:,}") == amount
    assert csv_values.amount(f"€{amount}") == csv_values.amount(f"{amount} EUR") == amount
    for locale in ("fr", "de", "es"):
        text = format_decimal(amount, format="#,##0.00", locale=locale)
        assert csv_values.amount(f"{text} €", decimal_comma=True) == amount


@given(_amounts.filter(lambda amount: amount % 1 != 0))
def test_a_decimal_comma_is_never_read_as_a_thousands_separator(amount: Decimal) -> None:
    with pytest.raises(BadValueError, match="decimal_comma is false in the map"):
        csv_values.amount(str(amount).replace(".", ","))
    with pytest.raises(BadValueError, match="decimal_comma is true in the map"):
        csv_values.amount(str(amount), decimal_comma=True)


@pytest.mark.parametrize("text", ["", "x", "1,2,3", "NaN", "Infinity", "1e5", "1.2.3", "-1", "99999999999", "12 %"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(BadValueError, match="is not an amount"):
        csv_values.amount(text)


@given(st.text())
def test_any_text_is_a_value_or_a_bad_value(text: str) -> None:
    of_files = (csv_values.whole, csv_values.units, csv_values.amount)
    for parse in (*of_files, values.text_of, values.address, values.language):
        try:
            parse(text)
        except BadValueError as error:
            assert str(error)  # noqa: PT017 - either is fine; the reason must be there
    try:
        csv_values.instant(text, PARIS)
    except BadValueError as error:
        assert "is not a date" in str(error)  # noqa: PT017 - as above


_FORMATS = ["%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M", "%m/%d/%Y %I:%M %p", "%d.%m.%Y %Hh%M", ""]


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants these naive
    st.sampled_from(_FORMATS),
)
def test_dates_are_read_back_in_the_shops_zone(instant: datetime, date_format: str) -> None:
    local = instant.replace(second=0, microsecond=0).astimezone(PARIS)
    if local.fold:
        return  # The hour that comes twice in autumn: without an offset the first one is meant.
    text = local.strftime(date_format) if date_format else local.replace(tzinfo=None).isoformat()
    assert csv_values.instant(text, PARIS, date_format) == local


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23", datetime(2026, 11, 22, 23, tzinfo=UTC)),
        ("2026-07-23T10:00", datetime(2026, 7, 23, 8, tzinfo=UTC)),
        ("2026-11-23T10:00:00Z", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2026-11-23 10:00:00-05:00", datetime(2026, 11, 23, 15, tzinfo=UTC)),
    ],
)
def test_iso_dates_with_and_without_an_offset(text: str, expected: datetime) -> None:
    assert csv_values.instant(text, PARIS) == expected


@pytest.mark.parametrize(
    ("text", "date_format"),
    [("23/11/2026", ""), ("31/02/2026", "%d/%m/%Y"), ("2026-11-23", "%d/%m/%Y"), ("", ""), ("0001-01-01", "")],
)
def test_what_is_no_date(text: str, date_format: str) -> None:
    with pytest.raises(BadValueError, match="is not a date"):
        csv_values.instant(text, PARIS, date_format)


def test_texts_lose_control_characters_and_keep_everything_else() -> None:
    assert values.text_of("  Lampe\x00 « Aube »\r\nété\u202e ") == "Lampe  « Aube »  été"
    with pytest.raises(BadValueError, match="is empty"):
        values.text_of(" \x00 ", required=True)
    with pytest.raises(BadValueError, match="has 301 characters; 300 at most"):
        values.text_of("x" * 301)


@pytest.mark.parametrize("text", ["nobody", "a@", "a b@example.com", "a@example.com,b@example.com", "a@b@example.com"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(BadValueError, match="is not an e-mail address"):
        values.address(text)


def test_languages_and_currencies() -> None:
    assert [values.language(text) for text in ("fr", "fr_CA", "EN-gb", "")] == ["fr", "fr-ca", "en-gb", None]
    assert [values.currency(text) for text in ("eur", "GBP", "")] == ["EUR", "GBP", ""]
    for parse, text in ((values.language, "français"), (values.currency, "€")):
        with pytest.raises(BadValueError, match=f"'{text}' is not a"):
            parse(text)
