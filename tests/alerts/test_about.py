"""Why a mention is taken to be about the shop, in words: every clue and every topic, in each language."""

import pytest

from feedback_service.alerts.about import Grounds, grounds, sureness, topic_words
from feedback_service.i18n import LANGUAGES
from feedback_service.mentions.clues import ClueKind
from feedback_service.mentions.models import Mention
from feedback_service.mentions.relevance import Standing
from feedback_service.sentiment.markers import Topic


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ClueKind)
def test_every_kind_of_clue_has_words(kind: ClueKind, language: str) -> None:
    words = ["refund"] if kind is ClueKind.TRADE else ["Orange"]
    [sentence] = grounds([{"kind": kind.value, "weight": 1.0, "words": words}], language).speaks_for
    assert "%(" not in sentence
    assert sentence[:1].isupper() or not sentence[:1].isalpha()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_has_a_word_of_its_own(language: str) -> None:
    assert len(set(topic_words(list(Topic), language))) == len(Topic)


def test_reasons_stand_for_or_against_the_weightiest_first() -> None:
    clues = [
        {"kind": "market", "weight": -4.5, "words": ["Slack Market"]},
        {"kind": "name", "weight": 2.0, "words": ["Slack"]},
        {"kind": "verdicts", "weight": -1.2, "words": ["wax", "trends"]},
    ]
    assert grounds(clues, "en") == Grounds(
        ("It names “Slack”",),
        (
            "“Slack Market” is the name of a thing that is traded",
            "Your staff said “not us” near these words before: “wax”, “trends”",
        ),
    )


def test_verdicts_for_us_are_told_apart_from_those_against() -> None:
    found = grounds([{"kind": "verdicts", "weight": 1.5, "words": ["ligne"]}], "fr")
    assert found.speaks_for == (
        "Votre équipe a déjà répondu «\u202fnous concerne\u202f» près de ces mots\u202f: «\u202fligne\u202f»",
    )


def test_topics_stand_in_the_clue_in_words() -> None:
    [sentence] = grounds([{"kind": "trade", "weight": 1.0, "words": ["refund", "delivery"]}], "fr").speaks_for
    assert sentence.endswith("remboursement, livraison")


@pytest.mark.parametrize(
    "clue",
    [
        pytest.param({"kind": "moon_phase", "weight": 1.0, "words": ["full"]}, id="unknown"),
        pytest.param({}, id="empty"),
        pytest.param({"weight": 1.0}, id="without_a_kind"),
    ],
)
def test_a_clue_that_is_not_known_is_left_out(clue: dict[str, object]) -> None:
    assert grounds([clue], "en") == Grounds()
    assert topic_words(["weather"], "en") == ()


def test_personal_data_in_a_clue_is_masked_and_a_per_cent_sign_harms_nothing() -> None:
    [sentence] = grounds(
        [{"kind": "longer_name", "weight": 1.0, "words": ["jean@example.org 100% %(x)s"]}], "en"
    ).speaks_for
    assert sentence == "“[e-mail] 100% %(x)s” may be another, longer name"


@pytest.mark.parametrize(
    ("standing", "relevance", "words"),
    [
        pytest.param(Standing.REVIEW, 0.43, "43% sure that it is about the shop", id="doubtful"),
        pytest.param(Standing.US, 0.9, "90% sure that it is about the shop", id="sure"),
        pytest.param(Standing.US, 0.43, "Your staff said that it is about the shop", id="said_by_a_person"),
    ],
)
def test_how_sure_it_is_is_a_percentage_or_a_persons_word(standing: Standing, relevance: float, words: str) -> None:
    assert sureness(Mention(standing=standing, relevance=relevance), "en") == words
