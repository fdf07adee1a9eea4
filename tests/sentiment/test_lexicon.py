"""The data files hold what docs/sentiment.md says, and the compiled form finds it."""

import re

import pytest

from feedback_service.folding import fold
from feedback_service.sentiment.lexicon import FOLDER, Lexicon, languages, load_lexicon
from feedback_service.sentiment.phrases import longest
from feedback_service.sentiment.reading import Reader
from feedback_service.sentiment.vocabulary import Turn, Vocabulary

SECTIONS = {
    *("options", "common", "spellings", "negators", "negators after ne", "near negators", "ne", "negation stops"),
    *(
        "intensifiers",
        "concessions",
        "subordinates",
        "expectations",
        "words",
        "verbs",
        "classes",
        "phrases",
        "emoji",
        "topics",
        "grave",
    ),
}


def reader(**lists: object) -> Reader:
    return Reader(Lexicon("xx", **lists))  # type: ignore[arg-type] # each test names the lists that it is about


def weights(text: str, judge: Reader) -> list[float]:
    [hits] = judge.passage(text, fold(text), [(0, len(text))]).read()
    return [round(weight, 2) for _, _, weight in hits]


def test_french_and_english_have_their_files() -> None:
    assert {"en", "fr"} <= set(languages())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_a_file_has_no_unknown_section(path: object) -> None:
    text = FOLDER.joinpath(str(path)).read_text(encoding="utf-8")
    assert set(re.findall(r"^\[(.+)\]$", text, re.MULTILINE)) <= SECTIONS


def test_the_french_file_is_large_enough() -> None:
    french = load_lexicon("fr")
    assert len(french.words) >= 1_200
    assert len(french.phrases) >= 800


@pytest.mark.parametrize("language", languages())
def test_weights_stay_in_the_scale(language: str) -> None:
    lexicon = load_lexicon(language)
    every = [*lexicon.words.values(), *lexicon.symbols.values(), *(weight for weight, _ in lexicon.phrases)]
    assert all(-4 <= weight <= 4 for weight in every)


@pytest.mark.parametrize("language", languages())
def test_a_phrase_neither_begins_nor_ends_with_a_gap(language: str) -> None:
    for _, phrase in load_lexicon(language).phrases:
        elements = phrase.split()
        assert not elements[0].startswith("~"), phrase
        assert not elements[-1].startswith("~"), phrase
        assert not elements[0].endswith("?"), phrase


@pytest.mark.parametrize("language", languages())
def test_every_class_that_a_phrase_names_exists(language: str) -> None:
    lexicon = load_lexicon(language)
    named = {name for _, phrase in lexicon.phrases for name in re.findall(r"@\w+", phrase)}
    assert named <= set(lexicon.classes)


def test_words_inflect_and_stems_continue() -> None:
    vocabulary = Vocabulary(Lexicon("xx", words={"lent+": -3.0, "arnaq*": -4.0}))
    found = vocabulary.entries(["lent", "lentes", "lentille", "arnaqueurs"])
    assert [entry and entry.weight for entry in found] == [-3.0, -3.0, None, -4.0]


def test_the_longest_phrase_wins() -> None:
    judge = reader(phrases=[(-2.0, "pas cher"), (2.0, "pas cher du tout")])
    assert weights("pas cher du tout", judge) == [2.0]
    assert weights("pas cher", judge) == [-2.0]


def test_phrases_have_alternatives_options_gaps_and_classes() -> None:
    judge = reader(phrases=[(-3.0, "jamais|pas ete? ~2 @got")], classes={"@got": "recu+|livr*"})
    for text in ("jamais reçu", "pas été livrée", "jamais encore vraiment reçues"):
        assert weights(text, judge) == [-3.0], text
    for text in ("jamais", "jamais un deux trois reçu", "jamais; reçu"):
        assert weights(text, judge) == [], text


def test_a_phrase_of_weight_zero_silences_its_words() -> None:
    assert weights("bon d'achat", reader(words={"bon": 2.0}, phrases=[(0.0, "bon d achat")])) == []


def test_negation_turns_and_stops_at_commas() -> None:
    judge = reader(words={"bon": 2.0, "mauvais": -2.0}, word_lists={"negators": {"pas"}})
    assert weights("pas bon", judge) == [-1.8]
    assert weights("pas mauvais", judge) == [1.0]
    assert weights("pas ici, bon", judge) == [2.0]


def test_plus_negates_only_after_ne() -> None:
    lists = {"negators after ne": {"plus"}, "ne": {"ne", "n"}}
    judge = reader(words={"rapide": 2.0}, word_lists=lists)
    assert weights("plus rapide", judge) == [2.0]
    assert weights("n'est plus rapide", judge) == [-1.8]


def test_what_follows_a_concession_weighs_more() -> None:
    [entry] = Vocabulary(Lexicon("xx", concessions=["mais"])).entries(["mais"])
    assert entry is not None
    assert entry.opening is not None
    assert longest(entry.opening, ["mais"], 0, 1) == (1, Turn.CONCESSION)
    judge = reader(words={"bon": 2.0, "lent": -2.0}, concessions=["mais"])
    assert weights("bon mais lent", judge) == [0.8, -2.8]


def test_a_clause_of_little_weight_counts_less() -> None:
    judge = reader(words={"bon": 2.0, "lent": -2.0}, subordinates=["malgre"], expectations=["alors que"])
    assert weights("bon malgré lent", judge) == [2.0, -0.6]
    assert weights("lent alors que bon", judge) == [-2.0, 0.6]
    assert weights("bon alors que lent", judge) == [2.0, -2.0]


def test_emphasis_makes_louder() -> None:
    judge = reader(words={"lent": -2.0}, intensifiers={"tres": 1.5, "peu": 0.5})
    assert weights("très lent", judge) == [-3.0]
    assert weights("un peu lent", judge) == [-1.0]
    assert weights("lent!", judge) == [-2.2]


def test_a_repeated_word_counts_once_in_a_sentence() -> None:
    assert weights("nul nul nul", reader(words={"nul": -4.0})) == [-4.0]


def test_spellings_are_put_right() -> None:
    assert weights("jamé", reader(words={"jamais": -2.0}, spellings={"jame": "jamais"})) == [-2.0]
