"""Is it us? Each clue by itself, whole texts about a shop with a common name, and what verdicts teach."""

import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.mentions.clues import Clue, ClueKind
from feedback_service.mentions.identity import judged_text
from feedback_service.mentions.matching import Span, Watch
from feedback_service.mentions.relevance import (
    Decided,
    Identity,
    Lore,
    Relevance,
    Standing,
    context_watch,
    near,
)
from feedback_service.sentiment.judgement import Judgement, Label
from feedback_service.sentiment.markers import Topic
from feedback_service.sources.feeds.reader import read_feed

CONTEXT = ("téléphone", "forfait", "fibre", "opérateur", "livebox")
PHONES = Identity(Watch(["Orange"]), context_watch(CONTEXT), "https://www.orange.fr/portail")
LAMPS = Identity(Watch(["Atelier Lumen", "Cdiscount"]), None, "https://atelier-lumen.example.com")
CHAT = Identity(Watch(["Slack"]), None, "https://slack.com")


def judged(
    us: Identity, text: str, *, url: str = "", about_us: bool = False, topics: Iterable[Topic] = ()
) -> Relevance:
    match = us.watch.match(text, about_us=about_us)
    assert match is not None, f"no term in {text!r}"
    return us.relevance(
        text, match, Judgement("fr", Label.NEUTRAL, 0.2, (), (), tuple(topics)), url=url, about_us=about_us
    )


def clue(found: Relevance, kind: ClueKind) -> Clue | None:
    return next((each for each in found.clues if each.kind is kind), None)


@pytest.mark.parametrize(
    ("us", "text", "kind", "words"),
    [
        pytest.param(LAMPS, "Atelier Lumen : nul", ClueKind.NAME, ("Atelier Lumen",), id="name"),
        pytest.param(PHONES, "Orange : nul", ClueKind.AMBIGUOUS_NAME, ("Orange",), id="ambiguous_name"),
        pytest.param(LAMPS, "Commande Cdicsount", ClueKind.MISSPELLED_NAME, ("Cdiscount",), id="misspelled"),
        pytest.param(PHONES, "Orange : voir www.orange.fr", ClueKind.OWN_ADDRESS, ("orange.fr",), id="domain"),
        pytest.param(PHONES, "Orange : boutique.orange.fr/a", ClueKind.OWN_ADDRESS, ("orange.fr",), id="subdomain"),
        pytest.param(PHONES, "Encore @orange !", ClueKind.HANDLE, ("@orange",), id="handle"),
        pytest.param(PHONES, "Encore (#Orange) !", ClueKind.HANDLE, ("#Orange",), id="hashtag"),
        pytest.param(LAMPS, "Encore @AtelierLumen", ClueKind.HANDLE, ("@AtelierLumen",), id="handle_run_together"),
        pytest.param(PHONES, "Orange, mon Téléphone", ClueKind.CONTEXT, ("téléphone",), id="context"),
        pytest.param(PHONES, "Chez Orange depuis", ClueKind.CAPITAL, ("Orange",), id="capital_behind_a_first_word"),
        pytest.param(PHONES, "Je suis chez Orange", ClueKind.CAPITAL, ("Orange",), id="capital_in_a_sentence"),
        pytest.param(PHONES, "J'ai acheté Orange", ClueKind.CAPITAL, ("Orange",), id="capital_behind_an_accent"),
        pytest.param(PHONES, "Je quitte l'Orange", ClueKind.CAPITAL, ("Orange",), id="capital_behind_an_apostrophe"),
        pytest.param(PHONES, "La fin d’Orange", ClueKind.CAPITAL, ("Orange",), id="capital_behind_a_curly_apostrophe"),
        pytest.param(PHONES, "Nul. Orange exagère", ClueKind.CAPITAL, None, id="capital_of_every_sentence"),
        pytest.param(PHONES, "L’orange est mûre", ClueKind.LOWER_CASE, ("orange",), id="lower_case"),
        pytest.param(PHONES, "J'aime l'orange. Et Orange", ClueKind.LOWER_CASE, None, id="lower_case_once_of_two"),
        pytest.param(PHONES, "j'aime l'orange", ClueKind.LOWER_CASE, None, id="no_capital_in_the_whole_text"),
        pytest.param(PHONES, "Encore @orange !", ClueKind.LOWER_CASE, None, id="nobody_writes_a_capital_in_a_handle"),
        pytest.param(PHONES, "Voir https://orange.fr", ClueKind.LOWER_CASE, None, id="nor_in_an_address"),
        pytest.param(PHONES, "le Groupe Orange", ClueKind.LONGER_NAME, ("Groupe Orange",), id="longer_name"),
        pytest.param(PHONES, "la Société Orange", ClueKind.LONGER_NAME, ("Société Orange",), id="longer_with_accent"),
        pytest.param(PHONES, "Bonjour Orange", ClueKind.LONGER_NAME, None, id="first_word_of_the_text"),
        pytest.param(PHONES, "Un titre\nBonjour Orange", ClueKind.LONGER_NAME, None, id="first_word_of_a_line"),
        pytest.param(PHONES, "Fini ! Merci Orange", ClueKind.LONGER_NAME, None, id="first_word_of_a_sentence"),
        pytest.param(PHONES, "#déco #orange #salon #bleu", ClueKind.TAGS, (), id="line_of_hashtags"),
        pytest.param(PHONES, "bleu, vert, orange, rouge, gris", ClueKind.TAGS, (), id="list_between_commas"),
        pytest.param(PHONES, "Chez Orange, rien ne va plus, jamais", ClueKind.TAGS, None, id="sentence_with_commas"),
    ],
)  # fmt: skip
def test_each_clue_is_found_where_it_stands_and_only_there(
    us: Identity, text: str, kind: ClueKind, words: tuple[str, ...] | None
) -> None:
    found = clue(judged(us, text), kind)
    assert (found.words if found else None) == words


