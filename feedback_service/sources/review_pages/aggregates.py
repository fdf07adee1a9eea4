"""The average rating of a page: which one is the page's own, and when its fall is a signal. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin

from feedback_service.sources.items import Aggregate
from feedback_service.sources.review_pages import nodes
from feedback_service.sources.review_pages.nodes import Node, Place, text_of
from feedback_service.sources.review_pages.reviews import rating_of
from feedback_service.sources.texts.ratings import number

RATED = frozenset({"AggregateRating", "EmployerAggregateRating", "Review-aggregate"})
_COUNTS = ("reviewCount", "ratingCount", "votes", "count")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,\s'’]\d{3})+(?![\d])")
_LONGEST = 60
_MOST = 1_000_000_000
_STARS = 5
LEAST_FALL = 0.1
"""The least fall that is told, in stars out of five: one step of what sites show."""
_TOLD_BY_THEMSELVES = 2
_FEWEST_SHARE = 0.05
_ROUNDING = 0.05


@dataclass(frozen=True, slots=True)
class _Candidate:
    aggregate: Aggregate
    is_own: bool
    is_aside: bool


def aggregate_of(url: str, roots: Sequence[Any], index: Mapping[str, Node]) -> Aggregate | None:
    """Return the average rating of what the page at `url` is about; None for none.

    Of several the one whose bearer has the page's address, then the one with most ratings that is not merely of a
    related product or an entry of a list.
    """
    candidates = list(_candidates(url, roots, index))
    if not candidates:
        return None
    return max(candidates, key=lambda one: (one.is_own, not one.is_aside, one.aggregate.count)).aggregate


def _candidates(url: str, roots: Sequence[Any], index: Mapping[str, Node]) -> Iterator[_Candidate]:
    for place in nodes.walk(roots):
        if nodes.types(place.node) & RATED or place.key == "aggregateRating":
            value, best = rating_of(_rating(place.node, index))
            if value is not None and best is not None:
                count = max(_count(text_of(place.node.get(name))) for name in _COUNTS)
                yield _Candidate(Aggregate(value, best, count), _is_own(place, url), place.is_aside)


def _rating(node: Node, index: Mapping[str, Node]) -> Node:
    """Return the node that has the value: data-vocabulary.org puts it one deeper."""
    inner = nodes.first(node.get("rating"), index)
    return inner if isinstance(inner, dict) else node


def _count(text: str) -> int:
    """Return the count that a text such as '1 234 avis' or '1,234' names; 0 for none."""
    grouped = _GROUPED.search(text[:_LONGEST])
    found = float(re.sub(r"\D", "", grouped[0])) if grouped else number(text[:_LONGEST]) or 0
    return int(min(max(found, 0), _MOST))


def _is_own(place: Place, url: str) -> bool:
    bearer = place.bearer or {}
    named = (text_of(bearer.get("url")), bearer.get("@id"))
    return any(_address(url, name) == urldefrag(url).url for name in named if isinstance(name, str) and name)


def _address(base: str, name: str) -> str:
    try:
        return urldefrag(urljoin(base, name)).url
    except ValueError:
        return ""


def fell(before: Aggregate, after: Aggregate) -> str | None:
    """Return the sentence for staff when an average rating has fallen; None when it has not, or not enough to say.

    It is told from a tenth of a star out of five, which is one step of what sites show and customers compare, and
    only when one or two new ratings do not explain it: those are read, and alerted, as the reviews they are. A fall
    without new ratings is told too: old ones were removed, or the site counts otherwise.
    """
    old, new = _on_five(before), _on_five(after)
    if round(old - new, 4) < LEAST_FALL:
        return None
    added = after.count - before.count if before.count and after.count else None
    if added is not None and 0 < added <= _TOLD_BY_THEMSELVES:
        return None
    sentence = f"The average rating has fallen from {old:.2f} to {new:.2f} out of 5."
    if added is None:
        return sentence
    if added <= 0:
        return f"{sentence} There are no new ratings: old ones were removed, or the site counts otherwise."
    mean = mean_of_new(before, after)
    return sentence if mean is None else f"{sentence} The {added} new ratings average about {mean:.1f}."


def lasting(before: Aggregate | None, after: Aggregate) -> Aggregate:
    """Return the average that the next one is to be compared with: an old one while it sinks too little to say.

    Else an average that sinks by a hundredth a week would never have fallen.
    """
    if before and 0 < round(_on_five(before) - _on_five(after), 4) < LEAST_FALL:
        return before
    return after


def mean_of_new(before: Aggregate, after: Aggregate) -> float | None:
    """Return the average of the ratings that came in between, out of five; None where rounding hides it.

    A site that shows one decimal may be off by half a tenth, which weighs as often as there are old ratings.
    """
    added = after.count - before.count
    if added <= 0 or added < _FEWEST_SHARE * after.count:
        return None
    error = (_rounding(after) * after.count + _rounding(before) * before.count) / added
    mean = (_on_five(after) * after.count - _on_five(before) * before.count) / added
    return min(float(_STARS), max(0.0, mean)) if error <= 1 else None


def _on_five(aggregate: Aggregate) -> float:
    return aggregate.value * _STARS / aggregate.best


def _rounding(aggregate: Aggregate) -> float:
    """Return by how much an average may be off, out of five, from the decimals that it shows."""
    decimals = len(f"{aggregate.value:.3f}".rstrip("0").partition(".")[2])
    shown: float = 10.0 ** -max(decimals, 1) / 2
    return shown * _STARS / aggregate.best
