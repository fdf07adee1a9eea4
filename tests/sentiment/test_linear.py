"""The learned part: what it learns, keeps and explains."""

from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_service.sentiment.features import SIZE, left_half, right_half, word_features
from feedback_service.sentiment.linear import LinearModel, example, sigmoid, train

BAD, GOOD = ("colis perdu", "jamais livré", "lampe cassée"), ("colis parfait", "vite livré", "belle lampe")
EXAMPLES = [
    example(text.split(), offset=0.0, is_negative=is_negative)
    for texts, is_negative in ((BAD, True), (GOOD, False))
    for text in texts
]


def test_it_learns_what_tells_texts_apart() -> None:
    model = train(EXAMPLES)
    assert min(model.value(text.split()) for text in BAD) > max(model.value(text.split()) for text in GOOD)
    assert model.value(["perdu"]) > 0 > model.value(["parfait"])


def test_a_misspelled_word_is_recognised_by_its_pieces() -> None:
    model = train(EXAMPLES)
    assert model.value(["parfai"]) < model.bias < model.value(["casseee"])


def test_the_same_examples_give_the_same_model() -> None:
    assert train(EXAMPLES).to_bytes() == train(EXAMPLES).to_bytes()


def test_what_is_known_already_is_not_learned_again() -> None:
    known = [example(["perdu"], offset=9.0, is_negative=True), example(["parfait"], offset=-9.0, is_negative=False)]
    assert abs(train(known).value(["perdu"])) < 0.1


def test_importance_counts() -> None:
    def trained(importance: float) -> float:
        told = [
            example(["gris"], offset=0.0, is_negative=True, importance=importance),
            example(["gris"], offset=0.0, is_negative=False),
        ]
        return train(told).value(["gris"])

    assert trained(5.0) > trained(1.0)


def test_a_kept_model_says_nearly_the_same() -> None:
    model = train(EXAMPLES)
    kept = LinearModel.from_bytes(model.to_bytes())
    for text in BAD + GOOD:
        assert kept.value(text.split()) == pytest.approx(model.value(text.split()), abs=0.1)


@pytest.mark.parametrize("bytes_", [b"", b"FSL1", b"nonsense" * 9, b"FSL0" + b"\0" * 99], ids=str)
def test_what_is_no_model_is_refused(bytes_: bytes) -> None:
    with pytest.raises(ValueError, match="learned model"):
        LinearModel.from_bytes(bytes_)


def test_contributions_add_up_to_the_value() -> None:
    model = train(EXAMPLES)
    words = ["colis", "perdu", "lampe", "cassee"]
    assert sum(model.contributions(words)) + model.bias == pytest.approx(model.value(words))


def test_length_alone_tells_nothing() -> None:
    model = train(EXAMPLES)
    assert model.value([]) == model.bias
    assert model.value(["mot"] * 50) == pytest.approx(model.bias, abs=0.3)


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=100)
def test_every_word_has_its_places(first: str, second: str) -> None:
    places = (*word_features(first), left_half(first) ^ right_half(second))
    assert all(0 <= place < SIZE for place in places)


@given(st.floats(allow_nan=False))
def test_a_logit_is_a_probability(value: float) -> None:
    assert 0 <= sigmoid(value) <= 1


@given(st.text(alphabet="abcxyzé😀<>\ud800ж", max_size=40))
def test_features_are_the_word_and_its_pieces_whatever_its_letters(word: str) -> None:
    whole = f"<{word[:24]}>"
    pieces = [whole[at : at + length] for length in (3, 4) for at in range(len(whole) - length + 1)]
    places = [crc32(piece.encode("utf-8", "surrogatepass")) % SIZE for piece in (f"w {word}", *pieces)]
    assert list(word_features(word)) == places
