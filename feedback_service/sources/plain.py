"""HTML to plain text: what is stored and judged never holds markup."""

import re
from html import unescape
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources import nesting

MAX_TEXT = 50_000
_MAX_NODES = 200_000
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
    "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_UNSEEN = "script, style, template, noscript, iframe, object, svg, head title"
# Control characters and halves of surrogate pairs: PostgreSQL and UTF-8 refuse them.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_MAY_BE_UNSEEN = re.compile("<(?:script|style|template|noscript|iframe|object|svg)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def storable(text: str) -> str:
    """Return `text` without the characters that no database takes."""
    # None of them is printable, and asking for that is ten times as fast as looking for them.
    if text.replace("\n", " ").replace("\xa0", " ").isprintable():
        return text
    return _UNSTORABLE.sub("", text)


def one_line(text: str) -> str:
    """Return plain text on one line, trimmed and storable."""
    return " ".join(storable(text).split())


def tidy(text: str) -> str:
    """Return plain text with white space collapsed, one line per block, storable, at most `MAX_TEXT` long."""
    lines = [" ".join(storable(line).split()) for line in text.split("\n")]
    return "\n".join(filter(None, lines))[:MAX_TEXT]


def html_to_text(html: str) -> str:
    """Return the text a reader of `html` sees: blocks on their own lines, scripts and styles gone.

    Of HTML that is nested beyond reason the tags are dropped without being understood.
    """
    html = storable(html)  # The parser fails on half of a surrogate pair.
    if "<" not in html and "&" not in html:
        return tidy(html)
    if not nesting.is_reasonable(html):
        return tidy(unescape(_TAG.sub("\n", html)))
    body = LexborHTMLParser(f"<!DOCTYPE html><body>{html}").body
    if body is None:
        return ""
    if _MAY_BE_UNSEEN.search(html):
        for node in body.css(_UNSEEN):
            node.decompose()
    return tidy("".join(_pieces(body)))


def _pieces(body: Any) -> list[str]:  # noqa: ANN401 - selectolax has no public node type
    pieces: list[str] = []
    for count, node in enumerate(body.traverse(include_text=True)):
        if count > _MAX_NODES:
            break
        if node.tag == "-text":
            pieces.append(node.text_content or "")
        elif node.tag in _BLOCKS:
            pieces.append("\n")
    return pieces
