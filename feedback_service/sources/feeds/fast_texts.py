"""What feedparser does to a text once it has read it: wrong code points mended, links tidied, HTML recognised. Pure."""

import re

from feedparser.html import _cp1252
from feedparser.mixin import _FeedParserMixin
from feedparser.urls import _urljoin

from feedback_service.sources.feeds.entries import Markup
from feedback_service.sources.feeds.fast_names import Doubt

HTML = "text/html"
PLAIN = "text/plain"
_TYPES = {"text": PLAIN, "plain": PLAIN, PLAIN: PLAIN, "html": HTML, HTML: HTML}
# Looked for in the document's bytes: a pattern that begins with fixed ones is found quickly.
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_C1_IN_TEXT = re.compile("[\x80-\x9f]")
_LEAD = re.compile(rb"\xc3[\x82-\xb4]")
_LATIN_BY_NUMBER = re.compile(rb"&#(?:x0*[89a-fA-F][0-9a-fA-F];|0*(?:1[2-9]|2[0-5])[0-9];)")
_REFERENCE = re.compile("&([A-Za-z0-9_]+);")


class Texts:
    """Reads the texts of one document, which is looked at once for what could need mending."""

    def __init__(self, document: bytes) -> None:
        by_number = bool(_LATIN_BY_NUMBER.search(document))
        # What was encoded twice is one of U+00C2 to U+00F4 and one of U+0080 to U+00BF after it.
        self._may_be_twice = by_number or (b"\xc2" in document and bool(_LEAD.search(document)))
        self._may_hold_c1 = by_number or bool(_C1.search(document))
        self._is_clean = not (self._may_be_twice or self._may_hold_c1)

    def mended(self, text: str) -> str:
        """Return `text` decoded once more where it was encoded twice, and windows-1252's letters for C1 controls."""
        if self._is_clean or text.isascii():
            return text
        if self._may_be_twice:
            text = _decoded_once_more(text)
        return text.translate(_cp1252) if self._may_hold_c1 and _C1_IN_TEXT.search(text) else text

    def markup(self, text: str, attributes: dict[str, str], usual: str, version: str) -> Markup:
        """Return a text construct; raise `Doubt` for a type that is neither text nor HTML."""
        declared = attributes.get("type")
        kind = usual if declared is None else _TYPES.get(declared.lower(), "")
        if not kind or attributes.get("mode") == "base64":
            raise Doubt
        if kind == PLAIN and ("&" in text or "</" in text) and not version.startswith("atom"):
            kind = HTML if _FeedParserMixin.looks_like_html(text) else PLAIN
        return Markup(self.mended(text), kind)


def _decoded_once_more(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def is_page(declared: str) -> bool:
    """Tell whether a link of this media type leads to a page to read."""
    return declared.lower() in {"html", HTML, "xhtml", "application/xhtml+xml"}


def tidy_link(text: str, *, in_entry: bool) -> str:
    """Return the text of a link with the ampersands that feedparser repairs, in an entry more of them."""
    if "&" not in text:
        return text
    return _REFERENCE.sub(r"&\g<1>", text.replace("&amp;", "&") if in_entry else text)


def resolved(address: str, base: str = "") -> str:
    """Return `address` as it stands in a document with this base."""
    # Without a base all it does is to take out slashes that are too many.
    return _urljoin(base, address) if base or ":///" in address else address
