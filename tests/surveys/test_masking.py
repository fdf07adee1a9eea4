"""What is masked in a customer's text before it is kept (R17), and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.surveys.masking import EMAIL_MASK, IBAN_MASK, PHONE_MASK, mask


@pytest.mark.parametrize(
    "address", ["camille@example.com", "c.d+retours@mail.example.co.uk", "CAMILLE_D@EXAMPLE.COM", "léa@exemple.test"]
)
def test_email_address_is_masked(address: str) -> None:
    assert mask(f"Écrivez à {address}, merci.") == f"Écrivez à {EMAIL_MASK}, merci."


@pytest.mark.parametrize(
    "number",
    [
        "06 12 34 56 78",
        "0612345678",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "06\u00a012\u00a034\u00a056\u00a078",
        "+33 6 12 34 56 78",
        "+33612345678",
        "+33 (0)6 12 34 56 78",
        "0033 6 12 34 56 78",
        "+44 20 7946 0018",
        "+1 (202) 555-0143",
        "+49 30 901820",
    ],
)
def test_phone_number_is_masked(number: str) -> None:
    assert mask(f"Appelez le {number} svp") == f"Appelez le {PHONE_MASK} svp"


@pytest.mark.parametrize(
    "account",
    [
        "FR14 2004 1010 0505 0001 3M02 606",
        "FR1420041010050500013M02606",
        "fr14 2004 1010 0505 0001 3m02 606",
        "DE89 3704 0044 0532 0130 00",
        "GB82-WEST-1234-5698-7654-32",
    ],
)
def test_bank_account_is_masked_and_the_words_after_it_stay(account: str) -> None:
    assert mask(f"Mon compte : {account} merci beaucoup") == f"Mon compte : {IBAN_MASK} merci beaucoup"
    assert mask(f"({account})") == f"({IBAN_MASK})"


@pytest.mark.parametrize(
    "text",
    [
        "Commande AL-10001, reçue le 12/11/2026, 49,90 €.",
        "Colis 6A12345678901 livré après 14 jours",
        "FR15 2004 1010 0505 0001 3M02 606 has wrong check digits",
        "2 lampes à 120 000 lumens pour 1 234,50 €",
        "J'ai envoyé 3 mails @ votre service",
        "",
    ],
)
def test_order_numbers_prices_and_dates_stay(text: str) -> None:
    assert mask(text) == text


def test_several_in_one_text_are_all_masked() -> None:
    text = "Camille, camille@example.com ou 06 12 34 56 78, IBAN FR1420041010050500013M02606."
    assert mask(text) == f"Camille, {EMAIL_MASK} ou {PHONE_MASK}, IBAN {IBAN_MASK}."


@given(st.text(max_size=400))
def test_any_text_can_be_masked_and_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@given(st.text(st.characters(codec="utf-8", exclude_characters="@+0123456789"), max_size=300))
def test_text_without_digits_and_at_signs_stays_as_it_is(text: str) -> None:
    assert mask(text) == text


words = st.lists(st.sampled_from(["très", "déçu", "the", "lamp", "cassée", "!", "…", "€"]), max_size=6).map(" ".join)


@given(before=words, after=words)
def test_what_stands_around_an_address_is_kept(before: str, after: str) -> None:
    assert mask(f"{before} client@example.com {after}") == f"{before} {EMAIL_MASK} {after}"
