"""The language is found among the shop's, by small words first and the model last."""

from functools import cache

import pytest

from feedback_service.sentiment.language import LanguageFinder, load_model
from feedback_service.sentiment.lexicon import load_lexicon
from feedback_service.sentiment.scorer import Scorer

CASES = {
    "french_one_word": ("Nul", "fr"),
    "french_sentence": ("La livraison est arrivée en retard", "fr"),
    "french_without_accents": ("pas recu mon colis", "fr"),
    "french_phone": ("jai rien recu", "fr"),
    "french_with_english_words": ("Le packaging est top mais le tracking ne marche pas", "fr"),
    "english_one_word": ("Awful", "en"),
    "english_sentence": ("The delivery was late", "en"),
    "english_short_form": ("Doesn't work", "en"),
    "english_place_in_france": ("Never got my parcel in Paris", "en"),
}


@pytest.mark.parametrize(("text", "language"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("order", [("fr", "en"), ("en", "fr")], ids=["french_shop", "english_shop"])
def test_short_texts_have_their_language(text: str, language: str, order: tuple[str, str]) -> None:
    assert Scorer(order).score(text).language == language


@pytest.mark.parametrize("text", ["", "12345", "😡", "xyzzy"], ids=["empty", "number", "emoji", "no_word"])
def test_a_text_that_tells_nothing_is_in_the_first_language(text: str) -> None:
    assert Scorer(("en", "fr")).score(text).language == "en"
    assert Scorer(("fr", "en")).score(text).language == "fr"


@cache
def finder() -> LanguageFinder:
    return LanguageFinder(("fr", "en", "de"), {code: load_lexicon(code) for code in ("fr", "en")})


def test_the_model_is_asked_where_words_do_not_decide() -> None:
    text = "Ganz schlechter Kundendienst, niemals wieder dort bestellen"
    assert finder().find(text.lower(), text) == "de"


def test_a_language_that_the_model_does_not_know_is_left_out() -> None:
    assert load_model(("fr", "xx")) is None
    model = load_model(("fr", "en", "xx"))
    assert model is not None
    assert model.classify("la commande est arrivée en retard")[0] == "fr"
