"""JSON-LD blocks of a page, repaired where sites break them, and a bounded walk over their nodes."""

import json
import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from selectolax.lexbor import LexborHTMLParser

Node: TypeAlias = dict[str, Any]

_SCRIPTS = 'script[type*="ld+json" i]'
_COMMENT = re.compile(r"\A\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)")
_COMMENT_END = re.compile(r"(?:-->|(?://\s*)?\]\]>|/\*\s*\]\]>\s*\*/|;)\s*\Z")
_COMMENT_LINE = re.compile(r"^[^\S\n]*(?://.*|<!--.*-->)[^\S\n]*$", re.MULTILINE)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_MAX_NODES = 100_000
_MAX_BLOCKS = 100


def blocks(html: str) -> list[Any]:
    """Return the parsed JSON-LD blocks of a page; a block that stays broken after repair is left out."""
    found = LexborHTMLParser(html).css(_SCRIPTS)[:_MAX_BLOCKS]
    parsed = (_loads(node.text(deep=True) or "") for node in found)
    return [block for block in parsed if block is not None]


def nodes(block: Any) -> Iterator[tuple[Node, str, str]]:  # noqa: ANN401 - any JSON
    """Yield each object of a block with the property it stands under and the name of what it is about.

    The walk has its own stack: a page nested a million deep must not break the interpreter.
    """
    stack: list[tuple[Any, str, str]] = [(block, "", "")]
    for _ in range(_MAX_NODES):
        if not stack:
            return
        value, key, about = stack.pop()
        if isinstance(value, list):
            stack.extend((element, key, about) for element in reversed(value))
        elif isinstance(value, dict):
            yield value, key, about
            inner = text_of(value.get("name")) or about
            stack.extend((child, name, inner) for name, child in reversed(value.items()))


def types(node: Node) -> frozenset[str]:
    """Return the schema.org types of a node without prefix: `Review` for `https://schema.org/Review`."""
    given = node.get("@type")
    names = given if isinstance(given, list) else [given]
    return frozenset(re.split(r"[/:#]", name)[-1] for name in names if isinstance(name, str))


def text_of(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Return the text of a JSON-LD value: a string, a number, `@value`, or the first of a list."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def one(value: Any, index: dict[str, Node]) -> Any:  # noqa: ANN401 - any JSON
    """Return the first of a list, and what an `{"@id": ...}` points at."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict) and set(value) == {"@id"} and isinstance(value["@id"], str):
        return index.get(value["@id"], value)
    return value


def _loads(text: str) -> Any:  # noqa: ANN401 - any JSON
    bare = _COMMENT_END.sub("", _COMMENT.sub("", text.strip().removeprefix("\ufeff")))
    for attempt in (text, bare, _TRAILING_COMMA.sub("", _COMMENT_LINE.sub("", bare))):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None