@pytest.mark.parametrize(
    ("us", "text", "words"),
    [
        pytest.param(CHAT, "Global Automotive Slack Market 2026", "Slack Market", id="en"),
        pytest.param(CHAT, "Slack Wax Market Size", "Slack Wax Market", id="en_word_between"),
        pytest.param(CHAT, "Slack Post-Consumer Wax Market", "Slack Post-Consumer Wax Market", id="en_hyphen"),
        pytest.param(CHAT, "Slack Adjuster 3150 Market", "Slack Adjuster 3150 Market", id="en_number_between"),
        pytest.param(CHAT, "a slack market report", "slack market report", id="en_small"),
        pytest.param(PHONES, "The market for the Orange", "market for the Orange", id="en_for"),
        pytest.param(PHONES, "Der Orange Markt wächst", "Orange Markt", id="de"),
        pytest.param(PHONES, "Der Markt für Orange", "Markt für Orange", id="de_for"),
        pytest.param(PHONES, "Le marché de l’orange", "marché de l’orange", id="fr"),
        pytest.param(PHONES, "Le marché mondial de l'orange", "marché mondial de l'orange", id="fr_adjective"),
        pytest.param(PHONES, "El mercado de la orange", "mercado de la orange", id="es"),
        pytest.param(PHONES, "Il mercato dell'orange", "mercato dell'orange", id="it"),
    ],
)
def test_a_thing_that_is_traded_is_not_a_shop(us: Identity, text: str, words: str) -> None:
    found = judged(us, text)
    market = clue(found, ClueKind.MARKET)
    assert market is not None
    assert market.words == (words,)
    assert found.standing is Standing.NOT_US


