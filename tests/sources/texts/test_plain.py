"""Plain text, held to the plainest way of making it."""

import re
from concurrent.futures import ThreadPoolExecutor

from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources.texts.plain import MAX_TEXT, html_to_text, storable, tidy

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
    "p", "br", "b", "script", "STYLE", "iframe", "object", "svg", "title", "noscript", "template", "li", "td",
    "head", "table", "select", "a", "form", "body", "frameset", "div", "em", "textarea", "math", "xmp",
)  # fmt: skip
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
    if body is None:
        assert html_to_text(html) == ""
        return
    for node in body.css(UNSEEN):
        node.decompose()
    seen = [node.text_content or "" for node in body.traverse(include_text=True) if node.tag == "-text"]
    if "<" in html or "&" in html:
        assert "".join(html_to_text(html).split()) == "".join("".join(seen).split())


def test_threads_do_not_read_each_others_text() -> None:
    def read(number: int) -> bool:
        return all(html_to_text(f"<p>{number} <b>{turn}</b>") == f"{number} {turn}" for turn in range(300))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(read, range(8)))


def test_many_long_texts_are_read_one_after_another() -> None:
    for number in range(30):
        assert html_to_text(f"<p>{number} {'mot ' * 12_000}</p>").startswith(f"{number} mot")
