"""Copies of texts as they are found elsewhere: with some words changed, cut, or put before and after."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

Copyist = Callable[[Sequence[str], random.Random, Sequence[str]], list[str]]


def edited(words: Sequence[str], chance: random.Random, others: Sequence[str]) -> list[str]:
    """Change, cut or add one to three words."""
    return changed(words, chance, others, chance.randint(1, 3))


def changed(words: Sequence[str], chance: random.Random, others: Sequence[str], times: int) -> list[str]:
    """Change, cut or add a word, `times` times over."""
    copy = list(words)
    for _ in range(times):
        at = chance.randrange(len(copy))
        copy[at : at + chance.randint(0, 1)] = chance.choice(([], [chance.choice(others)], [chance.choice(others)]))
    return copy


def shortened(words: Sequence[str], _chance: random.Random, _others: Sequence[str]) -> list[str]:
    """Keep the first 70 %."""
    return [*words[: len(words) * 7 // 10], "…"]


def introduced(words: Sequence[str], chance: random.Random, others: Sequence[str]) -> list[str]:
    """Put six words before."""
    return [*chance.choices(others, k=6), *words]


def continued(words: Sequence[str], chance: random.Random, others: Sequence[str]) -> list[str]:
    """Put ten words after."""
    return [*words, *chance.choices(others, k=10)]


def texts_of(path: Path, fewest: int, most: int) -> list[str]:
    """Return the different texts of a file of JSON lines that have so many words."""
    lines = path.read_text(encoding="utf-8").splitlines()
    texts = dict.fromkeys(" ".join(str(json.loads(line)["text"]).split()) for line in lines)
    by_form = {text.lower().strip(" .!"): text for text in texts if fewest <= len(text.split()) <= most}
    return list(by_form.values())