@pytest.mark.parametrize(
    ("us", "text"),
    [
        pytest.param(CHAT, "Teams is losing to Slack\nMarket Research Explore says so", id="next_line"),
        pytest.param(CHAT, "Slack lost its market", id="lower_case_market"),
        pytest.param(CHAT, "We left Slack. Slack Market, they said. Slack again", id="once_of_three"),
    ],
)
def test_a_market_elsewhere_says_nothing(us: Identity, text: str) -> None:
    assert clue(judged(us, text), ClueKind.MARKET) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Orange amère à vendre : jean@orange.fr", id="mailbox"),
        pytest.param("Orange : voir lorange.fr", id="end_of_another_name"),
        pytest.param("Orange : voir orange.fr-discount.example", id="beginning_of_another_name"),
    ],
)
def test_an_address_that_only_looks_like_ours_is_no_clue(text: str) -> None:
    found = judged(PHONES, text)
    assert clue(found, ClueKind.OWN_ADDRESS) is None
    assert clue(found, ClueKind.HANDLE) is None


def test_the_address_of_the_page_counts_too() -> None:
    assert clue(judged(PHONES, "Orange", url="https://forum.orange.fr/t/1"), ClueKind.OWN_ADDRESS)
    assert not clue(judged(PHONES, "Orange", url="https://blog.example.com/orange"), ClueKind.OWN_ADDRESS)


def test_a_web_site_that_is_no_address_is_as_good_as_none() -> None:
    broken = Identity(Watch(["Orange"]), None, "https://[orange")
    assert judged(broken, "Chez Orange, tout va bien").standing is Standing.US


def test_at_most_two_context_terms_count() -> None:
    found = judged(PHONES, "Orange : téléphone, forfait, fibre, livebox")
    assert [each.words for each in found.clues if each.kind is ClueKind.CONTEXT] == [("téléphone",), ("forfait",)]


def test_what_a_shop_does_is_a_clue_and_what_anybody_talks_of_is_not() -> None:
    assert clue(judged(PHONES, "Orange", topics=[Topic.REFUND, Topic.SIZE]), ClueKind.TRADE) == Clue(
        ClueKind.TRADE, 1.0, ("refund",)
    )
    assert clue(judged(PHONES, "Orange", topics=[Topic.SIZE, Topic.PRICE]), ClueKind.TRADE) is None


@pytest.mark.parametrize(
    ("us", "text", "standing"),
    [
        pytest.param(LAMPS, "Atelier Lumen ne répond pas", Standing.US, id="unique_name"),
        pytest.param(LAMPS, "Colis Cdicsount jamais arrivé", Standing.REVIEW, id="misspelled"),
        pytest.param(PHONES, "Je suis chez Orange, forfait jamais résilié", Standing.US, id="ambiguous_with_context"),
        pytest.param(PHONES, "Orange", Standing.REVIEW, id="ambiguous_alone"),
        pytest.param(PHONES, "Un gâteau à l'orange, deux œufs", Standing.NOT_US, id="fruit"),
        pytest.param(PHONES, "Le Prince d’Orange, 1650. Le Comte Orange", Standing.REVIEW, id="prince"),
        pytest.param(PHONES, "bleu, vert, orange, rouge, gris", Standing.NOT_US, id="colour"),
        pytest.param(CHAT, "My whole team moved from Slack to Teams", Standing.US, id="chat"),
        pytest.param(CHAT, "Cut me some slack, please", Standing.REVIEW, id="idiom"),
        pytest.param(CHAT, "Report: Slack Wax Market to grow by 4%", Standing.NOT_US, id="wax"),
    ],
)
def test_whole_texts_stand_where_a_person_would_put_them(us: Identity, text: str, standing: Standing) -> None:
    found = judged(us, text)
    assert found.standing is standing, found


def test_what_stands_in_a_source_about_us_is_us_whatever_it_says() -> None:
    found = judged(PHONES, "Un gâteau à l'orange", about_us=True)
    assert (found.standing, [each.kind for each in found.clues]) == (Standing.US, [ClueKind.SOURCE])


