"""HTML to plain text: what is stored and judged never holds markup."""

import re
import threading
from html import unescape
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources.texts import nesting

MAX_TEXT = 50_000
_MAX_NODES = 200_000
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
    "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_EMPTY = "<!DOCTYPE html><body>"
_UNSEEN = "script, style, template, noscript, iframe, object, svg, head title"
# Control characters and halves of surrogate pairs: PostgreSQL and UTF-8 refuse them.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# What is not seen, and what has a meaning only in a whole document.
_NEEDS_DOCUMENT = re.compile(
    "</?(?:script|style|template|noscript|iframe|object|svg|math|html|head|body|frameset|plaintext|title)",
    re.IGNORECASE,
)
_MOST_ON_A_SHEET = 200_000
_TAG = re.compile(r"<[^<>]*>")


def storable(text: str) -> str:
    """Return `text` without the characters that no database takes."""
    # None of them is printable, and asking for that is ten times as fast as looking for them.
    if text.isprintable() or text.replace("\n", " ").replace("\xa0", " ").isprintable():
        return text
    return _UNSTORABLE.sub("", text)


def one_line(text: str) -> str:
    """Return plain text on one line, trimmed and storable."""
    return " ".join(storable(text).split())


def tidy(text: str) -> str:
    """Return plain text with white space collapsed, one line per block, storable, at most `MAX_TEXT` long."""
    lines = [" ".join(line.split()) for line in storable(text).split("\n")]
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
    if not _NEEDS_DOCUMENT.search(html):
        return tidy("".join(_pieces(_SHEET.body_of(html))))
    body = LexborHTMLParser(f"{_EMPTY}{html}").body
    if body is None:
        return ""
    for node in body.css(_UNSEEN):
        node.decompose()
    return tidy("".join(_pieces(body)))


class _Sheet(threading.local):
    """A document whose body is written anew: making one costs ten times as much as parsing what most entries hold.

    Each thread has its own. It is thrown away before what was written before takes much memory.
    """

    def __init__(self) -> None:
        self._written = _MOST_ON_A_SHEET
        self._body: Any = None

    def body_of(self, html: str) -> Any:  # noqa: ANN401 - selectolax has no public node type
        """Return the element that holds `html`, until the next call."""
        if self._body is None or self._written + len(html) > _MOST_ON_A_SHEET:
            self._body = LexborHTMLParser(_EMPTY).body
            self._written = 0
        self._written += len(html)
        self._body.inner_html = html
        return self._body


_SHEET = _Sheet()


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
