"""Microdata of a page (WHATWG HTML, chapter 5) to nodes, leniently: what sites leave out is read as they mean it."""

from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources.review_pages.embedded import NOTHING, Attributes, Mark, Walk, stated
from feedback_service.sources.review_pages.nodes import Node, local_name

_MAX_REFERENCES = 20


def things(tree: LexborHTMLParser) -> list[Node]:
    """Return the top-level items of a page, in order.

    An item that is a property of nothing is one too: shop templates lose the product around their reviews.
    """
    scopes = tree.css("[itemscope]")
    if not scopes:
        return []
    # Only a page that refers needs its ids.
    targets = _targets(tree) if tree.css_first("[itemref]") else {}
    walk = Walk(tree.css("[itemprop], [itemscope]"), _read, lambda attributes: _referred(attributes, targets))
    for element in scopes:
        if walk.is_full:
            break
        if not walk.knows(element):
            walk.run(element, None)
    return walk.roots


def _read(tag: str, attributes: Attributes, _: None) -> Mark[None]:
    given = attributes.get("itemprop")
    names = tuple(local_name(name) for name in given.split()) if given else ()
    if "itemscope" in attributes:
        return Mark(None, names, _node(attributes))
    if not names:
        return NOTHING
    value, link = stated(tag, attributes)
    return Mark(None, names, value=value, link=link)


def _node(attributes: Attributes) -> Node:
    node: Node = {"@type": (attributes.get("itemtype") or "").split()}
    identifier = (attributes.get("itemid") or "").strip()
    if identifier:
        node["@id"] = identifier
    return node


def _targets(tree: LexborHTMLParser) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for element in tree.css("[id]"):
        found.setdefault(element.attributes.get("id") or "", element)
    return found


def _referred(attributes: Attributes, targets: dict[str, Any]) -> Iterator[Any]:
    for name in reversed((attributes.get("itemref") or "").split()[:_MAX_REFERENCES]):
        if name in targets:
            yield targets[name]
