"""Review pages: schema.org Review in JSON-LD, in every nesting that sites use, to items."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin

from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources import json_ld, nesting
from feedback_service.sources.charsets import decode_page
from feedback_service.sources.dates import parse_date
from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.feeds import feed_link
from feedback_service.sources.items import Item, Reading, pseudonym, short_guid
from feedback_service.sources.json_ld import Node
from feedback_service.sources.plain import html_to_text, one_line, storable

_REVIEWS = frozenset({"Review", "UserReview", "CriticReview", "EmployerReview", "Recommendation"})
_RATED = frozenset({"AggregateRating", "EmployerAggregateRating"})
_BEARERS = frozenset({
    "Product", "ProductGroup", "IndividualProduct", "ProductModel", "Organization", "OnlineStore", "OnlineBusiness",
    "LocalBusiness", "Store", "Corporation", "Brand", "Service", "Offer", "SoftwareApplication", "MobileApplication",
})  # fmt: skip
_REVIEW_KEYS = frozenset({"review", "reviews"})
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_OUT_OF = re.compile(r"\d\s*(?:/|sur|out of|von|de|di|van)\s*(\d+)", re.IGNORECASE)
_SCALES = (5.0, 10.0, 100.0)
_MAX_REVIEWS = 2000
_LONGEST_RATING = 100


@dataclass(frozen=True, slots=True)
class _Page:
    """A page with its JSON-LD: the blocks, and the nodes by their `@id`."""

    url: str
    blocks: list[Any]
    index: dict[str, Node]


def read_review_page(body: bytes, url: str, headers: Mapping[str, str]) -> Reading:
    """Return the reviews of a page; raise `ReadError` (no markup) when it carries no JSON-LD of a reviewed thing.

    A page that has the markup but no review yet gives an empty reading.
    """
    html = decode_page(body, headers.get("content-type", ""))
    if not nesting.is_reasonable(html):
        sentence = "The page is nested so deep that reading it would take minutes; it is not read."
        raise ReadError(ReadFailure.NO_MARKUP, sentence, url=url)
    page = _page(html, url)
    items = tuple(dict.fromkeys(_reviews(page)))[:_MAX_REVIEWS]
    if not items and not _may_bear_reviews(page):
        named = feed_link(html.encode("utf-8", "replace"), url)
        hint = f" The page names a feed: {named}" if named else ""
        sentence = f"This page carries no reviews that a program can read (schema.org Review in JSON-LD).{hint}"
        raise ReadError(ReadFailure.NO_MARKUP, sentence, url=url, feed_url=named)
    return Reading(_title(html), items)


def _page(html: str, url: str) -> _Page:
    blocks = json_ld.blocks(html)
    index: dict[str, Node] = {}
    for block in blocks:
        for node, _, _ in json_ld.nodes(block):
            identifier = node.get("@id")
            if isinstance(identifier, str) and len(node) > 1:
                index.setdefault(identifier, node)
    return _Page(url, blocks, index)


def _reviews(page: _Page) -> Iterator[Item]:
    for block in page.blocks:
        for node, key, about in json_ld.nodes(block):
            if _is_review(node, key):
                item = _item(node, about, page)
                if item:
                    yield item


def _is_review(node: Node, key: str) -> bool:
    kinds = json_ld.types(node)
    untyped = not kinds and key in _REVIEW_KEYS and ("reviewBody" in node or "reviewRating" in node)
    return untyped or bool(kinds & _REVIEWS)


def _may_bear_reviews(page: _Page) -> bool:
    found = (json_ld.types(node) for block in page.blocks for node, _, _ in json_ld.nodes(block))
    return any(kinds & (_BEARERS | _RATED) for kinds in found)


def _item(node: Node, about: str, page: _Page) -> Item | None:
    text = _first_text(node, "reviewBody", "description", "text")
    rating, best = _rating(node, page)
    if not text and rating is None:
        return None
    title = one_line(html_to_text(json_ld.text_of(node.get("name")) or json_ld.text_of(node.get("headline"))))
    url = _url(node, page.url)
    is_own = urldefrag(url).url != urldefrag(page.url).url
    return Item(
        guid=_identifier(node.get("identifier")),
        url=url if is_own else "",
        page_url=page.url if is_own else url,
        title=title if title != about else "",
        text=text,
        author=_author(node, page),
        published_at=_published(node),
        rating=rating,
        best_rating=best,
    )


def _first_text(node: Node, *names: str) -> str:
    texts = (html_to_text(json_ld.text_of(node.get(name))) for name in names)
    return next(filter(None, texts), "")


def _published(node: Node) -> Any:  # noqa: ANN401 - what `parse_date` gives
    dates = (parse_date(json_ld.text_of(node.get(name))) for name in ("datePublished", "dateCreated", "dateModified"))
    return next(filter(None, dates), None)


def _author(node: Node, page: _Page) -> str:
    author = json_ld.one(node.get("author") or node.get("creator"), page.index)
    name = json_ld.text_of(author.get("name")) if isinstance(author, dict) else json_ld.text_of(author)
    return pseudonym(name)


def _identifier(value: Any) -> str:  # noqa: ANN401 - any JSON
    # `@id` is no identity, nor is a fragment: many sites number the reviews of a page from 1, so that a
    # new one takes the id of another.
    if isinstance(value, dict):
        value = value.get("value")
    return short_guid(one_line(json_ld.text_of(value)))


def _url(node: Node, page_url: str) -> str:
    for value in (node.get("url"), node.get("mainEntityOfPage")):
        address = json_ld.text_of(value)
        try:
            if address:
                return storable(urljoin(page_url, address.strip()))
        except ValueError:
            continue
    return page_url


def _rating(node: Node, page: _Page) -> tuple[float | None, float | None]:
    given = json_ld.one(node.get("reviewRating") or node.get("rating"), page.index)
    rating = given if isinstance(given, dict) else {"ratingValue": given}
    raw = json_ld.text_of(rating.get("ratingValue"))
    return scaled(raw, json_ld.text_of(rating.get("bestRating")))


def scaled(raw: str, raw_best: str) -> tuple[float | None, float | None]:
    """Return rating and best rating of texts such as '4,5', '8/10', '80 %'; (None, None) for none.

    Without a best rating the scale is the smallest of 5, 10 and 100 that holds the rating.
    """
    raw, raw_best = raw[:_LONGEST_RATING], raw_best[:_LONGEST_RATING]
    value, best = number(raw), number(raw_best)
    if value is None or value < 0:
        return None, None
    out_of = _OUT_OF.search(raw)
    if not best and out_of:
        best = float(out_of[1])
    if not best and "%" in raw:
        best = 100.0
    if not best or best < value:
        best = next((scale for scale in _SCALES if value <= scale), None)
    return (value, best) if best else (None, None)


def number(text: str) -> float | None:
    """Return the first number of a text, with a decimal point or comma; None for none."""
    found = _NUMBER.search(text)
    value = float(found[0].replace(",", ".")) if found else math.nan
    return value if math.isfinite(value) else None


def _title(html: str) -> str:
    node = LexborHTMLParser(html).css_first("head title")
    return one_line(node.text()) if node else ""
