"""Copies with small changes are found; different texts are not."""

from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.mentions.near import bands, bands_to_ask, is_near, similar
from tests.bench.figures_near import Found, count
from tests.support.copies import changed, texts_of

COMPLAINT = (
    "Lampe reçue avec un abat-jour fendu, le transporteur accuse la boutique, la boutique accuse le transporteur, et"
    " mon virement de quatre-vingts euros reste introuvable malgré cinq courriels polis."
)
COPIES = {
    "the same": COMPLAINT,
    "case, accents and punctuation": COMPLAINT.upper().replace("Ç", "C").replace(",", " -"),
    "an introduction": f"Lu sur un forum hier soir : « {COMPLAINT} »",
    "a note below": f"{COMPLAINT} Publié par un internaute, traduction de la rédaction, tous droits réservés.",
    "cut": COMPLAINT.rpartition(" malgré")[0] + "…",
    "other amounts": COMPLAINT.replace("quatre-vingts", "90").replace("cinq", "6"),
    "three other words": COMPLAINT.replace("fendu", "cassé").replace("polis", "restés").replace("accuse", "blâme", 1),
}
OTHERS = {
    "another complaint of the same shop": "Lampe commandée en mars, jamais livrée, le standard de la boutique raccroche"
    " dès que je donne mon numéro et personne ne répond aux courriels depuis.",
    "a report that quotes it": f"{'Notre enquête sur les petites boutiques en ligne commence chez Mme Exemple. ' * 5}"
    f" {COMPLAINT} {'Le médiateur, lui, rappelle les délais légaux et invite chacun à écrire. ' * 5}",
    "few words": "Lampe reçue avec un abat-jour fendu.",
    "nothing": "",
}


def _is_found(text: str, stored: str) -> bool:
    return not set(bands(stored)).isdisjoint(bands_to_ask(text)) and is_near(text, stored)


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES.keys())
def test_a_copy_is_found_whichever_comes_first(copy: str) -> None:
    assert _is_found(copy, COMPLAINT)
    assert _is_found(COMPLAINT, copy)


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_what_is_no_copy_is_not_taken_for_one(other: str) -> None:
    assert not _is_found(other, COMPLAINT)
    assert not _is_found(COMPLAINT, other)


def test_what_many_say_in_a_few_words_is_no_copy() -> None:
    said = (
        "Très bon rapport qualité prix et livraison rapide, merci beaucoup",
        "Bon rapport qualité prix et livraison très rapide, merci à vous",
        "Rapport qualité prix correct et livraison rapide, je vous remercie",
    )
    assert not any(_is_found(one, other) for one, other in combinations(said, 2))


def test_texts_of_less_than_eight_words_have_no_bands() -> None:
    assert bands("Escroquerie monumentale, fuyez absolument cette boutique malhonnête") == ()
    assert bands("") == ()
    assert bands("un de la à et ou ni car or donc") == ()


def test_bands_are_few_and_fit_every_database() -> None:
    keys = [*bands(COMPLAINT * 3), *bands_to_ask(COMPLAINT * 3)]
    assert len(bands(COMPLAINT)) == 10
    assert len(bands_to_ask(COMPLAINT)) == 35
    assert set(bands(COMPLAINT)) <= set(bands_to_ask(COMPLAINT))
    assert all(0 <= key < 2**63 for key in keys)


def test_bands_are_the_same_in_every_process() -> None:
    """They are stored: Python's own hashes, which differ from process to process, would find nothing."""
    assert min(bands(COMPLAINT)) == 540643420343867024


LONG_WORDS = st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=12), min_size=20, max_size=60)


@given(LONG_WORDS.filter(lambda words: len(set(words)) == len(words)), st.integers(0, 2**32))
def test_two_other_words_always_leave_a_band(words: list[str], seed: int) -> None:
    copy = changed(words, Random(seed), ["remplacement", "différent", "ailleurs"], 2)  # noqa: S311 - no secrets
    assert not set(bands(" ".join(words))).isdisjoint(bands_to_ask(" ".join(copy)))


@given(st.text(), st.text())
def test_any_two_texts_can_be_compared_and_nearness_is_mutual(one: str, other: str) -> None:
    assert is_near(one, other) == is_near(other, one)
    assert 0 <= similar(one, other) <= 1
    assert set(bands(one)) <= set(bands_to_ask(one))


@pytest.mark.shared
@pytest.mark.parametrize("name", ["cdiscount_dev.fr", "airline_tweets.en", "cls_amazon_books.de"])
def test_of_real_reviews_copies_are_found_and_others_are_not(shared: Path, name: str) -> None:
    found = Found()
    count(found, texts_of(shared / "data" / "sentiment" / f"{name}.jsonl", 20, 60))
    for kind in ("1-3 words edited", "6 words before", "10 words after"):
        assert found.near[kind] / found.copies[kind] >= 0.95
    assert found.false / found.pairs < 0.0001
    assert found.compared / found.pairs < 0.001
