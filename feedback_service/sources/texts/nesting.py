"""Whether HTML can be parsed in reasonable time. Pure.

The parser is C and cannot be interrupted: elements nested 50,000 deep take it minutes, and formatting
that is never closed is made anew in every block, until the memory is full. So the tags are counted first.
"""

import re

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_HARMLESS_TAGS = 1_000
_MOST_STEPS = 50_000_000
_MOST_COPIES = 3_000_000
_LOOKED_BACK = 20
# They close themselves, or the one before.
_FLAT = frozenset({
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
    "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
})  # fmt: skip
_FORMATTING = frozenset({
    "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
})  # fmt: skip
# An end tag does not reach an element outside of these.
_BORDERS = frozenset({"applet", "marquee", "object", "svg", "math", "table", "template"})


def is_reasonable(html: str) -> bool:
    """Tell whether parsing `html` takes a time that grows with its length only."""
    tags = html.count("<")
    if tags <= _HARMLESS_TAGS:
        return True
    deepest, most_formatting = _depths(html)
    return deepest * tags <= _MOST_STEPS and most_formatting * tags <= _MOST_COPIES


def _depths(html: str) -> tuple[int, int]:
    """Return how deep elements, and formatting ones alone, can be nested: rather too deep than not deep enough."""
    opened: list[str] = []
    deepest = formatting = most_formatting = 0
    for found in _TAG.finditer(html):
        closes, name = found.groups()
        name = name if name.islower() else name.lower()
        if name in _FLAT:
            continue
        if not closes:
            opened.append(name)
            deepest += len(opened) > deepest
            if name in _FORMATTING:
                formatting += 1
                most_formatting = max(most_formatting, formatting)
        elif opened and opened[-1] == name:
            # Most tags close the one that was opened last.
            opened.pop()
            formatting -= name in _FORMATTING
        elif (position := _opened_at(opened, name)) is not None:
            # What stood open inside a block is closed with it; formatting lives on.
            formatting -= name in _FORMATTING
            del opened[position:]
    return deepest, most_formatting


def _opened_at(opened: list[str], name: str) -> int | None:
    for position in range(len(opened) - 1, max(-1, len(opened) - 1 - _LOOKED_BACK), -1):
        if opened[position] == name:
            return position
        if opened[position] in _BORDERS:
            return None
    return None
