"""Feeds of app stores: the reviews of customers, as Atom and as JSON. Pure."""

import re
from dataclasses import replace

from feedback_service.sources.feeds.entries import Entry
from feedback_service.sources.feeds.patterns import Origin, Pattern

_REVIEWS = re.compile(r"(?:/[a-z]{2})?/rss/customerreviews(?:/.*)?")


def _review(entry: Entry, _: Origin) -> Entry | None:
    """Leave out the app itself, which comes first and has no stars; read the text, not the table made of it.

    A review has no address of its own; parsers take its number for one.
    """
    if not entry.rating.strip():
        return None
    written = tuple(text for text in entry.texts if text.type == "text/plain" and text.value.strip())
    link = "" if entry.link == entry.guid else entry.link
    return replace(entry, texts=written or entry.texts, link=link)


APP_STORE = Pattern("App Store", lambda origin: origin.stands_at(path=_REVIEWS), _review)
