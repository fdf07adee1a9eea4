"""schema.org's reviews to items: one mapping, whatever syntax a page describes them in. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urldefrag, urljoin

from feedback_service.sources.items import Item, pseudonym, short_guid
from feedback_service.sources.review_pages import nodes
from feedback_service.sources.review_pages.nodes import Node, Place, text_of, texts_of
from feedback_service.sources.texts.dates import parse_date, writes_month_first
from feedback_service.sources.texts.plain import html_to_text, one_line, storable, tidy
from feedback_service.sources.texts.ratings import NO_RATING, scaled

_REVIEWS = frozenset({
    "Review", "UserReview", "CriticReview", "EmployerReview", "Recommendation",
})  # fmt: skip
_REVIEW_KEYS = frozenset({"review", "reviews"})
_SIGNS_OF_A_REVIEW = ("reviewBody", "reviewRating")
_BODIES = ("reviewBody", "description", "text", "reviewText")
_TITLES = ("name", "headline", "summary")
_DATES = ("datePublished", "dateCreated", "dtreviewed", "dateModified")
_AUTHORS = ("author", "creator", "reviewer")
_NOTES = ("positiveNotes", "negativeNotes")
_MOST_NOTES = 20


@dataclass(frozen=True, slots=True)
class Described:
    """What one syntax or block says of things: `roots`; `index` has the things of the whole page by `@id`."""

    url: str
    roots: Sequence[Any]
    index: Mapping[str, Node]
    month_first: bool = False


def reviews(described: Described) -> Iterator[Item]:
    """Yield the reviews in the order of the page."""
    for place in nodes.walk(described.roots):
        if is_review(place):
            item = _item(place, described)
            if item:
                yield item


def is_review(place: Place) -> bool:
    """Tell whether a node is a review: by its type, or by where it stands and what it has."""
    kinds = nodes.types(place.node)
    untyped = not kinds and place.key in _REVIEW_KEYS and any(name in place.node for name in _SIGNS_OF_A_REVIEW)
    return untyped or bool(kinds & _REVIEWS)


def month_first(roots: Sequence[Any]) -> bool:
    """Tell whether the reviews of a page write the month before the day."""
    found = (place.node for place in nodes.walk(roots) if is_review(place))
    return writes_month_first(text for node in found for name in _DATES for text in texts_of(node.get(name)))


def _item(place: Place, described: Described) -> Item | None:
    node = place.node
    author = _author(node, described.index)
    title = _title(node, {author, place.about, _reviewed(node, described.index)})
    text = _text(node, described.index)
    rating, best = _rating(node, described.index)
    if not text and rating is None and not (title and author):
        return None
    url = _url(node, described.url)
    is_own = urldefrag(url).url != urldefrag(described.url).url
    return Item(
        guid=_identifier(node.get("identifier")),
        url=url if is_own else "",
        page_url=described.url if is_own else url,
        title=title,
        text=text,
        author=pseudonym(author),
        published_at=_published(node, month_first=described.month_first),
        rating=rating,
        best_rating=best,
    )


def plain(html: str) -> str:
    """Return the text of a value that may hold HTML, or an ampersand or a `<` that were never meant as such."""
    return html_to_text(html) if ">" in html else tidy(unescape(html))


def _text(node: Node, index: Mapping[str, Node]) -> str:
    texts = (plain(text) for name in _BODIES for text in texts_of(node.get(name))[:1])
    body = next(filter(None, texts), "")
    return tidy("\n".join([body, *_notes(node, index)]))


def _notes(node: Node, index: Mapping[str, Node]) -> Iterator[str]:
    """Yield what the customer lists as good and bad, where the review has such lists."""
    for name in _NOTES:
        for listed in nodes.every(node.get(name), index)[:_MOST_NOTES]:
            elements = listed.get("itemListElement", listed) if isinstance(listed, dict) else listed
            for one in nodes.every(elements, index)[:_MOST_NOTES]:
                yield one_line(
                    plain(text_of(one.get("name") or one.get("item")) if isinstance(one, dict) else text_of(one))
                )


def _title(node: Node, others: set[str]) -> str:
    """Return the title, unless it only repeats the author or what is reviewed."""
    raw = next(filter(None, (text_of(node.get(name)) for name in _TITLES)), "")
    title = one_line(plain(raw))
    return "" if title in {one_line(plain(other)) for other in others} else title


def _reviewed(node: Node, index: Mapping[str, Node]) -> str:
    return _name(nodes.first(node.get("itemReviewed"), index))


def _author(node: Node, index: Mapping[str, Node]) -> str:
    named = (_name(nodes.first(node.get(name), index)) for name in _AUTHORS)
    return one_line(plain(next(filter(None, named), "")))


def _name(thing: Any) -> str:  # noqa: ANN401 - any JSON
    if not isinstance(thing, dict):
        return text_of(thing)
    parts = " ".join(filter(None, (text_of(thing.get("givenName")), text_of(thing.get("familyName")))))
    return text_of(thing.get("name")) or parts or text_of(thing.get("alternateName")) or text_of(thing)


def _published(node: Node, *, month_first: bool) -> datetime | None:
    dates = (parse_date(text, month_first=month_first) for name in _DATES for text in texts_of(node.get(name)))
    return next(filter(None, dates), None)


def _identifier(value: Any) -> str:  # noqa: ANN401 - any JSON
    # `@id` is no identity, nor is a fragment: many sites number the reviews of a page from 1, so that a
    # new one takes the id of another.
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    return short_guid(one_line(text_of(value)))


def _url(node: Node, page_url: str) -> str:
    for value in (node.get("url"), node.get("mainEntityOfPage")):
        address = text_of(value)
        try:
            if address:
                return storable(urljoin(page_url, address.strip()))
        except ValueError:
            continue
    return page_url


def _rating(node: Node, index: Mapping[str, Node]) -> tuple[float | None, float | None]:
    given = [one for name in ("reviewRating", "rating", "starRating") for one in nodes.every(node.get(name), index)]
    # A rating of one aspect (delivery, price) is not what the customer thinks of the whole.
    whole = [one for one in given if not (isinstance(one, dict) and one.get("reviewAspect"))]
    if "ratingValue" in node:
        whole.append(node)
    rated = (rating_of(one) for one in whole or given)
    return next((found for found in rated if found != NO_RATING), NO_RATING)


def rating_of(given: Any) -> tuple[float | None, float | None]:  # noqa: ANN401 - any JSON
    """Return rating and best rating of a Rating, or of a bare number or text."""
    for _ in range(3):  # Some sites put a Rating inside the value of another.
        if not isinstance(given, dict):
            return scaled(text_of(given))
        value = next((given[name] for name in ("ratingValue", "value", "average") if name in given), None)
        if not isinstance(value, dict) or "@value" in value:
            best = text_of(given.get("bestRating")) or text_of(given.get("best"))
            worst = text_of(given.get("worstRating")) or text_of(given.get("worst"))
            return scaled(text_of(value) or text_of(given), best, worst)
        given = value
    return NO_RATING
