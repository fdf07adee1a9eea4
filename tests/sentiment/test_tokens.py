"""Words and their places, however a text is written."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedback_service.folding import fold
from feedback_service.sentiment.tokens import Tokens, plain

ASCII = st.text(st.sampled_from("abd39':;=^<>()/-,.!? \n")).map(fold)


@given(text=ASCII, joins=st.booleans())
@settings(max_examples=500)
@example(text=">( bad", joins=True)
def test_a_plain_text_is_split_as_any_other(text: str, joins: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    # A letter beyond ASCII behind the text has the general pattern chosen for the same words.
    said = Tokens(f"{text} ", 0, len(text), joins_apostrophes=joins)
    general = Tokens(f"{text} é", 0, len(text) + 2, joins_apostrophes=joins)
    assert said.words == general.words[:-1]
    assert said.starts == general.starts[:-1]
    assert said.ends == general.ends[:-1]


@given(st.text(), st.booleans())
def test_each_word_stands_where_it_is_said_to_stand(text: str, joins: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    tokens = Tokens(text, 0, len(text), joins_apostrophes=joins)
    assert [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)] == tokens.words


def test_apostrophes_split_or_join() -> None:
    assert Tokens("n'ai", 0, 4, joins_apostrophes=False).words == ["n", "ai"]
    assert list(map(plain, Tokens("don't :'(", 0, 9, joins_apostrophes=True).words)) == ["dont", ":'("]
