"""Feeds of search services, which report what stands on other sites: Google Alerts, Google News. Pure (R57)."""

import re
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from feedback_service.sources.feeds.entries import Entry, Markup
from feedback_service.sources.feeds.patterns import Origin, Pattern, as_seen, with_texts

_GOOGLE = re.compile(r"google\.[a-z]{2,3}(?:\.[a-z]{2})?")
_ALERTS = re.compile(r"/alerts/feeds/.*")
_NEWS_HOST = re.compile(r"news\.google\.[a-z]{2,3}(?:\.[a-z]{2})?")
_NEWS_PATH = re.compile(r"(?:/news)?/rss(?:/.*)?|/(?:search|topics|home|topstories)?(?:/.*)?")
_BLANK = r"(?:&nbsp;|&#160;|\s)"
_CUT_OFF = re.compile(rf"{_BLANK}*(?:\.\.\.|…|&hellip;|&#8230;){_BLANK}*\Z")
_LONGEST_CUT = 60
_PUBLISHER = re.compile(r"<font[^<>]*>([^<>]{1,100})</font>")


def _alert(entry: Entry, _: Origin) -> Entry:
    """Take away the sign that Google cut the text off; the marked-up terms go with the other markup."""
    entry = with_texts(entry, _without_cut)
    title = _without_cut(entry.title.value)
    return entry if title == entry.title.value else replace(entry, title=Markup(title, entry.title.type))


def _without_cut(html: str) -> str:
    head, tail = html[:-_LONGEST_CUT], html[-_LONGEST_CUT:]
    return head + _CUT_OFF.sub("", tail)


def _news(entry: Entry, _: Origin) -> Entry:
    """Take the publisher off the title, and no text: it repeats the title, or lists what others wrote.

    The address cannot be unwrapped without asking Google; its query only says where it was clicked, and varies.
    """
    site = entry.source_title.strip() or _publisher(entry)
    title = entry.title.plain()
    own = title.removesuffix(f" - {site}") if site else title
    return replace(entry, title=as_seen(own), texts=(), link=_without_query(entry.link))


def _publisher(entry: Entry) -> str:
    found = [name for text in entry.texts if (name := _PUBLISHER.search(text.value))]
    return Markup(found[0][1]).plain() if found else ""


def _without_query(link: str) -> str:
    try:
        parts = urlsplit(link)
    except ValueError:
        return link
    is_wrapped = _NEWS_HOST.fullmatch(parts.netloc) and "/articles/" in parts.path
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")) if is_wrapped else link


ALERTS = Pattern("Google Alerts", lambda origin: origin.stands_at(_GOOGLE, _ALERTS), _alert)
NEWS = Pattern("Google News", lambda origin: origin.stands_at(_NEWS_HOST, _NEWS_PATH), _news)
