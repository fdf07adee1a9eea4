"""How many copies are found again, and how many other texts are taken for copies.

    python -m tests.bench.figures_near FILE.jsonl ...

A file holds `{"text"}` a line. For each length of text: what share of copies, made as `tests.support.copies` makes
them, shares a band with the original, and is then found near; how many pairs of different texts are; how many have to
be compared; and beside it a 64-bit simhash over the same words, of which three bits may differ.
"""

import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from feedback_service.folding import fold
from feedback_service.mentions.identity import normal
from feedback_service.mentions.near import bands, bands_to_ask, is_near
from tests.support.copies import Copyist, continued, edited, introduced, shortened, texts_of

LENGTHS = ((8, 19), (20, 60), (61, 400))
COPYISTS: dict[str, Copyist] = {
    "1-3 words edited": edited,
    "cut to 70 %": shortened,
    "6 words before": introduced,
    "10 words after": continued,
}
_BITS, _MAY_DIFFER = 64, 3


@dataclass
class Found:
    """Counts over all files, for one length of text."""

    texts: int = 0
    pairs: int = 0
    compared: int = 0
    false: int = 0
    copies: Counter[str] = field(default_factory=Counter)
    banded: Counter[str] = field(default_factory=Counter)
    near: Counter[str] = field(default_factory=Counter)
    simhashed: Counter[str] = field(default_factory=Counter)


def simhash(text: str) -> int:
    """Return the 64-bit simhash of a text's words."""
    votes = [0] * _BITS
    for word in normal(text).split():
        bits = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big")
        for bit in range(_BITS):
            votes[bit] += 1 if bits >> bit & 1 else -1
    return sum(1 << bit for bit, vote in enumerate(votes) if vote > 0)


def count(found: Found, texts: Sequence[str]) -> None:
    """Add what is found among `texts` and their copies."""
    chance = random.Random(7)  # noqa: S311 - texts, not secrets
    others = [word for text in texts for word in text.split()]
    holders: defaultdict[int, list[int]] = defaultdict(list)
    stored = [set(bands(text)) for text in texts]
    for number, keys in enumerate(stored):
        for key in keys:
            holders[key].append(number)
    found.texts += len(texts)
    found.pairs += len(texts) * (len(texts) - 1)
    for number, text in enumerate(texts):
        alike = {other for key in bands_to_ask(text) for other in holders.get(key, ())} - {number}
        found.compared += len(alike)
        found.false += sum(is_near(text, texts[other]) for other in alike)
        for name, copyist in COPYISTS.items():
            copy = " ".join(copyist(text.split(), chance, others))
            is_banded = not stored[number].isdisjoint(bands_to_ask(copy))
            found.copies[name] += 1
            found.banded[name] += is_banded
            found.near[name] += is_banded and is_near(text, copy)
            found.simhashed[name] += (simhash(text) ^ simhash(copy)).bit_count() <= _MAY_DIFFER


def microseconds(texts: Sequence[str]) -> float:
    """Return what the bands of a text take, to store and to look up, folding included."""
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for text in texts:
            fold.cache_clear()
            bands(text)
            bands_to_ask(text)
        best = min(best, time.process_time() - began)
    return best / len(texts) * 1e6


def main() -> None:
    """Measure and print."""
    paths = [Path(name) for name in sys.argv[1:]]
    for fewest, most in LENGTHS:
        found, texts = Found(), [texts_of(path, fewest, most) for path in paths]
        for each in texts:
            count(found, each)
        print(f"\n{found.texts:,} texts of {fewest}-{most} words")
        print(
            f"  {found.false // 2} of {found.pairs // 2:,} pairs taken for copies;"
            f" {found.compared / max(1, found.pairs):.4%} compared word by word"
        )
        for name, copies in found.copies.items():
            print(
                f"  {name:<18} found near {found.near[name] / copies:7.2%}  a band shared"
                f" {found.banded[name] / copies:7.2%}  simhash {found.simhashed[name] / copies:7.2%}"
            )
    timed = [text for each in (texts_of(path, 140, 160) for path in paths) for text in each][:200]
    if timed:
        print(f"\nbands to store and to look up, 140-160 words: {microseconds(timed):.0f} us a text")


if __name__ == "__main__":
    main()
