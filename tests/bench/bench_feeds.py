"""How fast feeds are read: `python -m tests.bench.bench_feeds`.

Feeds of 50 items of about 1,000 characters, as RSS, as Atom and as WordPress writes them. Printed, in one run:
microseconds of processor time per item of `feedparser.parse` (and without its cleaning), of the quick way to a
`ParsedFeed`, of what is made of that (`to_reading`), and of all of `read_feed`. Then, where `../shared` is there,
how many of its real feeds are read quickly.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape
from io import BytesIO
from pathlib import Path

import feedparser

from feedback_service.sources.errors import ReadError
from feedback_service.sources.feeds.entries import to_reading
from feedback_service.sources.feeds.fast_feeds import parse_quickly
from feedback_service.sources.feeds.lenient_feeds import parse_leniently
from feedback_service.sources.feeds.reader import read_feed
from tests.support.builders import NOW
from tests.support.feed_server import ITEMS, Stage, feed_body, written

URL = "https://blog.example.com/feed"
_ROUNDS = 7
_REAL = Path(__file__).parents[3] / "shared/data/feeds"
_WORDPRESS = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"'
    ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"'
)


def _moment(number: int) -> datetime:
    return NOW - timedelta(minutes=number)


def _atom() -> bytes:
    entries = "".join(
        f"<entry><id>tag:blog.example.com,2026:{number}</id><title type='html'>Note {number}</title>"
        f"<link rel='alternate' type='text/html' href='https://blog.example.com/{number}'/>"
        f"<author><name>Camille Exemple</name><uri>https://blog.example.com/c</uri></author>"
        f"<published>{_moment(number).isoformat()}</published><updated>{_moment(number).isoformat()}</updated>"
        f"<content type='html'>{escape(written(1, number))}</content></entry>\n"
        for number in range(ITEMS)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title>{entries}</feed>'.encode()


def _wordpress() -> bytes:
    items = "".join(
        f"<item>\n\t<title>Note {number}</title>\n\t<link>https://blog.example.com/{number}/</link>\n"
        f"\t<comments>https://blog.example.com/{number}/#comments</comments>\n"
        f"\t<dc:creator><![CDATA[Camille]]></dc:creator>\n"
        f"\t<pubDate>{_moment(number):%a, %d %b %Y %H:%M:%S} +0000</pubDate>\n"
        f"\t<category><![CDATA[Lampes]]></category>\n\t<category><![CDATA[Avis]]></category>\n"
        f'\t<guid isPermaLink="false">https://blog.example.com/?p={number}</guid>\n'
        f"\t<description><![CDATA[<p>{written(1, number)[3:200]} [&#8230;]</p>]]></description>\n"
        f"\t<content:encoded><![CDATA[{written(1, number)}]]></content:encoded>\n"
        f"\t<wfw:commentRss>https://blog.example.com/{number}/feed/</wfw:commentRss>\n"
        f"\t<slash:comments>3</slash:comments>\n</item>\n"
        for number in range(ITEMS)
    )
    head = "<title>Blog</title><sy:updatePeriod>hourly</sy:updatePeriod>"
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {_WORDPRESS}><channel>{head}{items}</channel></rss>'.encode()  # noqa: E501 - one document


def _best(work: Callable[[], object]) -> float:
    """Return microseconds of processor time per item, the best of several rounds."""
    times = []
    for _ in range(_ROUNDS):
        began = time.thread_time()
        work()
        times.append(time.thread_time() - began)
    return min(times) / ITEMS * 1e6


def _measure(name: str, body: bytes) -> None:
    quick = parse_quickly(body, {})
    assert quick is not None
    assert quick == parse_leniently(body, URL, {})
    whole = _best(lambda: feedparser.parse(BytesIO(body)))
    print(f"{name}: {len(body) // ITEMS} bytes an item")
    for what, work in (
        ("feedparser.parse", lambda: feedparser.parse(BytesIO(body))),
        (
            "  without its cleaning",
            lambda: feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False),
        ),
        ("parse_quickly", lambda: parse_quickly(body, {})),
        ("to_reading", lambda: to_reading(quick, URL)),
        ("read_feed, all in all", lambda: read_feed(body, URL, {})),
    ):
        taken = _best(work)
        print(f"  {what:<24} {taken:8.1f} us an item {whole / taken:7.1f} x feedparser.parse")


def _count_real() -> None:
    quick = slow = refused = 0
    for path in sorted(_REAL.glob("*/*")):
        body = path.read_bytes()
        if parse_quickly(body, {}) is not None:
            quick += 1
            continue
        try:
            read_feed(body, URL, {})
            slow += 1
        except ReadError:
            refused += 1
    print(f"real feeds: {quick} read quickly, {slow} by feedparser, {refused} are none")


def main() -> None:
    """Measure and print."""
    for name, body in (("RSS", feed_body(1, Stage())), ("Atom", _atom()), ("WordPress", _wordpress())):
        _measure(name, body)
    if _REAL.is_dir():
        _count_real()


if __name__ == "__main__":
    main()
