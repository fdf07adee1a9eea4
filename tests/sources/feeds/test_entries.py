"""From an entry to an item: links that only lead to links, texts that are called what they are not."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.feeds.entries import Entry, Markup, to_item
from feedback_service.sources.feeds.redirects import unwrapped

URL = "https://blog.example.com/feed"

WRAPPED = {
    "https://www.google.fr/url?sa=t&url=https://blog.example/a%3Fb%3D1%26c%3D2&ct=ga": "https://blog.example/a?b=1&c=2",
    "https://www.google.com/url?q=https://blog.example/1&url=https://blog.example/2": "https://blog.example/2",
    "https://www.google.com/url?url=https://blog.example/un+deux": "https://blog.example/un+deux",
    "https://www.google.com/url?url=https://blog.example/a%00b%0A%20c": "https://blog.example/a%00b%0A%20c",
    "https://www.google.com/url?URL=https://blog.example/a": "https://blog.example/a",
    "http://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fblog.example%2fa&c=1": "https://blog.example/a",
    "https://l.facebook.com/l.php?u=https%3A%2F%2Fblog.example%2Fa&h=AT0": "https://blog.example/a",
    "https://duckduckgo.com/l/?uddg=https%3A%2F%2Fblog.example%2Fa": "https://blog.example/a",
    "https://www.google.com/url?url=https://www.google.com/url?url%3Dhttps://blog.example/a": "https://blog.example/a",
    "https://bing.com.example.net/news/apiclick.aspx?url=https://blog.example/a": None,
    "https://l.facebook.com/l.php?u=javascript:alert(1)": None,
    "https://www.google.com/search?q=https://blog.example/a": None,
}


@pytest.mark.parametrize(("url", "inner"), WRAPPED.items())
def test_a_link_leads_to_what_it_names(url: str, inner: str | None) -> None:
    assert unwrapped(url) == (inner or url)


@given(st.text(max_size=60))
def test_no_wrapped_address_brings_what_cannot_be_stored(text: str) -> None:
    url = f"https://www.google.com/url?url=https://x.example/{quote(text, errors='replace')}"
    found = unwrapped(url)
    assert found.startswith("https://x.example/")
    assert not any(character <= " " or character in '"<>\x7f' for character in found)


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        (Markup("Lampe <Aube> & Cie", "text/plain"), "Lampe <Aube> & Cie"),
        (Markup("a &lt; b", "text/plain"), "a < b"),
        (Markup("un<br />deux", "text/plain"), "un\ndeux"),
        (Markup("R&D & co; 5 <6", "text/plain"), "R&D & co; 5 <6"),
        (Markup("&lt;p&gt;Un &lt;b&gt;mois&lt;/b&gt;&lt;/p&gt;"), "Un mois"),
        (Markup("Écrire &lt;b&gt;x&lt;/b&gt; en HTML"), "Écrire <b>x</b> en HTML"),
        (Markup("<p>&lt;b&gt;x&lt;/b&gt;</p>"), "<b>x</b>"),
    ],
)
def test_a_text_is_read_as_what_it_is(markup: Markup, plain: str) -> None:
    assert markup.plain() == plain


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<&"), max_size=200))
def test_plain_text_passes_unchanged(text: str) -> None:
    expected = " ".join(text.split())
    for kind in ("text/plain", "text/html"):
        assert " ".join(Markup(text, kind).plain().split()) == expected


def test_fields_that_no_parser_knows_of_are_carried_over() -> None:
    entry = Entry("1", "/a", Markup("x"), (), comments_feed="/a/feed", is_reply=True)
    item = to_item(entry, URL)
    assert (item.comments_feed, item.is_reply) == ("https://blog.example.com/a/feed", True)
