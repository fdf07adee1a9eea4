"""The figures of docs/sentiment.md: `python -m tests.bench.figures_sentiment FILE.jsonl ...`.

A file holds `{"text", "label": neg/neu/pos, "stars"?}` a line and its language before `.jsonl`. Prints a Markdown row a
file: precision, recall and F1 of the label "negative", AUC, precision at the alert threshold, alarms among positive
texts, and the expected calibration error (ten bins); then AUC by length, and the calibration error by language.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from feedback_service.sentiment.judgement import Label
from feedback_service.sentiment.learning import area_under_curve
from feedback_service.sentiment.scorer import Scorer

ALERT = 0.75
BINS = 10
LENGTHS = ((0, 100), (100, 200), (200, 400), (400, 1_000))
HEAD = (
    "set",
    "texts",
    "negative",
    "precision",
    "recall",
    "F1",
    "AUC",
    "precision at alert",
    "alarms in positive",
    "ECE",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A text with its truth and what was said of it."""

    length: int
    truth: str
    negative: float
    said: bool

    @property
    def is_negative(self) -> bool:
        """Tell whether it is negative in truth."""
        return self.truth == "neg"


def judged(path: Path) -> list[Judged]:
    """Judge every text of a file."""
    scorer = Scorer((language_of(path),))
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    judgements = [scorer.score(row["text"]) for row in rows]
    return [
        Judged(len(row["text"]), row["label"], judgement.negative, judgement.label is Label.NEGATIVE)
        for row, judgement in zip(rows, judgements, strict=True)
    ]


def language_of(path: Path) -> str:
    """Return the language in the name of a file: `cdiscount_dev.fr.jsonl` is French."""
    return path.name.split(".")[-2]


def auc(texts: Sequence[Judged]) -> float:
    """Return the chance that a negative text scores above another one."""
    return area_under_curve([text.negative for text in texts], [text.is_negative for text in texts])


def share(some: Sequence[bool]) -> float:
    """Return the share of true values; 0 of none."""
    return sum(some) / len(some) if some else 0.0


def calibration_error(texts: Sequence[Judged]) -> float:
    """Return how far, on average, the probability is from the share of negative texts that got it (ten bins)."""
    bins: dict[int, list[Judged]] = defaultdict(list)
    for text in texts:
        bins[min(BINS - 1, int(text.negative * BINS))].append(text)
    off = (abs(sum(text.negative for text in some) - sum(text.is_negative for text in some)) for some in bins.values())
    return sum(off) / len(texts)


def row(name: str, texts: Sequence[Judged]) -> tuple[str, ...]:
    """Return the cells of a set, as `HEAD` names them."""
    precision = share([text.is_negative for text in texts if text.said])
    recall = share([text.said for text in texts if text.is_negative])
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    alerts = [text.is_negative for text in texts if text.negative >= ALERT]
    alarms = [text.negative >= ALERT for text in texts if text.truth == "pos"]
    return (
        f"`{name}`",
        f"{len(texts):,}",
        f"{share([text.is_negative for text in texts]):.0%}",
        f"{precision:.2f}",
        f"{recall:.2f}",
        f"{f1:.2f}",
        f"{auc(texts):.3f}",
        f"{share(alerts):.2f}",
        f"{share(alarms):.1%}" if alarms else "–",
        f"{calibration_error(texts):.3f}",
    )


def main(names: Sequence[str]) -> None:
    """Judge the files and print."""
    languages: dict[str, list[Judged]] = defaultdict(list)
    lengths = []
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    for path in map(Path, names):
        texts = judged(path)
        languages[language_of(path)] += texts
        name = path.name.removesuffix(".jsonl")
        print("| " + " | ".join(row(name, texts)) + " |", flush=True)
        bands = [[text for text in texts if low <= text.length < high] for low, high in LENGTHS]
        lengths.append((name, [f"{auc(band):.3f} ({len(band):,})" if len(band) > BINS else "–" for band in bands]))
    print("\n| set | " + " | ".join(f"{low}-{high}" for low, high in LENGTHS) + " |\n|" + "---|" * (len(LENGTHS) + 1))
    for name, cells in lengths:
        print(f"| `{name}` | " + " | ".join(cells) + " |")
    for language, texts in languages.items():
        print(f"\ncalibration error of all {len(texts):,} texts in {language}: {calibration_error(texts):.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
