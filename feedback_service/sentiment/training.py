"""Learn the base weights from the corpus: `python -m feedback_service.sentiment.training [LANGUAGE ...]`.

The texts in `corpus/<language>/` were written for this project and stand in no review site. For each language the
blend of rules and learned words is fitted on texts that the words were not learned from (k folds), then the words
are learned from all of them. The same corpus gives the same files. Wheels do not carry the corpus.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from feedback_service.folding import fold
from feedback_service.sentiment.base import FOLDER, Calibration
from feedback_service.sentiment.cleaning import clean
from feedback_service.sentiment.combining import balance
from feedback_service.sentiment.learning import area_under_curve
from feedback_service.sentiment.lexicon import load_lexicon
from feedback_service.sentiment.linear import Example, example, judged_unseen, sigmoid, train
from feedback_service.sentiment.reading import Reader
from feedback_service.sentiment.sentences import sentences

CORPUS = Path(__file__).parent / "corpus"
_PLAIN = "plain"
_HALVINGS = 40
STEEPNESS = 1.35
"""How sure the balance of the rules makes: chosen on texts of other sources (docs/sentiment.md)."""
LEARNED_SHARE, HALF_SHARE_AT = 0.35, 1_500
"""What words learned from many texts count beside the rules, and from how many texts they count half of that: chosen on
texts of other sources (docs/sentiment.md)."""
LEAST_MIDDLE = -1.35
"""What says nothing is negative with one chance in five at least, or "Unzufrieden." alone would be no complaint."""
NEGATIVE_SHARE = 0.35
"""About what part of what is written about a shop is negative; decides where a doubtful text falls."""


@dataclass(frozen=True, slots=True)
class Written:
    """One text of the corpus: `mark` is "-" (negative), "+" (positive) or "=" (neither).

    `is_plain`: from a file of ordinary texts, in about the mix in which people write; only these tell how sure to be.
    """

    mark: str
    text: str
    topic: str
    is_plain: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """A text as the blend sees it: the balance of its rules, and the example to learn words from."""

    balance: float
    example: Example
    is_plain: bool


def read_corpus(language: str, corpus: Path = CORPUS) -> list[Written]:
    """Return the texts of a language; raise `ValueError` naming the line that has not the form."""
    texts: list[Written] = []
    for path in sorted((corpus / language).glob("*.txt")):
        topic = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("## "):
                topic = line[3:].strip()
            elif line[:2] in {"- ", "+ ", "= "}:
                texts.append(Written(line[0], line[2:].replace("\\n", "\n"), topic, path.stem.startswith(_PLAIN)))
            elif line.strip() and not line.startswith("# "):
                message = f"{path.name}, line {number}: a text begins with '- ', '+ ' or '= '"
                raise ValueError(message)
    return texts


def fit(language: str) -> tuple[Calibration, bytes, dict[str, float]]:
    """Return the calibration, the model for keeping, and figures of texts that were held back."""
    reader = Reader(load_lexicon(language))
    seen = [_seen(reader, written) for written in read_corpus(language)]
    learned = judged_unseen([one.example for one in seen])
    judged = list(zip(seen, learned, strict=True))
    plain = [(one, value) for one, value in judged if one.is_plain]
    rows = [(one.balance, value, one.example.is_negative) for one, value in plain or judged]
    calibration = _calibrated(rows, LEARNED_SHARE * len(seen) / (len(seen) + HALF_SHARE_AT))
    model = train([one.example for one in seen])
    truths = [truth for _, _, truth in rows]
    figures = {
        "texts": len(seen),
        "auc_rules": round(area_under_curve([value for value, _, _ in rows], truths), 4),
        "auc_words": round(area_under_curve([value for _, value, _ in rows], truths), 4),
        "auc_blend": round(area_under_curve([calibration.logit(a, b) for a, b, _ in rows], truths), 4),
    }
    return calibration, model.to_bytes(), figures


def _seen(reader: Reader, written: Written) -> _Seen:
    cleaned = clean(written.text)
    passage = reader.passage(cleaned, fold(cleaned), sentences(cleaned))
    scores = [sum(weight for _, _, weight in hits) for hits in passage.read()]
    learned = example(passage.words, offset=0.0, is_negative=written.mark == "-")
    return _Seen(balance(scores), learned, written.is_plain)


def _calibrated(rows: Sequence[tuple[float, float, bool]], share: float) -> Calibration:
    """Return the calibration under which as many texts are expected to be negative as there are.

    Steepness and `share` of the learned words are given, not fitted: texts of one corpus resemble each other more
    than a shop's texts resemble them, and a fit would be too sure of rules and words alike. Texts are weighed to the
    share of negative ones that a shop meets.
    """
    negatives = sum(truth for _, _, truth in rows)
    weights = (NEGATIVE_SHARE / negatives, (1 - NEGATIVE_SHARE) / (len(rows) - negatives))
    low, high = -10.0, 10.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        calibration = Calibration(STEEPNESS, round(STEEPNESS * share, 4), middle)
        expected = sum(weights[not truth] * sigmoid(calibration.logit(*said)) for *said, truth in rows)
        low, high = (low, middle) if expected > NEGATIVE_SHARE else (middle, high)
    return Calibration(STEEPNESS, round(STEEPNESS * share, 4), round(max(middle, LEAST_MIDDLE), 4))


def main(languages: Sequence[str]) -> None:
    """Write the files of the languages given, or of all that have a corpus, and print their figures."""
    for language in languages or sorted(path.name for path in CORPUS.iterdir() if path.is_dir()):
        calibration, model, figures = fit(language)
        kept = {
            "steepness": calibration.steepness,
            "share": calibration.share,
            "middle": calibration.middle,
            "figures": figures,
        }
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{language}.bin").write_bytes(model)
        (FOLDER / f"{language}.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
        print(language, json.dumps(kept), len(model))  # noqa: T201 - a command that prints its figures


if __name__ == "__main__":
    main(sys.argv[1:])
