"""Identity, texts that are the same, and threads (R57)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.mentions.addresses import _canonical, canonical, is_front_page, place, thread
from feedback_service.mentions.identity import identities, judged_text, own_words, text_digest, thread_key
from feedback_service.sources.items import Item

SAME_PAGE = [
    "https://Blog.example.com/Post?utm_source=x&fbclid=1",
    "http://blog.example.com:80/Post/",
    "https://blog.example.com/Post#comment-12",
    "https://blog.example.com/./a/../Post?",
    "https://blog.example.com/Post?gclid=1&mc_cid=2",
]
THREADS = {
    "https://blog.example.com/post/comment-page-2/#comment-12": "https://blog.example.com/post",
    "https://blog.example.com/post?replytocom=12": "https://blog.example.com/post",
    "https://blog.example.com/post/feed/": "https://blog.example.com/post",
    "https://www.reddit.com/r/lampes/comments/1abc/titre/k2j3/?context=3": "https://www.reddit.com/r/lampes/comments/1abc",
    "https://forum.example.com/t/lampe-cassee/123/45": "https://forum.example.com/t/lampe-cassee/123",
    "https://forum.example.com/viewtopic.php?start=20&t=5": "https://forum.example.com/viewtopic.php?t=5",
    "https://forum.example.com/viewtopic.php?t=5&p=34#p34": "https://forum.example.com/viewtopic.php?t=5",
    "https://b.example.com/2.html?showComment=1764#c78": "https://b.example.com/2.html",
    "https://blog.example.com/?p=12": "https://blog.example.com/?p=12",
    "https://avis.example.com/lampe?page=3": "https://avis.example.com/lampe",
}
AT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("url", SAME_PAGE)
def test_one_page_has_one_canonical_address(url: str) -> None:
    assert canonical(url) == "https://blog.example.com/Post"


def test_the_order_of_parameters_is_no_difference_and_their_values_are() -> None:
    assert canonical("https://x.example/a?b=1&a=2") == canonical("https://x.example/a?a=2&b=1")
    assert canonical("https://x.example/a?a=2") != canonical("https://x.example/a?a=3")


@pytest.mark.parametrize("url", ["", "  ", "http://[broken", "mailto:x@example.com", "nonsense", "http://x:99999999/"])
def test_what_is_no_address_raises_nothing(url: str) -> None:
    assert isinstance(thread(url), str)
    assert isinstance(is_front_page(url), bool)


@given(st.text(max_size=60))
def test_canonical_is_stable(text: str) -> None:
    once = canonical(f"https://blog.example.com/{text}")
    assert canonical(once) == once


ADDRESSES = st.from_regex(
    r"\A(http|https|HTTP)://([a-z0-9A-Z-]{1,8}\.){0,3}(www|xn--a|a-|b\.com|fr|1|COM|[a-z]{62,65}\.fr)(:80)?"
    r"(/[a-zA-Z0-9._~;%-]{0,6}){0,4}/?(\?[a-z&=]{0,6})?(#[a-z0-9-]*)?\Z"
)


@given(ADDRESSES)
def test_the_quick_way_gives_what_the_general_way_gives(url: str) -> None:
    assert canonical(url) == _canonical(url)


ONE_PLACE = {
    "tracked": "https://blog.example.com/2026/Note?utm_source=rss",
    "http and a slash": "http://blog.example.com/2026/Note/",
    "www": "https://www.blog.example.com/2026/Note",
    "for phones": "https://m.blog.example.com/2026/Note",
    "amp as a host": "https://amp.blog.example.com/2026/Note",
    "amp as a folder": "https://blog.example.com/2026/Note/amp/",
    "amp as an ending": "https://blog.example.com/2026/Note.amp.html",
    "amp as a parameter": "https://blog.example.com/2026/Note?amp=1",
    "an index page": "https://blog.example.com/2026/Note/index.html",
}


@pytest.mark.parametrize("url", ONE_PLACE.values(), ids=ONE_PLACE.keys())
def test_the_forms_of_an_address_are_one_place(url: str) -> None:
    assert place(url) == place("https://blog.example.com/2026/Note")


@pytest.mark.parametrize(
    "url",
    ["https://blog.example.com/2026/Note#c1", "https://blog.example.com/2026/Note?p=1", "https://m.example/2026/Note"],
)
def test_other_addresses_are_other_places(url: str) -> None:
    assert place(url) not in {"", place("https://blog.example.com/2026/Note"), place("https://example/2026/Note")}


@pytest.mark.parametrize("url", ["", "https://www.example.com", "http://example.com/", "https://amp.example.com/?amp"])
def test_a_front_page_is_no_place(url: str) -> None:
    assert place(url) == ""


@pytest.mark.parametrize(("url", "expected"), THREADS.items())
def test_comments_belong_to_the_thread_of_their_post(url: str, expected: str) -> None:
    assert thread(url) == expected


def item(guid: str = "", url: str = "", text: str = "", **more: object) -> Item:
    return Item(guid, url, "", text, **more)  # type: ignore[arg-type] # a table of fields


def test_the_guid_counts_then_the_address_then_the_content() -> None:
    first, second, third = identities([item("g"), item(url="https://x.example/a?utm_source=1"), item(text="x")])
    assert (first, second) == ("id:g", "url:https://x.example/a")
    assert third.startswith("content:")


def test_one_guid_for_all_loses_none() -> None:
    names = identities([item("same", f"https://x.example/{number}") for number in range(10)])
    assert len(set(names)) == 10
    names = identities([item("same", "https://x.example/", f"text {number}") for number in range(10)])
    assert len(set(names)) == 10


def test_one_address_for_all_loses_none_and_comments_differ_by_their_fragment() -> None:
    names = identities([item(url="https://x.example/a", text=f"text {number}") for number in range(3)])
    assert len(set(names)) == 3
    assert identities([item(url="https://x.example/a#c1"), item(url="https://x.example/a#c2")]) == (
        "url:https://x.example/a#c1",
        "url:https://x.example/a#c2",
    )


def test_an_item_that_stands_twice_is_one() -> None:
    assert len(set(identities([item("g", "https://x.example/a", "t")] * 2))) == 1


def test_reviews_without_an_id_are_told_apart_by_author_date_and_stars() -> None:
    reviews = [
        item(text="Nul", author="M. D.", page_url="https://x.example/p"),
        item(text="Nul", author="C. E.", page_url="https://x.example/p"),
        item(text="Nul", author="C. E.", published_at=AT, page_url="https://x.example/p"),
        item(text="Nul", author="C. E.", published_at=AT, rating=1.0, page_url="https://x.example/p"),
    ]
    assert len(set(identities(reviews))) == 4


def test_a_long_address_still_fits_the_index() -> None:
    assert len(identities([item(url="https://x.example/" + "a" * 3000)])[0]) < 100


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Titre", "Texte", "Titre\nTexte"),
        ("", "Texte", "Texte"),
        ("Titre", "", "Titre"),
        ("Un texte", "Un texte et sa suite", "Un texte et sa suite"),
        ("Un texte...", "Un texte et sa suite", "Un texte et sa suite"),
        ("...", "Texte", "...\nTexte"),
    ],
)
def test_the_judged_text_says_nothing_twice(title: str, text: str, expected: str) -> None:
    assert judged_text(Item("", "", title, text)) == expected


@pytest.mark.parametrize(
    ("item", "own"),
    [
        (Item("", "", "Arnaque ?", "Contente"), "Arnaque ?\nContente"),
        (Item("", "", "Arnaque ?", "Contente", is_reply=True), "          Contente"),
        (Item("", "", "Contente", "Contente", is_reply=True), "Contente"),
        (Item("", "", "Arnaque ?", "", is_reply=True), "         "),
    ],
)
def test_the_title_of_a_thread_is_not_the_words_of_who_answers(item: Item, own: str) -> None:
    assert own_words(item, judged_text(item)) == own


def test_form_does_not_tell_texts_apart_and_words_do() -> None:
    first = text_digest("Jamais remboursé, c'est une HONTE !", "a")
    assert text_digest("jamais  rembourse\n(c’est une honte)", "b") == first
    assert text_digest("Jamais remboursé, c'est une joie !", "a") != first


def test_very_short_texts_of_two_people_are_two() -> None:
    assert text_digest("Nul !", "a") != text_digest("Nul !", "b")
    assert text_digest("", "a") != text_digest("", "b")


FEED = "https://blog.example.com/feed"


def test_a_post_and_its_comments_are_one_story() -> None:
    post = item(url="https://blog.example.com/post?utm_source=rss")
    comment = item(url="http://blog.example.com/post/#comment-12")
    assert thread_key(post, FEED, "1") == thread_key(comment, "https://blog.example.com/comments/feed", "2")


def test_reviews_of_one_page_are_one_story_unless_they_have_their_own_address() -> None:
    page = "https://avis.example.com/lampe"
    first, second = item(page_url=f"{page}#r1"), item(page_url=f"{page}?page=2")
    assert thread_key(first, page, "1") == thread_key(second, page, "2") == page
    assert thread_key(item(url=f"{page}/17", page_url=page), page, "3") == f"{page}/17"


def test_what_has_no_page_of_its_own_stands_alone() -> None:
    front = item(url="https://blog.example.com/")
    assert thread_key(front, FEED, "1") != thread_key(front, FEED, "2")
    assert thread_key(item(), FEED, "1") != thread_key(item(), FEED, "2")
