"""Folding keeps positions, hashes keep secrets, formats follow the language."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service import formats
from feedback_service.folding import fold
from feedback_service.hashing import address_key, content_digest, new_token
from feedback_service.i18n import LANGUAGES, best_language
from feedback_service.logs import mask_tokens


@given(st.text())
def test_folded_text_has_the_same_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Écran CASSÉ", "ecran casse"),
        ("l’été", "l'ete"),
        ("Cœur", "cour"),
        ("STRASSE straße", "strasse strase"),
        ("10\u202f€", "10 €"),
    ],
)
def test_case_accents_and_typography_are_folded(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_an_address_has_one_key_however_it_is_written() -> None:
    assert address_key("k", " Client@Example.COM ") == address_key("k", "client@example.com")
    assert address_key("k", "client@example.com") != address_key("other", "client@example.com")


def test_parts_of_a_digest_do_not_run_together() -> None:
    assert content_digest("ab", "c") != content_digest("a", "bc")


def test_tokens_differ_and_stay_out_of_logs() -> None:
    token = new_token()
    assert token != new_token()
    assert token not in mask_tokens(f"GET /s/{token}?r=5 and /u/{token}")


@pytest.mark.parametrize(
    ("wanted", "expected"), [("fr-CA", "fr"), ("EN", "en"), ("de", "fr"), (None, "fr"), ("en_GB", "en")]
)
def test_the_best_language_is_the_wanted_one_if_we_speak_it(wanted: str | None, expected: str) -> None:
    assert best_language(wanted, ("fr", "en"), "fr") == expected


def test_dates_numbers_and_money_follow_the_language() -> None:
    moment = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    paris = ZoneInfo("Europe/Paris")
    assert formats.day(moment, "fr", paris) == "24 novembre 2026"
    assert formats.day(moment, "en", paris) == "24 November 2026"
    assert formats.percent(79 / 678, "fr") == "11,7\u202f%"
    assert formats.percent(79 / 678, "en", digits=2) == "11.65%"
    assert formats.number(138593, "en") == "138,593"
    assert formats.money(12.5, "EUR", "en") == "€12.50"
    assert "3 heures" in formats.age(moment - timedelta(hours=3), moment, "fr")


@pytest.mark.parametrize(
    ("language", "first", "amount", "share", "count"),
    [
        ("fr", "1er décembre 2026", "12\u202f345,50\u00a0€", "12,5\u202f%", "12\u202f345"),
        ("en", "1 December 2026", "€12,345.50", "12.5%", "12,345"),
        ("de", "1. Dezember 2026", "12.345,50\u00a0€", "12,5\u00a0%", "12.345"),
        ("es", "1 de diciembre de 2026", "12.345,50\u00a0€", "12,5\u00a0%", "12.345"),
        ("it", "martedì 1º dicembre 2026", "12.345,50\u00a0€", "12,5%", "12.345"),
        ("nl", "1 december 2026", "€\u00a012.345,50", "12,5%", "12.345"),
        ("pt", "1 de dezembro de 2026", "12\u00a0345,50\u00a0€", "12,5%", "12\u00a0345"),
    ],
)
def test_each_language_writes_days_money_shares_and_numbers_its_own_way(
    language: str, first: str, amount: str, share: str, count: str
) -> None:
    assert formats.day(date(2026, 12, 1), language) == first
    assert formats.money(12345.5, "EUR", language) == amount
    assert formats.percent(0.125, language) == share
    assert formats.number(12345, language) == count


@pytest.mark.parametrize("language", LANGUAGES)
@given(day=st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
def test_only_the_first_of_a_month_is_an_ordinal(language: str, day: date) -> None:
    written = formats.day(day, language)
    assert written.endswith(str(day.year))
    assert ("1er " in written or "1º" in written) == (day.day == 1 and language in {"fr", "it"})
    assert re.match(r"[^\d\s]+ \d" if language == "it" else r"\d", written)
    assert re.search(rf"(?<!\d){day.day}(?!\d)", written)


@pytest.mark.parametrize(
    ("language", "francs", "pounds", "large"),
    [
        ("fr", "1\u202f234,50\u00a0CHF", "1\u202f234,50\u00a0£", "12\u202f345"),
        ("en", "CHF\u00a01,234.50", "£1,234.50", "12,345"),
        ("de", "1.234,50\u00a0CHF", "1.234,50\u00a0£", "12.345"),
        ("es", "1234,50\u00a0CHF", "1234,50\u00a0GBP", "12.345"),
        ("it", "1.234,50\u00a0CHF", "1.234,50\u00a0£", "12.345"),
        ("nl", "CHF\u00a01.234,50", "£\u00a01.234,50", "12.345"),
        ("pt", "1234,50\u00a0CHF", "1234,50\u00a0£", "12\u00a0345"),
    ],
)
def test_other_currencies_and_four_digits_are_written_as_the_language_does(
    language: str, francs: str, pounds: str, large: str
) -> None:
    assert formats.money(Decimal("1234.50"), "CHF", language) == francs
    assert formats.money(Decimal("1234.50"), "GBP", language) == pounds
    assert formats.number(12345, language) == large
    assert formats.number(-1234, language) in {"-1234", "-1.234", "-1,234", "-1\u202f234"}


def test_a_count_is_counted_as_a_number_and_written_in_groups() -> None:
    many = formats.Count(10004, "fr")
    assert (many, str(many), f"{many}") == (10004, "10\u202f004", "10\u202f004")
    assert str(formats.Count(1, "en")) == "1"
