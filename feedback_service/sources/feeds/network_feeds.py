"""Feeds of social networks: Mastodon, YouTube. Pure."""

import re
from dataclasses import replace

from feedback_service.sources.feeds.entries import Entry
from feedback_service.sources.feeds.patterns import Origin, Pattern, as_seen, with_texts, without_beginning

_MASTODON_PATH = re.compile(r"/(?:@[^/]+|users/[^/]+|tags/[^/]+)\.rss")
_QUOTE = re.compile(r"\s*<p class=[\"']quote-inline[\"']>[^\n]{0,1000}?</p>")
_HANDLE = re.compile(r"https?://[^/]+/(?:@|users/)([\w.-]{1,60})(?:@[^/]*)?/(?:statuses/)?\d+")
_NO_TITLE = re.compile(r"New status by .{1,100}", re.DOTALL)
_YOUTUBE = re.compile(r"(?:m\.)?youtube\.com")
_VIDEOS = re.compile(r"(?:/xml)?/feeds/videos\.xml")


def _is_mastodon(origin: Origin) -> bool:
    return origin.generator.startswith("Mastodon") or origin.stands_at(path=_MASTODON_PATH)


def _mastodon(entry: Entry, _: Origin) -> Entry:
    """Keep the post apart from the descriptions of its pictures, and find its author in its address.

    The parts of a link that are hidden from view stay: together they are the address that was written.
    """
    post = entry.texts[-1:] if entry.texts and entry.texts[-1].plain() else entry.texts
    author = entry.author or _handle(entry.link)
    title = as_seen("") if _NO_TITLE.fullmatch(entry.title.value.strip()) else entry.title
    entry = replace(entry, texts=post, author=author, title=title)
    return with_texts(entry, lambda html: without_beginning(html, _QUOTE))


def _handle(link: str) -> str:
    found = _HANDLE.fullmatch(link.strip())
    return found[1] if found else ""


def _youtube(entry: Entry, _: Origin) -> Entry:
    """Read the description of a video as the plain text that it is: `?a=1&copy=2` is no copyright sign."""
    return replace(entry, title=as_seen(entry.title.value), texts=tuple(as_seen(text.value) for text in entry.texts))


MASTODON = Pattern("Mastodon", _is_mastodon, _mastodon)
YOUTUBE = Pattern("YouTube", lambda origin: origin.stands_at(_YOUTUBE, _VIDEOS), _youtube)
