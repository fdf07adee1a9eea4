"""Text parts have short lines, and no address in them is broken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.mail.wrapping import WIDTH, wrapped

ADDRESS = "https://feedback.example.com/s/" + "t" * 80
words = st.text(st.sampled_from("abcé\u00a0\u202f-–>.*1) "), min_size=1, max_size=30)
paragraphs = st.lists(words | st.just(ADDRESS), max_size=40).map(" ".join)
texts = st.lists(paragraphs, max_size=6).map("\n".join)


@given(text=texts)
def test_no_line_is_longer_than_its_longest_word_needs(text: str) -> None:
    for line in wrapped(text).split("\n"):
        assert len(line) <= WIDTH or " " not in line.strip(" >-–*.)1")


@given(text=texts)
def test_nothing_is_lost_and_nothing_is_cut_in_two(text: str) -> None:
    broken = wrapped(text)
    assert broken.count(ADDRESS) == text.count(ADDRESS)
    # A quotation mark is written again on each line that continues; all else is there once, in its order.
    assert re.sub(r"[ \n>]", "", broken) == re.sub(r"[ \n>]", "", text)


@given(text=texts)
def test_what_is_wrapped_stays_as_it_is(text: str) -> None:
    once = wrapped(text)
    assert wrapped(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("short", "short", id="short"),
        pytest.param("aaa bbb ccc", "aaa bbb\nccc", id="paragraph"),
        pytest.param("- aaa bbb ccc", "- aaa\n  bbb\n  ccc", id="bullet"),
        pytest.param("10. aaa bbb c", "10. aaa\n    bbb\n    c", id="number"),
        pytest.param("> aaa bbb ccc", "> aaa\n> bbb\n> ccc", id="quotation"),
        pytest.param("   aaa bbb cc", "   aaa\n   bbb\n   cc", id="indented"),
        pytest.param("aaa\u00a0bbb\u202f? ccc", "aaa\u00a0bbb\u202f?\nccc", id="no-break spaces"),
        pytest.param("see https://example.com/long", "see\nhttps://example.com/long", id="address"),
        pytest.param("aaaa bbb \nccc", "aaaa bbb\nccc", id="blank at the end"),
        pytest.param("-- ", "-- ", id="signature"),
    ],
)
def test_lines_are_broken_as_a_reader_expects(text: str, expected: str) -> None:
    assert wrapped(text, width=8) == expected
