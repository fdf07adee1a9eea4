"""Terms: any, all, none; folded case and accents; word borders."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedback_service.folding import fold
from feedback_service.mentions.matching import Match, Watch

FOUND = {
    "case": "ATELIER LUMEN m'a déçue",
    "accents": "l'atélier lumen",
    "elision": "chez l'Atelier Lumen",
    "typographic elision": "d’Atelier Lumen",
    "possessive": "Atelier Lumen's lamp",
    "line break": "Atelier\n   Lumen",
    "no-break space": "Atelier\u00a0Lumen",
    "hyphen": "Atelier-Lumen",
    "underscore": "@atelier_lumen",
    "hashtag": "jamais plus #AtelierLumen !",
    "handle": "merci @atelierlumen",
    "domain": "voir https://www.atelierlumen.example.com/avis",
    "hyphened domain": "voir atelier-lumen.fr",
    "punctuation": "«Atelier Lumen»…",
    "soft hyphen": "Ate\u00adlier Lu\u200bmen",
}
NOT_FOUND = {
    "inside a word": "Ateliers Lumenaires",
    "plural": "Atelier Lumens",
    "digit": "Atelier Lumen2",
    "glued": "MonAtelier Lumen",
    "run together in prose": "atelierlumen est un mot",
    "other order": "Lumen Atelier",
    "word between": "Atelier du Lumen",
    "nothing": "",
}


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND.keys())
def test_a_term_is_found_as_people_write_it(text: str) -> None:
    assert Watch(["Atelier Lumen"]).match(text) is not None


@pytest.mark.parametrize("text", NOT_FOUND.values(), ids=NOT_FOUND.keys())
def test_a_term_is_not_found_in_other_words(text: str) -> None:
    assert Watch(["Atelier Lumen"]).match(text) is None


def test_the_match_tells_terms_and_places_in_the_original() -> None:
    text = "Où est ma  lampe ?  ATELIER –  LUMEN ne répond pas. #atelierlumen"
    match = Watch(["Atelier Lumen", "lampe"]).match(text)
    assert match is not None
    assert match.terms == ("Atelier Lumen", "lampe")
    assert [text[span.start : span.end] for span in match.spans] == ["lampe", "ATELIER –  LUMEN", "atelierlumen"]


@pytest.mark.parametrize(
    ("any_", "all_", "none", "text", "expected"),
    [
        (["lumen", "aube"], [], [], "une lampe Aube", True),
        (["lumen"], ["retour"], [], "lumen", False),
        (["lumen"], ["retour"], [], "lumen et le retour", True),
        ([], ["lumen", "retour"], [], "lumen, retour", True),
        (["lumen"], [], ["physique"], "le lumen en physique", False),
        (["lumen"], [], ["physique"], "le lumen", True),
        ([], [], [], "rien à chercher", False),
        ([], [], ["physique"], "autre chose", False),
        (["", "  "], [], [], "rien à chercher", False),
        (["C&A"], [], [], "chez c&a hier", True),
        (["3 Suisses"], [], [], "les 3 suisses", True),
        (["l'aube"], [], [], "L’AUBE", True),
        (["Sœur"], [], [], "ma soeur", True),
        (["Sœur"], [], [], "ma SŒUR", True),
    ],
)
def test_any_all_and_none(any_: list[str], all_: list[str], none: list[str], text: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert (Watch(any_, all_, none).match(text) is not None) is expected


def test_a_source_about_us_needs_no_term_and_tells_those_that_stand_there() -> None:
    watch = Watch(["lumen"], ["retour"], ["physique"])
    assert watch.match("nul", about_us=True) == Match((), ())
    found = watch.match("lumen et physique", about_us=True)
    assert found is not None
    assert found.terms == ("lumen",)


WORDS = st.lists(
    st.sampled_from(
        ["a", "ab", "lumen", "Été", "b-c", "œuf", "d'e", " ", "-", "#", "@", ".fr", "_", "\u00ad", "É", "x"]
    ),
    min_size=1,
    max_size=12,
).map("".join)


@given(st.lists(WORDS, min_size=1, max_size=8), WORDS)
@example(["ab", "b a"], "ab ab a")
@example(["b c"], "#bc b-c")
def test_many_terms_give_the_same_answer_as_few(terms: list[str], text: str) -> None:
    few, many = Watch(terms, plain_up_to=10_000), Watch(terms, plain_up_to=0)
    assert few.match(text) == many.match(text)
    assert few.spans(text) == many.spans(text)


@given(WORDS, WORDS, WORDS)
def test_a_span_is_the_term_but_for_its_form(before: str, term: str, after: str) -> None:
    text = f"{before} {term} {after}"
    for span in Watch([term]).spans(text):
        letters = [c for c in fold(text[span.start : span.end]) if c.isalnum()]
        assert letters in (
            [c for c in fold(term) if c.isalnum()],
            [c for c in fold(term.replace("œ", "oe")) if c.isalnum()],
        )
    if any(character.isalnum() for character in term):
        assert Watch([term]).spans(text)


def test_hundreds_of_terms_are_searched_in_one_pass() -> None:
    watch = Watch([f"marque {number}" for number in range(500)])
    match = watch.match("Je préfère la marque 123 à la marque-42")
    assert match is not None
    assert set(match.terms) == {"marque 123", "marque 42"}
