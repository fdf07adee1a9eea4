"""Which line of a robots.txt decides: the one that the standard names, and never against the parser that decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from feedback_service.sources.http.robots_lines import deciding_line

AGENT = "feedback-service"
TEXT = """
User-agent: other
Disallow: /

User-agent: *
Disallow: /avis   # not the reviews
Allow: /avis/public
Disallow: /*.pdf$
Disallow:
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/", ""),
        ("/avis/1", "Disallow: /avis"),
        ("/avis/public/1", "Allow: /avis/public"),
        ("/a/b.pdf", "Disallow: /*.pdf$"),
        ("/a/b.pdf?x=1", ""),
    ],
)
def test_the_longest_path_that_fits_decides(path: str, line: str) -> None:
    assert deciding_line(TEXT, f"https://avis.example.com{path}", AGENT) == line


def test_a_group_of_our_own_counts_alone() -> None:
    text = f"User-agent: *\nDisallow: /\n\nUser-agent: x\nUser-Agent: {AGENT.upper()}\nDisallow: /prive\n"
    assert deciding_line(text, "https://avis.example.com/avis", AGENT) == ""
    assert deciding_line(text, "https://avis.example.com/prive/1", AGENT) == "Disallow: /prive"


@pytest.mark.parametrize("text", ["", "Disallow: /", "User-agent: *", "User-agent\nDisallow /", "\0" * 50, "<html>"])
def test_what_is_no_rule_decides_nothing(text: str) -> None:
    assert deciding_line(text, "https://avis.example.com/avis", AGENT) == ""


@given(
    st.lists(st.tuples(st.sampled_from(["Allow", "Disallow"]), st.text("ab/*$", max_size=6)), max_size=6),
    st.text("ab/", max_size=8),
)
def test_it_agrees_with_the_parser_that_decides(rules: list[tuple[str, str]], path: str) -> None:
    text = "User-agent: *\n" + "".join(f"{verb}: /{pattern}\n" for verb, pattern in rules if "$" not in pattern[:-1])
    url = f"https://avis.example.com/{path}"
    line = deciding_line(text, url, AGENT)
    assert Protego.parse(text).can_fetch(url, AGENT) is not line.startswith("Disallow")
