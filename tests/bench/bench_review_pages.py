"""Reading review pages beside extruct, in one run: `python -m tests.bench.bench_review_pages [FOLDER]`.

FOLDER holds pages (`*.html`, `*.testhtml`); without it pages written here are read. Ours decodes, parses, reads all
three syntaxes, cleans the texts, removes doubles, finds the average and the next page; extruct gives raw JSON-LD,
microdata and RDFa, or the first two only.
"""

import contextlib
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import extruct

from feedback_service.sources.errors import ReadError
from feedback_service.sources.review_pages.reader import read_review_page
from tests.support.feeds import review, review_page

URL = "https://avis.example.com/lampe"
_ROUNDS = 5
_SYNTAXES = {"all three syntaxes": ["json-ld", "microdata", "rdfa"], "without RDFa": ["json-ld", "microdata"]}


def main(arguments: Sequence[str]) -> None:
    """Print seconds and ratios."""
    pages = _pages(Path(arguments[0])) if arguments else _written()
    size = sum(map(len, pages)) / 1_000_000
    ours = _seconds(_ours, pages)
    print(f"{len(pages)} pages, {size:.1f} MB; ours {ours * 1000:.1f} ms of CPU, {size / ours:.1f} MB/s")
    for words, syntaxes in _SYNTAXES.items():
        theirs = _seconds(lambda body, chosen=syntaxes: _theirs(body, chosen), pages)  # type: ignore[misc]
        print(f"extruct, {words}: {theirs * 1000:.1f} ms, {theirs / ours:.1f} times ours")


def _pages(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.testhtml")])]


def _written() -> list[bytes]:
    texts = [f"Commande {number} : reçue cassée, aucune réponse depuis trois semaines." for number in range(50)]
    marked = "".join(
        f'<li itemprop="review" itemscope itemtype="https://schema.org/Review"><b itemprop="author">Camille E.</b>'
        f'<meta itemprop="datePublished" content="2026-11-03"><p itemprop="reviewBody">{text}</p></li>'
        for text in texts
    )
    filler = "<div class='card'><a href='/p'><span>Lampe</span></a></div>" * 2_000
    microdata = f"<body itemscope itemtype='https://schema.org/Product'><ul>{marked}</ul>{filler}</body>".encode()
    return [review_page([review(text) for text in texts]), microdata] * 5


def _seconds(read: Callable[[bytes], object], pages: Sequence[bytes]) -> float:
    rounds = []
    for _ in range(_ROUNDS):
        begun = time.process_time()
        for body in pages:
            read(body)
        rounds.append(time.process_time() - begun)
    return statistics.median(rounds)


def _ours(body: bytes) -> None:
    with contextlib.suppress(ReadError):
        read_review_page(body, URL, {})


def _theirs(body: bytes, syntaxes: list[str]) -> None:
    extruct.extract(body.decode("utf-8", "replace"), base_url=URL, syntaxes=syntaxes, errors="ignore")


if __name__ == "__main__":
    main(sys.argv[1:])
