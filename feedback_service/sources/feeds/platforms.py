"""Feeds of known platforms, as the people on them wrote: boilerplate goes, everything else stays as it is.

Each platform is recognised by the addresses, the program and the elements of its feed, never by its name alone.
To add one: a `Pattern` in the module of its kind, its row below, a feed in `tests/sources/feeds/test_platforms.py`, and
its section in docs/sources-feeds.md. Pure.
"""

from collections.abc import Sequence
from dataclasses import replace

from feedback_service.sources.feeds import blog_feeds, network_feeds, search_feeds, store_feeds, thread_feeds
from feedback_service.sources.feeds.entries import Entry, ParsedFeed
from feedback_service.sources.feeds.patterns import Origin, Pattern, origin_of

PATTERNS = (
    search_feeds.ALERTS,
    search_feeds.NEWS,
    store_feeds.APP_STORE,
    network_feeds.YOUTUBE,
    network_feeds.MASTODON,
    thread_feeds.REDDIT,
    thread_feeds.DISCOURSE,
    thread_feeds.PHPBB,
    blog_feeds.WORDPRESS_COMMENTS,
    blog_feeds.WORDPRESS_POSTS,
    blog_feeds.BLOGGER,
)
"""Every pattern, in the order in which those that recognise a feed rewrite each of its entries."""


def as_written(feed: ParsedFeed, url: str) -> ParsedFeed:
    """Return a feed that came from `url` without what its platform adds; the same feed where that is nothing."""
    origin = origin_of(feed, url)
    patterns = tuple(pattern for pattern in PATTERNS if pattern.recognises(origin))
    rewritten = (_rewritten(entry, patterns, origin) for entry in feed.entries)
    entries = tuple(entry for entry in rewritten if entry is not None)
    return feed if entries == feed.entries else replace(feed, entries=entries)


def _rewritten(entry: Entry | None, patterns: Sequence[Pattern], origin: Origin) -> Entry | None:
    for pattern in patterns:
        if entry is None:
            return None
        entry = pattern.rewrite(entry, origin)
    return entry
