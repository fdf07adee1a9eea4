"""Folding keeps positions, hashes keep secrets, formats follow the language."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service import formats
from feedback_service.folding import fold
from feedback_service.hashing import address_key, content_digest, new_token
from feedback_service.i18n import best_language
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
