"""What a document is, by its content: the readers are tried in turn, the strictest first. Pure.

It knows kinds by their names, so that a saved document can be read without loading the database.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from feedback_service.sources.articles.page_subjects import may_be_article
from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.items import Reading

Reader = Callable[[bytes, str, Mapping[str, str]], Reading]

# Kind, and the module and function that read it. A module is loaded when its turn comes: what reads articles
# takes as long to load as all the others.
_READERS = (
    ("feed", "feedback_service.sources.feeds.reader", "read_feed"),
    ("review_page", "feedback_service.sources.review_pages.reader", "read_review_page"),
    ("article", "feedback_service.sources.articles.reader", "read_article"),
)
_LAST_RESORT = "article"
_NOT_THIS_KIND = frozenset({ReadFailure.NOT_A_FEED, ReadFailure.NO_MARKUP})


@dataclass(frozen=True, slots=True)
class Recognised:
    """The kind of a document (a value of `SourceKind`), and what it holds."""

    kind: str
    reading: Reading


def recognise(body: bytes, url: str, headers: Mapping[str, str]) -> Recognised:
    """Return what a body is and holds; raise `ReadError` in the words of the likeliest kind.

    A page with the markup of a product and no review yet is a review page. A page is read as an article where it
    describes nothing else (`page_subjects`), names no feed, and has a real text.

    Args:
        body: decompressed bytes as they came.
        url: where they came from; relative links are resolved against it.
        headers: of the answer, lower-case names.
    """
    refusals: list[ReadError] = []
    empty: Recognised | None = None
    for kind, module, name in _READERS:
        if kind == _LAST_RESORT and not _is_worth_a_last_try(body, headers, refusals):
            continue
        read: Reader = getattr(importlib.import_module(module), name)
        try:
            reading = read(body, url, headers)
        except ReadError as error:
            if error.kind not in _NOT_THIS_KIND:
                raise
            refusals.append(error)
            continue
        if reading.items or reading.aggregate or kind == "feed":
            return Recognised(kind, reading)
        empty = empty or Recognised(kind, reading)
    if empty:
        return empty
    raise _nothing(refusals, url)


def _is_worth_a_last_try(body: bytes, headers: Mapping[str, str], refusals: list[ReadError]) -> bool:
    """Tell whether a page may be an article; who names a blog means what its feed has."""
    return may_be_article(body, headers) and not any(refusal.feed_url for refusal in refusals)


def _nothing(refusals: list[ReadError], url: str) -> ReadError:
    likeliest = refusals[0]
    is_page = "HTML page" in str(likeliest)
    sentence = f"{likeliest} It carries no reviews that a program can read either." if is_page else str(likeliest)
    return ReadError(likeliest.kind, sentence, url=url, feed_url=likeliest.feed_url)
