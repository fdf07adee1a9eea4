"""What feedparser does to a text once it has read it: wrong code points mended, links tidied, HTML recognised. Pure."""

import re

from feedparser.html import _cp1252
from feedparser.mixin import _FeedParserMixin
from feedparser.urls import _urljoin

from feedback_service.sources.entries import Markup
from feedback_service.sources.fast_names import Doubt

HTML = "text/html"
PLAIN = "text/plain"
_TYPES = {"text": PLAIN, "plain": PLAIN, PLAIN: PLAIN, "html": HTML, HTML: HTML}
_C1 = re.compile("[\x80-\x9f]")
_C1_BYTES = re.compile(rb"\xc2[\x80-\x9f]|&#(?:x0*[89]|0*1[2-5])", re.IGNORECASE)
_REFERENCE = re.compile("&([A-Za-z0-9_]+);")


class Texts:
    """Reads the texts of one document, which is looked at once for what could need mending."""

    def __init__(self, document: bytes) -> None:
        # No character from U+0080 to U+00BF, as itself or by number: nothing was encoded twice, nor is there a C1.
        self._may_be_twice = b"\xc2" in document or b"&#" in document
        self._may_hold_c1 = self._may_be_twice and bool(_C1_BYTES.search(document))

    def mended(self, text: str) -> str:
        """Return `text` decoded once more where it was encoded twice, and windows-1252's letters for C1 controls."""
        if not self._may_be_twice or text.isascii():
            return text
        text = _decoded_once_more(text)
        return text.translate(_cp1252) if self._may_hold_c1 and _C1.search(text) else text

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
    return _urljoin(base, address) if base or "://" in address else address
