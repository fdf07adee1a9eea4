"""JSON of an API, of which nothing is believed: read without surprises, and made into items. Pure."""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.items import Item, pseudonym, short_guid
from feedback_service.sources.texts.dates import parse_date
from feedback_service.sources.texts.plain import html_to_text, one_line, storable

Node: TypeAlias = Mapping[str, Any]

BEST_STARS = 5.0
_MAX_ITEMS = 5000
_NOTHING: Node = {}


def parsed(body: bytes, service: str, url: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON of a body; raise `ReadError` for anything else."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        if body.lstrip()[:1] == b"<":
            sentence = f"{service} answered with a page for people, not with data."
            raise ReadError(ReadFailure.NOT_THE_API, sentence, url=url) from error
        raise surprise(service, url) from error


def surprise(service: str, url: str) -> ReadError:
    """Return the error of an answer that is not what the documentation promises."""
    sentence = f"{service} did not answer as its documentation says; the API may have changed."
    return ReadError(ReadFailure.NOT_THE_API, sentence, url=url)


def node_at(value: Any, *path: str) -> Node:  # noqa: ANN401 - any JSON
    """Return the object at `path`; an empty one where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else _NOTHING


def nodes_at(value: Any, *path: str) -> Iterator[Node]:  # noqa: ANN401 - any JSON
    """Yield the objects of the list at `path`, as many as a page can hold in earnest."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    for each in value[:_MAX_ITEMS] if isinstance(value, list) else ():
        if isinstance(each, dict):
            yield each


def text_at(node: Node, name: str) -> str:
    """Return the text of a field, a number as text; empty where there is neither."""
    value = node.get(name)
    return storable(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def stars(value: Any) -> float | None:  # noqa: ANN401 - any JSON
    """Return stars out of five, of a number or of a text such as '4'; None for none."""
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number <= BEST_STARS else None


def moment(*values: str) -> datetime | None:
    """Return the first of the values that is a date, as an aware UTC instant."""
    return next(filter(None, map(parse_date, values)), None)


def review(
    *,
    guid: str,
    title: str = "",
    text: str = "",
    author: str = "",
    published_at: datetime | None = None,
    rating: float | None = None,
    url: str = "",
) -> Item | None:
    """Return the item of a review, its author a pseudonym (R18); None for one without an id, or with nothing in it."""
    name, body = one_line(html_to_text(title)), html_to_text(text)
    if not guid or not (name or body or rating is not None):
        return None
    return Item(
        guid=short_guid(one_line(guid)),
        url=url,
        title=name,
        text=body,
        author=pseudonym(author),
        published_at=published_at,
        rating=rating,
        best_rating=BEST_STARS if rating is not None else None,
    )
