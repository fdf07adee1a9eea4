"""What is not the author's is blanked, and nothing moves."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sentiment.cleaning import clean
from feedback_service.sentiment.sentences import MOST_WORDS, sentences

CASES = {
    "tags": ("<p>bad <b>shop</b></p>", "bad shop"),
    "attributes": ('<a href="https://example.com/scam">here</a>', "here"),
    "comment": ("good<!-- scam -->", "good"),
    "script": ("<script>scam()</script>fine", "fine"),
    "less_than": ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
    "entity": ("caf&eacute;", "café"),
    "numeric_entity": ("caf&#233;", "café"),
    "unknown_entity": ("a &foobar; b", "a b"),
    "link": ("see https://example.com/arnaque now", "see now"),
    "bare_link": ("see www.example.com now", "see now"),
    "handle": ("@shop answer me", "answer me"),
    "mail_address_is_no_handle": ("write to me@example.com", "write to me@example.com"),
    "quote": ("> scam\nfine", "fine"),
    "nested_quote": (">> scam\n> awful\nfine", "fine"),
    "quote_as_entity": ("&gt; scam\nfine", "fine"),
    "quoted_post": ("<blockquote>It is a <b>scam</b></blockquote> I am happy", "I am happy"),
    "quoted_post_of_a_forum": ("[quote=Bob]scam[/quote] I am happy", "I am happy"),
    "answered_mail": ("fine\nOn 3 May 2026 at 10:00 Shop wrote:\nyour parcel is lost", "fine"),
    "answered_mail_in_french": ("bien\nLe 3 mai 2026 à 10:00, Boutique a écrit :\ncolis perdu", "bien"),
    "who_wrote_in_a_sentence": ("le livreur a écrit : absent", "le livreur a écrit : absent"),
    "telephone": ("fine\nSent from my phone", "fine"),
    "answer_of_the_shop": ("fine\nResponse from the owner\nwe are sorry for the delay", "fine"),
    "signature": ("fine\n-- \nScam Ltd", "fine"),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_only_the_authors_words_stay(text: str, expected: str) -> None:
    assert clean(text).replace("\u200b", "").split() == expected.split()


@given(
    st.text()
    | st.lists(st.sampled_from(["<b>", "&amp;", "> ", "\n", "-- ", "www.", "@", "é", "<!--", "x"])).map("".join)
)
def test_cleaning_keeps_the_length(text: str) -> None:
    assert len(clean(text)) == len(text)


@given(st.text(st.sampled_from("ab.!?\n ,é")))
def test_sentences_cover_the_text_in_order(text: str) -> None:
    spans = list(sentences(text))
    assert all(end - start > 0 for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    covered = "".join(text[start:end] for start, end in spans)
    assert covered.count("a") == text.count("a")


def test_sentences_end_at_stops_and_not_where_a_line_is_broken() -> None:
    text = "Nul. Jamais reçu !! Merci\nCordialement"
    found = [text[start:end].strip() for start, end in sentences(text)]
    assert found == ["Nul.", "Jamais reçu !!", "Merci\nCordialement"]


def test_a_text_without_a_stop_is_cut_by_words() -> None:
    text = "mot " * (2 * MOST_WORDS + 1)
    assert [text[start:end].count("mot") for start, end in sentences(text)] == [MOST_WORDS, MOST_WORDS, 1]
    spread = text.replace(" ", " \n\t ")
    assert [spread[start:end].count("mot") for start, end in sentences(spread)] == [MOST_WORDS, MOST_WORDS, 1]


def test_a_stop_without_a_space_ends_a_sentence_but_a_number_does_not() -> None:
    text = "Colis reçu.Rien à dire pour 12.50 euros"
    assert [text[start:end] for start, end in sentences(text)] == ["Colis reçu.", "Rien à dire pour 12.50 euros"]
