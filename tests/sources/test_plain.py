"""Plain text, held to the plainest way of making it."""

import re

from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources.plain import MAX_TEXT, html_to_text, storable, tidy

UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
UNSEEN = "script, style, template, noscript, iframe, object, svg, head title"
HARD = st.text(
    st.one_of(
        st.characters(categories=None),
        st.sampled_from(" \n\r\t\x0b\x1c\x1f\x85\xa0\u2028\u200b\ufeff\x00\ud800\uffffaé<>&"),
    ),
    max_size=60,
)
TAGS = (
    "p",
    "br",
    "b",
    "script",
    "STYLE",
    "iframe",
    "object",
    "svg",
    "title",
    "noscript",
    "template",
    "li",
    "td",
    "head",
)
PIECES = st.one_of(
    HARD, st.sampled_from(TAGS).flatmap(lambda tag: st.sampled_from((f"<{tag}>", f"</{tag}>", f"<{tag}")))
)


def slowly_tidy(text: str) -> str:
    spaced = re.sub(r"[^\S\n]+", " ", UNSTORABLE.sub("", text))
    return re.sub(r" ?\n\s*", "\n", spaced).strip()[:MAX_TEXT]


@given(HARD)
@example(" \n a \n\n b  c\u2028d \n")
@example("x" * (MAX_TEXT - 1) + " y")
def test_text_is_tidied_as_by_two_patterns(text: str) -> None:
    assert tidy(text) == slowly_tidy(text)


@given(HARD)
def test_storable_leaves_out_what_the_pattern_names(text: str) -> None:
    assert storable(text) == UNSTORABLE.sub("", text)


@given(st.lists(PIECES, max_size=12).map("".join))
@example("<ScRiPt>x</sCrIpT><p>y")
def test_nothing_of_what_a_reader_does_not_see_is_left(html: str) -> None:
    body = LexborHTMLParser(f"<!DOCTYPE html><body>{UNSTORABLE.sub('', html)}").body
    assert body is not None
    for node in body.css(UNSEEN):
        node.decompose()
    seen = [node.text_content or "" for node in body.traverse(include_text=True) if node.tag == "-text"]
    if "<" in html or "&" in html:
        assert "".join(html_to_text(html).split()) == "".join("".join(seen).split())
