"""RSS, Atom and RDF: bytes to items, quickly where that is certain (`fast_feeds`), else by feedparser.

JSON has a module of its own. feedparser is lenient, which is what real feeds need, but says "no entries" to an
HTML page; what is no feed is refused here in words. Entities are refused before it sees them (R44): it keeps out
nested ones, but one long entity used a million times still fills the memory.
"""

import re
from collections.abc import Mapping
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.feeds import json_feed
from feedback_service.sources.feeds.entries import to_reading
from feedback_service.sources.feeds.fast_feeds import parse_quickly
from feedback_service.sources.feeds.lenient_feeds import parse_leniently
from feedback_service.sources.feeds.platforms import as_written
from feedback_service.sources.items import Reading
from feedback_service.sources.texts import nesting

_FEED_LINK = 'link[rel~="alternate"][type*="rss"], link[rel~="alternate"][type*="atom"]'
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_HARMLESS = re.compile(
    rb"<!ENTITY\s+[\w:.-]{1,50}\s+(?:\"(?:[^\"&%]|&#\w{1,7};){0,20}\"|'(?:[^'&%]|&#\w{1,7};){0,20}')\s*>", re.IGNORECASE
)
_ROOT = re.compile(rb"<\w")
_LONGEST_HEAD = 16_000
# feedparser takes 30 microseconds for a tag, and for attributes time that grows with the square of their number.
_MOST_TAGS = 250_000
_LONG_TAG = re.compile(rb"<[^<>]{4000,}")
_MOST_ATTRIBUTES = 2000
_ATTRIBUTE_END = re.compile(rb"[\s=/]")
_MOST_CONSTRUCTS = 50
_PROLOG = re.compile(rb"<(?:\?.*?\?>|!--.*?-->)", re.DOTALL)
_SUBSET = re.compile(rb"<!DOCTYPE(?:[^>\[\"']|\"[^\"]*\"|'[^']*')*\[", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_HIDING = re.compile(r"utf-?7|ebcdic", re.IGNORECASE)
_SNIFFED = 4096


def read_feed(body: bytes, url: str, headers: Mapping[str, str]) -> Reading:
    """Return the items of a feed, newest as the feed has them; raise `ReadError` for what is no feed.

    Args:
        body: decompressed bytes as they came.
        url: where they came from; relative links are resolved against it.
        headers: of the answer, lower-case names; feedparser weighs the charset there.
    """
    if json_feed.is_json(body):
        return to_reading(as_written(json_feed.parse_json_feed(body, url), url), url, headers)
    _refuse_entities(body, headers, url)
    _refuse_endless(body, url)
    parsed = parse_quickly(body, headers) or parse_leniently(body, url, headers)
    if parsed is None:
        raise _not_a_feed(body, url)
    return to_reading(as_written(parsed, url), url, headers)


def feed_link(body: bytes, url: str) -> str:
    """Return the absolute address of the feed that an HTML page names; empty if it names none."""
    if not nesting.is_reasonable(body.decode("latin-1")):
        return ""
    node = LexborHTMLParser(body).css_first(_FEED_LINK)
    href = node.attributes.get("href") if node else None
    try:
        return urljoin(url, href.strip()) if href else ""
    except ValueError:  # What a page links to need not be an address.
        return ""


def _refuse_entities(body: bytes, headers: Mapping[str, str], url: str) -> None:
    head = body[:_SNIFFED].decode("latin-1").partition("?>")[0]
    if _HIDING.search(headers.get("content-type", "")) or (head.startswith("<?xml") and _HIDING.search(head)):
        raise ReadError(ReadFailure.ENTITIES, "The feed is in an encoding that can hide what it holds.", url=url)
    plain = body.replace(b"\0", b"") if b"\0" in body[:_SNIFFED] else body
    if _has_subset(plain) and len(_ENTITY.findall(plain)) != len(_HARMLESS.findall(plain)):
        sentence = "The feed defines XML entities that could fetch files or grow without end; it is not read."
        raise ReadError(ReadFailure.ENTITIES, sentence, url=url)
    root = _ROOT.search(plain)
    if root is None or root.start() > _LONGEST_HEAD:
        # Nothing, or far too much, before the first element: feedparser's time there grows with the square.
        raise _not_a_feed(body, url)


def _refuse_endless(body: bytes, url: str) -> None:
    if body.count(b"<") > _MOST_TAGS:
        sentence = f"The feed has more than {_MOST_TAGS:,} tags; reading it would take too long. Use a shorter feed."
        raise ReadError(ReadFailure.NOT_A_FEED, sentence, url=url)
    if any(len(_ATTRIBUTE_END.findall(tag[0])) > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(body)):
        sentence = "A tag of the feed has thousands of attributes; it is not read."
        raise ReadError(ReadFailure.NOT_A_FEED, sentence, url=url)


def _has_subset(body: bytes) -> bool:
    """Tell whether a DOCTYPE with declarations stands before the first element; text further on is only text."""
    position = body.find(b"<")
    for _ in range(_MOST_CONSTRUCTS):
        if position < 0:
            return False
        skipped = _PROLOG.match(body, position)
        if not skipped and body[position : position + 2] != b"<!":
            return False
        if _SUBSET.match(body, position):
            return True
        position = body.find(b"<", skipped.end() if skipped else position + 2)
    return True


def _not_a_feed(body: bytes, url: str) -> ReadError:
    if not body.strip():
        return ReadError(ReadFailure.NOT_A_FEED, "The answer is empty: this is not a feed.", url=url)
    if not _HTML.search(body[:_SNIFFED]):
        return ReadError(ReadFailure.NOT_A_FEED, "This is not a feed (neither RSS nor Atom).", url=url)
    named = feed_link(body, url)
    hint = f"; the page names this feed: {named}" if named else ""
    return ReadError(ReadFailure.NOT_A_FEED, f"This is an HTML page, not a feed{hint}.", url=url, feed_url=named)
