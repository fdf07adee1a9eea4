"""The things that a page describes, as JSON-LD names them, and a bounded walk over them. Pure.

JSON-LD, microdata and RDFa all give the same `Node`: `@type`, `@id`, and properties by their schema.org names,
each with a text (which may hold HTML), a node, or a list of them. So one mapping serves all three.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Node: TypeAlias = dict[str, Any]

MAX_NODES = 60_000
_ASIDE = frozenset({
    "isRelatedTo", "isSimilarTo", "isAccessoryOrSparePartFor", "isConsumableFor", "related_products", "hasPart",
    "isPartOf", "relatedLink", "itemListElement",
})  # fmt: skip
_BARE = frozenset({"@id", "@type", "@value", "@context"})


@dataclass(frozen=True, slots=True)
class Place:
    """A node where it stands: the property that leads to it, whose property that is, and the name of what it is about.

    `is_aside` tells that it belongs to something the page only mentions (a related product, an entry of a list).
    """

    node: Node
    key: str = ""
    bearer: Node | None = None
    about: str = ""
    is_aside: bool = False


def walk(roots: Sequence[Any]) -> Iterator[Place]:
    """Yield each node below `roots` once, in the order of the page.

    The walk has its own stack: a page nested a million deep must not break the interpreter. Nodes may refer to
    each other in circles.
    """
    stack: list[tuple[Any, Place]] = [(list(roots), Place({}))]
    seen: set[int] = set()
    for _ in range(MAX_NODES):
        if not stack:
            return
        value, place = stack.pop()
        if isinstance(value, list):
            stack.extend((element, place) for element in reversed(value) if _leads_on(element))
        elif isinstance(value, dict) and id(value) not in seen:
            seen.add(id(value))
            yield Place(value, place.key, place.bearer, place.about, place.is_aside)
            about = text_of(value.get("name")) or place.about
            stack.extend(
                (child, _below(value, key, about, place)) for key, child in reversed(value.items()) if _leads_on(child)
            )


def _leads_on(child: object) -> bool:
    return isinstance(child, list | dict)


def _below(node: Node, key: str, about: str, place: Place) -> Place:
    if key == "@graph":
        return Place({}, about=about)
    # A `@reverse` says "what is named here is about me": its own key is no property of anybody.
    bearer = place.bearer if key == "@reverse" else node
    return Place({}, key, bearer, about, place.is_aside or key in _ASIDE)


def types(node: Mapping[str, Any]) -> frozenset[str]:
    """Return the schema.org types of a node without prefix: `Review` for `https://schema.org/Review`."""
    given = node.get("@type", node.get("type"))
    names = given if isinstance(given, list) else [given]
    return frozenset(local_name(name) for name in names if isinstance(name, str))


def local_name(name: str) -> str:
    """Return a name without its namespace: `Review` for `https://schema.org/Review` and `schema:Review`."""
    return re.split(r"[/:#]", name.strip().rstrip("/#"))[-1]


def text_of(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Return the text of a value: a string, a number, `@value`, or the first of a list; empty for none."""
    return next(iter(texts_of(value)), "")


def texts_of(value: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """Return the texts of a value, all of them where it is a list."""
    values = value if isinstance(value, list) else [value]
    bare = [one.get("@value") if isinstance(one, dict) else one for one in values]
    return [str(one) for one in bare if isinstance(one, str | int | float) and not isinstance(one, bool)]


def first(value: Any, index: Mapping[str, Node]) -> Any:  # noqa: ANN401 - any JSON
    """Return the first of a list, and what an `{"@id": ...}` points at."""
    return next(iter(every(value, index)), None)


def every(value: Any, index: Mapping[str, Node]) -> list[Any]:  # noqa: ANN401 - any JSON
    """Return the values as a list, with what each `{"@id": ...}` points at in its place."""
    values = value if isinstance(value, list) else [value]
    return [_resolved(one, index) for one in values if one is not None]


def by_id(roots: Sequence[Any]) -> dict[str, Node]:
    """Return the nodes by their `@id`; of several descriptions of one thing the one that says most."""
    index: dict[str, Node] = {}
    for place in walk(roots):
        identifier = place.node.get("@id")
        if isinstance(identifier, str) and not _is_bare(place.node):
            known = index.get(identifier)
            if known is None or len(known) < len(place.node):
                index[identifier] = place.node
    return index


def _resolved(value: Any, index: Mapping[str, Node]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict) and _is_bare(value) and isinstance(value.get("@id"), str):
        return index.get(value["@id"], value)
    return value


def _is_bare(node: Node) -> bool:
    return _BARE.issuperset(node)
