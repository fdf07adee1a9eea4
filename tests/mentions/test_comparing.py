"""New, known, moved and edited: what a poll brings, poll after poll (R57)."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.mentions.changes import Listed, gone
from feedback_service.mentions.comparing import Known, compare, wanted
from feedback_service.mentions.keys import name
from feedback_service.sources.items import Item
from tests.support.shelf import Shelf

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TEXTS = (
    "La lampe est arrivée cassée et le vendeur ne répond plus à mes messages depuis lundi.",
    "Commande reçue en deux jours, emballage soigné, je recommande cette boutique à mes amis.",
    "Remboursement promis par téléphone, toujours rien sur mon compte malgré trois relances.",
    "The shade has the wrong colour and nobody at the shop wants to take it back.",
    "Beautiful desk, easy to mount, the drawers close softly and the wood smells nice.",
    "Livreur aimable mais colis déposé chez un voisin absent, deux soirées perdues à chercher.",
    "Mein Sessel kam mit einem Riss im Stoff, der Umtausch dauerte fünf lange Wochen.",
    "Facture erronée, code promotionnel refusé à la caisse, le conseiller a raccroché au nez.",
)


def post(number: int, **changed: object) -> Item:
    """Return a post of a blog with everything as it should be."""
    item = Item(
        guid=f"https://blog.example.com/?p={number}",
        url=f"https://blog.example.com/2026/note-{number}",
        title=f"Note du {number}e jour {'abcdefgh'[number % 8]}",
        text=TEXTS[number % len(TEXTS)],
        author="M. D.",
        published_at=AT + timedelta(hours=number),
    )
    return replace(item, **changed)  # type: ignore[arg-type] # a table of fields


def review(number: int, **changed: object) -> Item:
    """Return a review that has neither id nor address."""
    item = Item("", "", "", TEXTS[number], f"{'ABCDEFGH'[number]}. D.", AT + timedelta(days=number), 2.0, 5.0)
    return replace(item, page_url="https://avis.example.com/lampe", **changed)  # type: ignore[arg-type] # as above


SAME_POST_AGAIN = {
    "nothing changed": {},
    "the GUID moved to https": {"guid": "https://blog.example.com/?p=1&s=1"},
    "the GUID is random": {"guid": "f81d4fae-7dec"},
    "the GUID is gone": {"guid": ""},
    "the link is tracked": {"url": "https://blog.example.com/2026/note-1?utm_source=rss&fbclid=x"},
    "the link is http, www and with a slash": {"url": "http://www.blog.example.com/2026/note-1/"},
    "the link is for phones": {"url": "https://blog.example.com/2026/note-1/amp/", "guid": "new"},
    "the link moved": {"url": "https://new.example.org/note-1"},
    "GUID and link moved": {"guid": "new", "url": "https://new.example.org/note-1"},
    "GUID and link are gone": {"guid": "", "url": ""},
    "the date is that of the poll": {"published_at": AT + timedelta(days=9)},
    "the author is written otherwise": {"author": "D. M."},
    "case, spaces and punctuation": {"text": f"  {TEXTS[0].upper().replace(' ', '   ')} !"},
    "accents are written apart": {"text": normalize("NFD", TEXTS[0])},
    "accents are lost": {"text": TEXTS[0].replace("é", "e").replace("à", "a")},
    "the text is cut": {"text": "La lampe est arrivée cassée et le vend…"},
}  # fmt: skip


@pytest.mark.parametrize("changed", SAME_POST_AGAIN.values(), ids=SAME_POST_AGAIN.keys())
def test_the_same_post_again_is_neither_new_nor_edited(changed: dict[str, object]) -> None:
    shelf = Shelf()
    first, last = post(1, text=TEXTS[0]), post(2)
    assert len(shelf.poll(first, last).fresh) == 2
    for _ in range(3):
        again = shelf.poll(replace(first, **changed), last)  # type: ignore[arg-type] # a table of fields
        assert (again.fresh, again.edited) == ([], [])
        assert again.compared.known == 2
    back = shelf.poll(first, last)
    assert (back.fresh, back.edited) == ([], [])


SAYS_THE_SAME = {
    "relative times": ("Publié il y a 3 heures. Jamais remboursé.", "Publié il y a une semaine. Jamais remboursé."),
    "relative times in English": ("3 hours ago: never refunded by them.", "2 days ago: never refunded by them."),
    "relative times in German": ("vor 2 Stunden nie erstattet worden.", "vor einem Tag nie erstattet worden."),
    "counters": ("Jamais remboursé par eux. 12 commentaires", "Jamais remboursé par eux. 13 commentaires"),
    "accents apart in a short text": ("Très déçue", normalize("NFD", "Très déçue")),
    "codes": ("Jamais remboursé par eux. Réf a8f3e2", "Jamais remboursé par eux. Réf 77bc1d9"),
}


@pytest.mark.parametrize(("before", "after"), SAYS_THE_SAME.values(), ids=SAYS_THE_SAME.keys())
def test_what_programs_change_at_every_poll_is_no_edit(before: str, after: str) -> None:
    shelf = Shelf()
    shelf.poll(post(1, text=before), post(2))
    again = shelf.poll(post(1, text=after), post(2))
    assert (again.fresh, again.edited) == ([], [])


EDITS = {
    "a word": {"text": TEXTS[0].replace("cassée", "intacte")},
    "a sentence more": {"text": f"{TEXTS[0]} Mise à jour : ils ont enfin remboursé."},
    "the title": {"title": "Fuyez cette boutique"},
    "another text under the same link and date": {"text": TEXTS[4]},
    "a word, and another GUID": {"text": TEXTS[0].replace("cassée", "intacte"), "guid": "new"},
    "a word, and another link": {"text": TEXTS[0].replace("cassée", "intacte"), "url": "https://new.example.org/n"},
    "stars": {"rating": 1.0, "best_rating": 5.0},
}


@pytest.mark.parametrize("changed", EDITS.values(), ids=EDITS.keys())
def test_an_edit_is_told_once_and_is_nothing_new(changed: dict[str, object]) -> None:
    shelf = Shelf()
    edited = post(1, text=TEXTS[0], **changed) if "text" not in changed else post(1, **changed)
    shelf.poll(post(1, text=TEXTS[0]), post(2))
    told = shelf.poll(edited, post(2))
    assert (told.fresh, told.edited) == ([], [edited.text])
    again = shelf.poll(edited, post(2))
    assert (again.fresh, again.edited) == ([], [])
    assert len(shelf.known) == 2


def test_a_review_without_id_or_address_that_is_edited_is_no_second_review() -> None:
    shelf = Shelf()
    shelf.poll(review(0), review(1))
    told = shelf.poll(review(0, text=f"{TEXTS[0]} Modifié : remboursée hier."), review(1))
    assert (told.fresh, len(told.edited)) == ([], 1)
    starred = shelf.poll(review(0, text=f"{TEXTS[0]} Modifié : remboursée hier.", rating=4.0), review(1))
    assert (starred.fresh, len(starred.edited)) == ([], 1)


def test_a_scale_that_is_written_otherwise_is_no_edit() -> None:
    shelf = Shelf()
    shelf.poll(post(1, rating=2.0, best_rating=5.0))
    assert shelf.poll(post(1, rating=4.0, best_rating=10.0)).edited == []


def shared_guid(count: int, **changed: object) -> list[Item]:
    return [post(number, guid="same", **changed) for number in range(count)]


LOSES_NOTHING = {
    "one GUID for all, as in miniflux#4197": shared_guid(8),
    "one GUID and one link for all": shared_guid(8, url="https://blog.example.com/"),
    "one GUID, one link and one title for all": shared_guid(8, url="https://blog.example.com/", title="Avis"),
    "neither GUID nor link": shared_guid(8, url=""),
    "one page for all": [post(number, guid="", url="https://blog.example.com/avis") for number in range(8)],
    "comments of one page": [post(n, guid="", url=f"https://blog.example.com/avis#c{n}") for n in range(8)],
    "only texts": [Item("", "", "", text) for text in TEXTS],
    "only titles": [Item("", "", text, "") for text in TEXTS],
    "very short reviews": [replace(review(n), text="Nul !") for n in range(8)],
}


@pytest.mark.parametrize("items", LOSES_NOTHING.values(), ids=LOSES_NOTHING.keys())
@pytest.mark.parametrize("at_once", [1, 2, 3, 8])
def test_items_that_share_a_guid_or_an_address_are_all_kept_however_few_are_shown(
    items: list[Item], at_once: int
) -> None:
    shelf = Shelf()
    polls = [items[max(0, end - at_once) : end] for end in range(1, len(items) + 1)]
    fresh = [text for shown in polls for text in shelf.poll(*shown).fresh]
    assert sorted(fresh) == sorted(item.text for item in items)
    for shown in polls:
        again = shelf.poll(*shown)
        assert (again.fresh, again.edited) == ([], [])


def test_guids_that_are_places_in_the_list_tell_each_post_once() -> None:
    shelf = Shelf()
    told = []
    for newest in range(3, 8):
        shown = [post(newest - place, guid=str(place)) for place in range(3)]
        poll = shelf.poll(*shown)
        assert poll.edited == []
        told += poll.fresh
    assert sorted(told) == sorted(TEXTS[number] for number in range(1, 8))


def test_a_guid_that_is_used_again_for_another_post_is_another_post() -> None:
    shelf = Shelf()
    for number in range(5):
        assert shelf.poll(post(number, guid="latest")).fresh == [TEXTS[number]]
        assert shelf.poll(post(number, guid="latest")).fresh == []
    assert len(shelf.known) == 5


def test_one_address_whose_content_is_another_each_week_brings_something_new_each_week() -> None:
    shelf = Shelf()
    for number in range(5):
        weekly = post(number, guid=f"week-{number}", url="https://blog.example.com/avis", title="Avis")
        assert shelf.poll(weekly).fresh == [TEXTS[number]]
    asked = wanted(name([weekly]), [])
    assert len([each for each in shelf.known.values() if each.place in asked.places]) == 1, "the look-up would grow"


def test_a_source_whose_every_item_changes_tells_no_edits() -> None:
    shelf = Shelf()
    shelf.poll(*[post(number) for number in range(8)])
    for advert in ("Découvrez nos offres du moment", "Livraison offerte ce soir", "Abonnez-vous maintenant"):
        poll = shelf.poll(*[post(n, text=f"{TEXTS[n]} {advert}") for n in range(8)])
        assert (poll.fresh, poll.edited, poll.sifted.is_restless) == ([], [], True)


def test_one_item_that_changes_at_every_poll_is_told_five_times_and_no_more() -> None:
    shelf = Shelf()
    shelf.poll(*[post(number) for number in range(8)])
    adverts = ("offres", "livraison", "abonnement", "soldes", "nouveautés", "concours", "boutique", "lampes")
    told = [shelf.poll(post(1, text=f"{TEXTS[1]} {advert}"), post(2)).edited for advert in adverts]
    assert [len(each) for each in told] == [1, 1, 1, 1, 1, 0, 0, 0]


def test_two_people_who_say_the_same_few_words_are_two() -> None:
    shelf = Shelf()
    shelf.poll(Item("1", "", "", "Nul !", "A. B."))
    assert shelf.poll(Item("2", "", "", "Nul !", "C. D.")).fresh == ["Nul !"]


def test_documents_from_before_there_were_keys_get_them_and_are_not_told_again() -> None:
    named = name([post(1), post(2)])
    before = [Known(number, each.identity) for number, each in enumerate(named)]
    compared = compare(named, before)
    assert (compared.fresh, compared.changed) == ((), ())
    assert len(compared.moved) == 2


def test_what_is_stored_as_it_is_is_looked_up_once() -> None:
    named = name([post(1), post(2)])
    known = [Known(number, each.identity, each.place, each.words, each.exact) for number, each in enumerate(named)]
    asked = wanted(named, known)
    assert not asked.identities | asked.places | asked.words


posts = st.lists(
    st.builds(
        post,
        st.integers(0, 7),
        guid=st.sampled_from(["", "a", "b", "c"]),
        url=st.sampled_from(["", "https://x.example/", "https://x.example/a", "http://www.x.example/a/", "https://x.example/b"]),
        title=st.sampled_from(["", "Avis", "Note"]),
        text=st.sampled_from([*TEXTS, "Nul !", "", "Nul !!", TEXTS[0].upper()]),
        author=st.sampled_from(["", "A. B.", "C. D."]),
        published_at=st.sampled_from([None, AT, AT + timedelta(days=5)]),
        rating=st.sampled_from([None, 1.0, 5.0]),
    ),
    max_size=8,
)  # fmt: skip


@given(st.lists(posts, max_size=4))
def test_a_second_reading_of_the_same_brings_nothing(polls: Sequence[Sequence[Item]]) -> None:
    shelf = Shelf()
    for items in polls:
        shelf.poll(*items)
        again = shelf.poll(*items)
        assert (again.fresh, again.edited) == ([], [])


@given(posts, st.randoms(use_true_random=False))
def test_the_first_reading_keeps_every_text(items: list[Item], chance: random.Random) -> None:
    shelf = Shelf()
    poll = shelf.poll(*items)
    assert {_letters(text) for text in shelf.texts()} == {_letters(item.text) for item in items}
    assert poll.edited == []
    shuffled = chance.sample(items, len(items))
    assert sorted(map(_letters, Shelf().poll(*shuffled).fresh)) == sorted(map(_letters, poll.fresh))


@given(posts, posts, st.randoms(use_true_random=False))
def test_the_order_of_a_poll_counts_for_nothing(before: list[Item], items: list[Item], chance: random.Random) -> None:
    results = []
    for shown in (items, chance.sample(items, len(items))):
        shelf = Shelf()
        shelf.poll(*before)
        poll = shelf.poll(*shown)
        results.append([sorted(map(_letters, texts)) for texts in (poll.fresh, poll.edited, shelf.texts())])
    assert results[0] == results[1]


@given(posts, posts)
def test_every_text_of_a_poll_is_known_afterwards(before: list[Item], items: list[Item]) -> None:
    shelf = Shelf()
    shelf.poll(*before)
    poll = shelf.poll(*items)
    counted = poll.compared.known + len(poll.compared.fresh)
    assert counted == len(name(items))
    stored = {_letters(text) for text in shelf.texts()}
    assert {_letters(item.text) for item in items} <= stored


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.lower()))


LISTED = [Listed(number, AT + timedelta(days=number)) for number in range(6)]


def test_a_review_that_a_whole_list_shows_no_more_is_gone() -> None:
    assert gone(LISTED, {0, 1, 2, 4, 5}, [], is_cut=False) == (3,)
    assert gone(LISTED, range(6), [], is_cut=False) == ()


@pytest.mark.parametrize("seen", [set(), {1}, {0, 1}], ids=["none", "one of six", "two of six"])
def test_a_page_that_has_shrunk_or_changed_deletes_nothing(seen: set[int]) -> None:
    assert gone(LISTED, seen, [], is_cut=False) == ()


def test_of_a_cut_list_only_what_is_newer_than_its_end_can_be_missed() -> None:
    shown = [Item("", "", "", "x", published_at=AT + timedelta(days=number)) for number in (5, 4, 2)]
    assert gone(LISTED, {5, 4, 2}, shown, is_cut=True) == (3,)


@pytest.mark.parametrize(
    "days", [(2, 4, 5), (5, 5, 5), (5, None, 2)], ids=["not newest first", "all of one date", "a date is missing"]
)
def test_a_cut_list_in_no_order_deletes_nothing(days: Sequence[int | None]) -> None:
    shown = [Item("", "", "", "x", published_at=None if day is None else AT + timedelta(days=day)) for day in days]
    assert gone(LISTED, {5, 4, 2}, shown, is_cut=True) == ()
