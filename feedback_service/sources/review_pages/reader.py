"""Review pages: schema.org Review in JSON-LD, microdata and RDFa, in every nesting that sites use, to items.

bytes --decode, parse--> tree --json_ld, microdata, rdfa--> Node --reviews--> Item --same_reviews--> Reading
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.feeds.reader import feed_link
from feedback_service.sources.items import Aggregate, Item, Reading
from feedback_service.sources.review_pages import json_ld, microdata, nodes, pagination, rdfa, reviews
from feedback_service.sources.review_pages.aggregates import RATED, aggregate_of
from feedback_service.sources.review_pages.nodes import Node
from feedback_service.sources.review_pages.reviews import Described
from feedback_service.sources.review_pages.same_reviews import merged
from feedback_service.sources.texts import nesting
from feedback_service.sources.texts.charsets import decode_page
from feedback_service.sources.texts.plain import one_line

_BEARERS = frozenset({
    "Product", "ProductGroup", "IndividualProduct", "ProductModel", "Organization", "LocalBusiness", "Corporation",
    "Brand", "Service", "Offer", "SoftwareApplication", "MobileApplication", "WebApplication", "Restaurant", "Hotel",
    "LodgingBusiness",
})  # fmt: skip
_BEARING_ENDS = ("Store", "Business", "Agency", "Shop")
_MAX_REVIEWS = 2000


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One page of reviews as it was read, and the address of the one that follows; empty for none."""

    reading: Reading
    next_url: str


def read_review_page(body: bytes, url: str, headers: Mapping[str, str]) -> Reading:
    """Return the reviews of a page; raise `ReadError` (no markup) when it describes nothing that is reviewed.

    A page that has the markup but no review yet gives an empty reading.
    """
    return open_review_page(body, url, headers).reading


def open_review_page(body: bytes, url: str, headers: Mapping[str, str]) -> ReviewPage:
    """Return the reviews of a page and where it goes on; raise `ReadError` as `read_review_page` does."""
    html = decode_page(body, headers.get("content-type", ""))
    if not nesting.is_reasonable(html):
        sentence = "The page is nested so deep that reading it would take minutes; it is not read."
        raise ReadError(ReadFailure.NO_MARKUP, sentence, url=url)
    tree = LexborHTMLParser(html)
    groups = _groups(tree)
    roots = [root for group in groups for root in group]
    index = nodes.by_id(roots)
    items = _items(groups, roots, index, url)
    if not items and not _may_bear_reviews(roots):
        raise _no_markup(html, url)
    aggregate = aggregate_of(url, roots, index)
    next_url = pagination.next_address(tree, url)
    reading = Reading(
        _title(tree), items[:_MAX_REVIEWS], aggregate=aggregate, is_cut=is_cut(items, aggregate, next_url)
    )
    return ReviewPage(reading, next_url)


def is_cut(items: Sequence[Item], aggregate: Aggregate | None, next_url: str) -> bool:
    """Tell whether there are reviews beyond `items`: on a next page, by the count the page shows, or by our cap."""
    counted = aggregate.count if aggregate else 0
    return bool(next_url) or counted > len(items) or len(items) > _MAX_REVIEWS


def _groups(tree: LexborHTMLParser) -> list[list[Any]]:
    """Return what the page describes: each block of JSON-LD, then all of its microdata, then all of its RDFa."""
    groups: list[list[Any]] = [[block] for block in json_ld.blocks(tree)]
    return [*groups, microdata.things(tree), rdfa.things(tree)]


def _items(
    groups: Sequence[Sequence[Any]], roots: Sequence[Any], index: Mapping[str, Node], url: str
) -> tuple[Item, ...]:
    month_first = reviews.month_first(roots)
    return tuple(merged(_reviews_of(Described(url, group, index, month_first=month_first)) for group in groups))


def _reviews_of(described: Described) -> list[Item]:
    found: Iterator[Item] = reviews.reviews(described)
    return list(islice(found, _MAX_REVIEWS + 1))


def _may_bear_reviews(roots: Sequence[Any]) -> bool:
    kinds = (kind for place in nodes.walk(roots) for kind in nodes.types(place.node))
    return any(kind in _BEARERS or kind in RATED or kind.endswith(_BEARING_ENDS) for kind in kinds)


def _no_markup(html: str, url: str) -> ReadError:
    named = feed_link(html.encode("utf-8", "replace"), url)
    hint = f" The page names a feed: {named}" if named else ""
    what = "(schema.org Review in JSON-LD, microdata or RDFa)"
    sentence = f"This page carries no reviews that a program can read {what}.{hint}"
    return ReadError(ReadFailure.NO_MARKUP, sentence, url=url, feed_url=named)


def _title(tree: LexborHTMLParser) -> str:
    node = tree.css_first("head title")
    return one_line(node.text()) if node else ""
