"""The corpus, and the weights that come of it."""

import json
from collections import Counter
from pathlib import Path

import pytest

from feedback_service.sentiment.base import FOLDER, load_base
from feedback_service.sentiment.lexicon import languages
from feedback_service.sentiment.markers import Topic
from feedback_service.sentiment.training import CORPUS, read_corpus

WITH_CORPUS = sorted(path.name for path in CORPUS.iterdir() if path.is_dir())
LENGTHS = ((0, 50), (50, 120), (120, 250), (250, 2_000))


@pytest.mark.parametrize("language", WITH_CORPUS)
def test_the_corpus_has_the_form_and_no_text_twice(language: str) -> None:
    texts = read_corpus(language)
    assert len(texts) >= 500
    twice = [text for text, count in Counter(one.text for one in texts).items() if count > 1]
    # "Top", "Nul": the shortest are written by more than one.
    assert all(len(text) < 60 for text in twice), twice
    assert {one.topic for one in texts} <= {topic.value for topic in Topic} | {"general", ""}


@pytest.mark.parametrize("language", WITH_CORPUS)
def test_length_tells_nothing_about_the_mark(language: str) -> None:
    texts = read_corpus(language)
    shares = []
    for least, most in LENGTHS:
        band = [one.mark == "-" for one in texts if least <= len(one.text) < most]
        shares.append(sum(band) / len(band))
    assert max(shares) - min(shares) < 0.15, shares


def test_a_line_without_a_mark_is_named(tmp_path: Path) -> None:
    (tmp_path / "xx").mkdir()
    (tmp_path / "xx" / "plain.txt").write_text("## delivery\n- jamais reçu\nno mark\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"plain\.txt, line 3"):
        read_corpus("xx", tmp_path)


def test_weights_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3_000_000


@pytest.mark.parametrize("language", languages())
def test_weights_load(language: str) -> None:
    base = load_base(language)
    assert base.calibration.steepness > 0
    assert (base.model is not None) == (language in WITH_CORPUS)


@pytest.mark.parametrize("language", WITH_CORPUS)
def test_words_and_rules_together_judge_the_corpus_better_than_rules_alone(language: str) -> None:
    figures = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))["figures"]
    assert figures["auc_blend"] > figures["auc_rules"]
    assert figures["texts"] == len(read_corpus(language))
