"""What must hold for every text: form does not change a judgement, and praise never makes it worse."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_service.sentiment.scorer import Scorer

SCORERS = {"fr": Scorer(("fr",)), "en": Scorer(("en",))}
BLAME = {
    "fr": ["Jamais reçu mon colis.", "Service client injoignable !", "Qualité décevante.", "C'est une arnaque.",
           "Toujours pas remboursé, malgré trois mails.", "Le produit est joli mais il est arrivé cassé."],
    "en": ["My parcel never arrived.", "Customer service is useless!", "Poor quality.", "It's a scam.",
           "Still no refund after three emails.", "The lamp is pretty but it came broken."],
}  # fmt: skip
PLAIN = {
    "fr": ["J'ai commandé une lampe lundi.", "Le carton est bleu.", "Livrez-vous en Belgique ?", "Bonjour,"],
    "en": ["I ordered a lamp on Monday.", "The box is blue.", "Do you deliver to Ireland?", "Hello,"],
}
PRAISE = {
    "fr": ["Très satisfait.", "Livraison rapide, je recommande !", "Produit parfait.", "Rien à redire.",
           "Service client très réactif, merci beaucoup.", "Je suis ravie de mon achat."],
    "en": ["Very happy.", "Fast delivery, highly recommended!", "Perfect product.", "No complaints at all.",
           "Very helpful customer service, thank you.", "I love it."],
}  # fmt: skip
LANGUAGES = st.sampled_from(["fr", "en"])


def texts(language: str) -> st.SearchStrategy[list[str]]:
    every = BLAME[language] + PLAIN[language] + PRAISE[language]
    return st.lists(st.sampled_from(every), min_size=1, max_size=8)


@given(st.data(), LANGUAGES)
@settings(max_examples=200, deadline=None)
def test_praise_added_never_makes_a_text_more_negative(data: st.DataObject, language: str) -> None:
    said, praise = data.draw(texts(language)), data.draw(st.sampled_from(PRAISE[language]))
    score = SCORERS[language].score
    before = score(" ".join(said)).negative
    assert score(" ".join([*said, praise])).negative <= before
    assert score(" ".join([praise, *said])).negative <= before


@given(st.data(), LANGUAGES)
@settings(max_examples=100, deadline=None)
def test_case_does_not_change_a_judgement(data: st.DataObject, language: str) -> None:
    text = " ".join(data.draw(texts(language)))
    judged = SCORERS[language].score(text)
    assert SCORERS[language].score(text.upper()).negative == judged.negative
    assert SCORERS[language].score(text.lower()).label is judged.label


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_accents_do_not_change_a_judgement(data: st.DataObject) -> None:
    text = " ".join(data.draw(texts("fr")))
    bare = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    assert SCORERS["fr"].score(bare).negative == SCORERS["fr"].score(text).negative


@given(st.data(), LANGUAGES, st.sampled_from(["  ", "\n", "\t", "\r\n", " \n\n ", "\u00a0", "\u202f"]))
@settings(max_examples=150, deadline=None)
def test_white_space_does_not_change_a_judgement(data: st.DataObject, language: str, space: str) -> None:
    text = " ".join(data.draw(texts(language)))
    spread = f"{space}{text.replace(' ', space)}{space}"
    assert SCORERS[language].score(spread).negative == SCORERS[language].score(text).negative


@pytest.mark.parametrize("language", ["fr", "en"])
def test_length_alone_changes_nothing(language: str) -> None:
    score = SCORERS[language].score
    plain = [score(" ".join(PLAIN[language][:1] * times)).negative for times in (1, 5, 40)]
    assert max(plain) - min(plain) < 0.1
    assert score(" ".join(PRAISE[language] * 20)).negative < 0.05
    assert score(" ".join(BLAME[language] * 20)).negative > 0.9
