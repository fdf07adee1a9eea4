"""Misspelled names: one edit is found, two are not, and a short name is never bent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.mentions.matching import Watch
from feedback_service.mentions.misspelling import SHORTEST, Misspellings, is_one_edit

WORDS = st.text("abc", max_size=7)


def distance(first: str, second: str) -> int:
    """Return the distance of Damerau and Levenshtein where no piece is edited twice, by the plain table."""
    table = [
        [row + column if not row * column else 0 for column in range(len(second) + 1)] for row in range(len(first) + 1)
    ]
    for row in range(1, len(first) + 1):
        for column in range(1, len(second) + 1):
            same = first[row - 1] == second[column - 1]
            table[row][column] = min(
                table[row - 1][column] + 1, table[row][column - 1] + 1, table[row - 1][column - 1] + (not same)
            )
            crossed = row > 1 and column > 1 and first[row - 2 : row] == second[column - 2 : column][::-1]
            if crossed:
                table[row][column] = min(table[row][column], table[row - 2][column - 2] + 1)
    return table[-1][-1]


@given(WORDS, WORDS)
def test_one_edit_is_a_distance_of_one(first: str, second: str) -> None:
    assert is_one_edit(first, second) == (distance(first, second) == 1)


@given(WORDS, st.integers(0, 7), st.sampled_from("abc"), st.sampled_from(["add", "drop", "change", "swap"]))
def test_whatever_one_edit_makes_of_a_word_is_recognised(word: str, at: int, letter: str, edit: str) -> None:
    at = min(at, len(word))
    head, tail = word[:at], word[at:]
    edited = {
        "add": head + letter + tail,
        "drop": head + tail[1:],
        "change": head + letter + tail[1:] if tail else word,
        "swap": head + tail[:2][::-1] + tail[2:],
    }[edit]
    assert is_one_edit(word, edited) == (word != edited)
    assert is_one_edit(edited, word) == (word != edited)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("commande cdicount annulee", ["cdicount"], id="letter_left_out"),
        pytest.param("commande cdisscount annulee", ["cdisscount"], id="letter_added"),
        pytest.param("commande cdizcount annulee", ["cdizcount"], id="letter_changed"),
        pytest.param("commande cdsicount annulee", ["cdsicount"], id="neighbours_swapped"),
        pytest.param("(cdiscont)", ["cdiscont"], id="in_brackets"),
        pytest.param("cdiscont, cdiscout", ["cdiscont", "cdiscout"], id="twice"),
        pytest.param("commande cdiscount annulee", [], id="right"),
        pytest.param("commande cdiscnut annulee", [], id="two_edits"),
        pytest.param("discount", ["discount"], id="another_word_that_near"),
        pytest.param("cdiscount2", [], id="with_a_digit_and_right"),
    ],
)
def test_a_name_is_found_within_one_edit(text: str, found: list[str]) -> None:
    places = list(Misspellings([("cdiscount", "Cdiscount")]).find(text))
    assert [text[start:end] for start, end, _ in places] == found
    assert {term for _, _, term in places} <= {"Cdiscount"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("orange", "un orangé, des oranges", id="short_name"),
        pytest.param("atelier lumen", "atelier lumn", id="several_words"),
        pytest.param("o'clock", "oclock", id="not_letters_alone"),
    ],
)
def test_some_names_are_never_bent(name: str, text: str) -> None:
    assert not list(Misspellings([(name, name)]).find(text))


def test_the_shortest_name_that_is_bent_has_seven_letters() -> None:
    assert SHORTEST == 7
    assert list(Misspellings([("abcdefg", "Abcdefg")]).find("abcdefh"))
    assert not list(Misspellings([("abcdef", "Abcdef")]).find("abcdeg"))


def test_the_watch_tells_a_misspelled_name_and_where_it_stands() -> None:
    text = "Jamais livré par Cdicsount."
    match = Watch(["Cdiscount"]).match(text)
    assert match is not None
    assert match.is_misspelled
    assert [(text[span.start : span.end], span.term) for span in match.spans] == [("Cdicsount", "Cdiscount")]


def test_a_name_that_is_spelled_right_once_is_not_called_misspelled() -> None:
    match = Watch(["Cdiscount"]).match("Cdiscount, ou Cdicsount")
    assert match is not None
    assert not match.is_misspelled
