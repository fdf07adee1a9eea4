"""Folded text keeps its length, whichever way it is folded."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.folding import _fold_character, fold

TEXTS = {
    "Ça n’a PAS marché": "ca n'a pas marche",
    "Œuvre\u00a0d’Éloïse": "ouvre d'eloise",
    "l`atelier": "l'atelier",
    "l`atelier été": "l'atelier ete",
    "Straße İstanbul Łódź 😡": "strase istanbul lodz 😡",
    "Ω Привет": "ω привет",
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.items())
def test_case_and_accents_are_folded(text: str, expected: str) -> None:
    assert fold(text) == expected


@given(st.text() | st.text(st.characters(codec="cp1252")))
def test_a_text_is_folded_as_its_characters_are(text: str) -> None:
    assert fold(text) == "".join(map(_fold_character, text))
    assert len(fold(text)) == len(text)


def test_every_character_is_folded_alike_alone_and_among_others() -> None:
    for start in range(0, sys.maxunicode + 1, 256):
        text = "".join(map(chr, range(start, start + 256)))
        assert fold(text) == "".join(map(_fold_character, text))
    western = bytes(range(256)).decode("cp1252", "ignore")
    assert fold(western) == "".join(map(_fold_character, western))
