"""JSON-LD blocks of a page, repaired where sites break them; what cannot be repaired is searched for its reviews."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources.review_pages.nodes import Node, local_name

_SCRIPTS = 'script[type*="ld+json" i]'
_COMMENT = re.compile(r"\A\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)")
_COMMENT_END = re.compile(r"(?:-->|(?://\s*)?\]\]>|/\*\s*\]\]>\s*\*/|;)\s*\Z")
_COMMENT_LINE = re.compile(r"^[^\S\n]*(?://.*|<!--.*-->)[^\S\n]*$", re.MULTILINE)
# Strings are matched so that what looks like a comment or a comma inside of them stays.
_STRING_OR_FAULT = re.compile(
    r"(\"[^\"\\]*+(?:\\[\s\S][^\"\\]*+)*+(?:\"|\\?\Z))|/\*[^*]*\*/|//[^\n]*|,(?=\s*[}\]])|\bundefined\b"
)
_BAD_ESCAPE = re.compile(r"\\(?![\"\\/bfnrtu])|\\u(?![0-9a-fA-F]{4})")
_NAMESPACED = re.compile(r"\"(?:https?://schema\.org/|schema:)\w+\"\s*:")
_QUOTED = re.compile(r"\A\s*[\[{]\s*&(?:quot|#34|#x22);")
_TYPED_REVIEW = re.compile(r"\"@type\"\s*:\s*\[?\s*\"[^\"]{0,40}Review\"")
_BETWEEN = re.compile(r"[\s;,]*")
_MAX_BLOCKS = 100
_MAX_OBJECTS = 1_000
_MAX_SALVAGED = 2_000
_LONGEST_REVIEW = 40_000
_STEPS_BACK = 8
_SALVAGE_BUDGET = 20_000_000


def blocks(tree: LexborHTMLParser) -> list[Any]:
    """Return the parsed JSON-LD blocks of a page; of one that stays broken after repair, the reviews that are whole."""
    texts = (node.text(deep=True) or "" for node in tree.css(_SCRIPTS)[:_MAX_BLOCKS])
    parsed = (parse(text) for text in texts)
    return [block for block in parsed if block is not None]


def parse(text: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what one block says, as well as it can be understood; None for nothing."""
    for attempt in _repairs(text):
        block = _loads(attempt)
        if block is not None:
            return block
    return list(_salvaged(text)) or None


def _repairs(text: str) -> Iterator[str]:
    yield text
    bare = _COMMENT_END.sub("", _COMMENT.sub("", text.strip().removeprefix("\ufeff")))
    yield bare
    if _QUOTED.match(bare):
        bare = unescape(bare)
        yield bare
    bare = _COMMENT_LINE.sub("", bare)
    yield _STRING_OR_FAULT.sub(_without_fault, bare)
    yield _STRING_OR_FAULT.sub(_without_fault, _BAD_ESCAPE.sub(r"\\\\", bare))


def _without_fault(found: re.Match[str]) -> str:
    return found[1] or ("null" if found[0] == "undefined" else "")


def _loads(text: str) -> Any:  # noqa: ANN401 - any JSON
    decoder = json.JSONDecoder(strict=False, object_pairs_hook=_renamed if _NAMESPACED.search(text) else None)
    try:
        block = _objects(decoder, text)
        # Some templates encode twice.
        return decoder.decode(block) if isinstance(block, str) else block
    except (ValueError, RecursionError):
        return None


def _objects(decoder: json.JSONDecoder, text: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the value of a text, or the list of its values: some sites write one object after the other."""
    values: list[Any] = []
    position = len(text) - len(text.lstrip())
    while position < len(text) and len(values) < _MAX_OBJECTS:
        value, position = decoder.raw_decode(text, position)
        values.append(value)
        rest = _BETWEEN.match(text, position)
        position = rest.end() if rest else position
    return values[0] if len(values) == 1 else values or None


def _renamed(pairs: list[tuple[str, Any]]) -> Node:
    return {key if key.startswith("@") else local_name(key): value for key, value in pairs}


def _salvaged(text: str) -> Iterator[Node]:
    """Yield the reviews of a block that is broken elsewhere: a quotation mark in a product's description is enough."""
    decoder = json.JSONDecoder(strict=False)
    budget = _SALVAGE_BUDGET
    end = 0
    for count, found in enumerate(_TYPED_REVIEW.finditer(text)):
        if count >= _MAX_SALVAGED or budget <= 0:
            return
        start = found.start()
        for _ in range(_STEPS_BACK):
            start = text.rfind("{", max(end, found.start() - _LONGEST_REVIEW), start)
            if start < 0:
                break
            node, cost = _decoded(decoder, text[start : start + _LONGEST_REVIEW])
            budget -= cost
            if node is not None and start + cost >= found.end():
                end = start + cost
                yield node
                break


def _decoded(decoder: json.JSONDecoder, text: str) -> tuple[Node | None, int]:
    try:
        value, length = decoder.raw_decode(text)
    except json.JSONDecodeError as error:
        return None, error.pos + 1
    except (ValueError, RecursionError):
        return None, len(text)
    return (value if isinstance(value, dict) else None), length