@given(
    st.lists(
        st.sampled_from(
            ["Orange ", "orange ", "l'", "@", "#", ", ", ". ", "\n", "marché de ", "Market ", "É", "forfait "]
        )
    )
)
def test_any_text_gets_a_confidence_with_its_weightiest_reason_first(pieces: list[str]) -> None:
    text = "".join(pieces) + " Orange"
    found = judged(PHONES, text)
    weights = [abs(each.weight) for each in found.clues]
    assert 0 <= found.confidence <= 1
    assert weights == sorted(weights, reverse=True)
    assert sum(each.kind is ClueKind.AMBIGUOUS_NAME for each in found.clues) == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("#orange " * 6_000, id="hashtags"),
        pytest.param("orange " * 7_000, id="names"),
        pytest.param("Orange " + "A-" * 24_000, id="hyphens"),
        pytest.param("Orange, " * 6_000, id="commas"),
    ],
)
def test_a_long_text_written_to_be_slow_is_read_in_no_time(text: str) -> None:
    taught = Identity(
        PHONES.watch, PHONES.context, "", Lore(_lessons("orange amère confite", "orange sanguine confite"))
    )
    began = time.perf_counter()
    judged(taught, text)
    assert time.perf_counter() - began < 2


def _lessons(*not_us: str) -> list[Decided]:
    return [Decided(text, PHONES.watch.spans(text), is_us=False) for text in not_us]


def test_what_staff_called_not_us_lowers_the_next_one_like_it() -> None:
    text = "Recette facile : Orange confite au sirop"
    taught = Identity(
        PHONES.watch, PHONES.context, "", Lore(_lessons("Une Orange confite maison", "Orange confite, vite"))
    )
    before, after = judged(PHONES, text), judged(taught, text)
    assert after.confidence < before.confidence
    learned = clue(after, ClueKind.VERDICTS)
    assert learned is not None
    assert learned.weight < 0
    assert learned.words == ("confite",)


def test_words_that_came_with_us_speak_for_us() -> None:
    ours = [
        Decided(text, PHONES.watch.spans(text), is_us=True) for text in ("Orange coupe ma ligne", "Ma ligne Orange")
    ]
    found = Lore([*ours, *_lessons("Orange confite", "Orange confite encore")])
    text = "Plus de ligne Orange"
    learned = found.clue(text, PHONES.watch.spans(text))
    assert learned is not None
    assert learned.weight > 0
    assert "ligne" in learned.words


def test_one_verdict_is_no_lesson() -> None:
    text = "Orange confite"
    assert Lore(_lessons(text)).clue(text, PHONES.watch.spans(text)) is None


def test_lessons_never_outweigh_everything_else() -> None:
    text = "un deux trois quatre cinq six sept Orange huit neuf dix onze douze treize"
    learned = Lore(_lessons(text, text)).clue(text, PHONES.watch.spans(text))
    assert learned is not None
    assert learned.weight == -3.0


def test_near_means_eight_words_on_either_side_without_the_terms() -> None:
    text = " ".join(["loin", *(f"avant{n}" for n in range(8)), "Orange", *(f"apres{n}" for n in range(8)), "loin"])
    words = near(text.replace("0", "zero"), Watch(["Orange"]).spans(text.replace("0", "zero")))
    assert "loin" not in words
    assert "orange" not in words
    assert {"avantzero", "apreszero"} <= words
    assert near("Orange ou Orange amère", Watch(["Orange"]).spans("Orange ou Orange amère")) == {"amere"}
    assert near("rien", [Span(0, 0, "")]) == {"rien"}
    assert near("rien", []) == set()


@pytest.mark.shared
def test_a_report_on_the_market_for_slack_is_not_about_the_shop_slack(shared: Path) -> None:
    path = shared / "data" / "feeds" / "feedjira" / "google_alerts_atom.xml"
    texts = [
        judged_text(item) for item in read_feed(path.read_bytes(), "https://www.google.com/alerts/feeds/1", {}).items
    ]
    found = {text: judged(CHAT, text).standing for text in texts if CHAT.watch.match(text)}
    markets = [standing for text, standing in found.items() if "Slack Market" in text]
    assert len(markets) >= 2
    assert set(markets) == {Standing.NOT_US}
    stock = next(standing for text, standing in found.items() if "Slack has a Snap problem" in text)
    assert stock is not Standing.NOT_US
