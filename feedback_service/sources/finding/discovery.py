"""Where a page says, or its address gives away, that it can be read. Pure: nothing is fetched here.

    address --known_places--> Candidates
    page    --candidates----> Candidates: its links, its headers, its reviews, what its software serves
    site    --usual_places--> Candidates: guesses, for a page that names nothing

A candidate is a hope: `finder` asks each, and keeps those that hold.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedback_service.sources.errors import ReadError
from feedback_service.sources.finding.known_places import feeds_of
from feedback_service.sources.models import SourceKind
from feedback_service.sources.review_pages.reader import read_review_page
from feedback_service.sources.texts import nesting
from feedback_service.sources.texts.charsets import decode_page
from feedback_service.sources.texts.plain import one_line

MOST_CANDIDATES = 20
_TYPES = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|application/json|text/(?:xml|rss)", re.IGNORECASE)
_NOT_FEEDS = re.compile(r"oembed|/wp-json(?:/|$)|activity\+json|opensearch", re.IGNORECASE)
_COMMENTS = re.compile(r"/comments?(?:/|\.|$)|[?&]feed=comments|commentaires", re.IGNORECASE)
# Not the bare word: a French blog is called "Comment choisir sa lampe".
_COMMENTS_TITLE = re.compile(
    r"comments\b|comment feed|commentaires|kommentare|reacties|comentarios|commenti\b", re.IGNORECASE
)
_LINK_PART = re.compile(r"<([^<>]{1,2000})>([^<]*)")
_REL_ALTERNATE = re.compile(r"\brel\s*=\s*\"?[^\";,]*\balternate\b", re.IGNORECASE)
_TITLE_PARAMETER = re.compile(r"\btitle\s*=\s*\"([^\"]{1,200})\"", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"(?:/feeds?/?|/rss/?|\.rss|\.atom|\.rdf|(?:rss|atom|feed|index)2?\.xml|/feed\.json)$", re.IGNORECASE
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_COMMENT_RSS = re.compile(rb"<wfw:commentRss>|wordpress\.org/\?v=", re.IGNORECASE)
_SNIFFED = 4096
_LONGEST_HEADER = 8000
_MOST_ANCHORS = 5
_MOST_LINKS = 2000
_LONGEST_TITLE = 120
# The commonest first: each costs the site a request.
_USUAL = ("/feed", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/rss", "/feed/json", "/feeds/posts/default")
_SOFTWARE = (
    (re.compile(r"wordpress", re.IGNORECASE), ("/feed/", "/comments/feed/", "/?feed=rss2")),
    (re.compile(r"blogger", re.IGNORECASE), ("/feeds/posts/default", "/feeds/comments/default")),
    (re.compile(r"discourse", re.IGNORECASE), ("/latest.rss", "/posts.rss")),
    (re.compile(r"phpbb", re.IGNORECASE), ("/app.php/feed", "/feed.php")),
    (re.compile(r"ghost", re.IGNORECASE), ("/rss/",)),
    (re.compile(r"hugo|jekyll|gatsby|eleventy", re.IGNORECASE), ("/index.xml", "/feed.xml")),
)


class Why(StrEnum):
    """Why an address is taken for a source."""

    GIVEN = "given"
    KNOWN_PLACE = "known_place"
    LINK = "link"
    MARKUP = "markup"
    SOFTWARE = "software"
    ANCHOR = "anchor"
    USUAL_PLACE = "usual_place"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a source: how it would be read, what it is called where it is named, and why.

    `is_comments`: it is named as the comments of a site, where complaints stand that no post repeats.
    """

    url: str
    kind: SourceKind
    title: str
    why: Why
    is_comments: bool = False


def candidates(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[Candidate, ...]:
    """Return what a document at `url` says can be read, the likeliest first; nothing is guessed about the site.

    Args:
        url: where the body came from.
        body: a page or a feed, decompressed.
        headers: of the answer, lower-case names.
    """
    if not is_page(body):
        return _unique(_beside_a_feed(url, body))
    html = decode_page(body, headers.get("content-type", ""))
    found = [*_reviews(url, body, headers), *feeds_in_header(url, headers.get("link", ""))]
    if nesting.is_reasonable(html):
        page = LexborHTMLParser(html.encode("utf-8", "replace"))
        found += [*_links(url, page), *_of_software(url, page), *_anchors(url, page)]
    return _unique(found)


def known_places(url: str) -> tuple[Candidate, ...]:
    """Return the feeds of a page whose address alone gives them away: a video channel, a forum, an app."""
    return _unique(Candidate(feed, SourceKind.FEED, "", Why.KNOWN_PLACE, is_comments(feed)) for feed in feeds_of(url))


def usual_places(url: str) -> tuple[Candidate, ...]:
    """Return where a site usually has its feed: beside the page, then at its root."""
    here = urljoin(url, ".").rstrip("/")
    beside = [f"{here}/feed"] if urlsplit(here).path else []
    found = [*beside, *(urljoin(url, path) for path in _USUAL)]
    return _unique(Candidate(feed, SourceKind.FEED, "", Why.USUAL_PLACE) for feed in found)


def feeds_in_header(url: str, value: str) -> Iterator[Candidate]:
    """Yield the feeds that a `Link:` header names (RFC 8288)."""
    for target, parameters in _LINK_PART.findall(value[:_LONGEST_HEADER]):
        if _REL_ALTERNATE.search(parameters) and _TYPES.search(parameters):
            title = _TITLE_PARAMETER.search(parameters)
            yield from _feed(url, target, title[1] if title else "", Why.LINK)


def is_page(body: bytes) -> bool:
    """Tell whether a body is an HTML page: only its site is searched, and nothing is guessed beside a picture."""
    return bool(_HTML.search(body[:_SNIFFED]))


def is_comments(url: str, title: str = "") -> bool:
    """Tell whether an address or its title names comments."""
    return bool(_COMMENTS.search(url) or _COMMENTS_TITLE.search(title))


def _links(url: str, page: LexborHTMLParser) -> Iterator[Candidate]:
    base = _base(url, page)
    for node in page.css('link[rel~="alternate" i][href]')[:_MOST_LINKS]:
        if _TYPES.fullmatch((node.attributes.get("type") or "").partition(";")[0].strip()):
            yield from _feed(base, _attribute(node, "href"), _attribute(node, "title"), Why.LINK)


def _anchors(url: str, page: LexborHTMLParser) -> Iterator[Candidate]:
    base, host, count = _base(url, page), urlsplit(url).hostname, 0
    for node in page.css("a[href]")[:_MOST_LINKS]:
        for found in _feed(base, _attribute(node, "href"), node.text(), Why.ANCHOR):
            parts = urlsplit(found.url)
            if parts.hostname == host and _FEED_PATH.search(parts.path) and count < _MOST_ANCHORS:
                count += 1
                yield found


def _of_software(url: str, page: LexborHTMLParser) -> Iterator[Candidate]:
    """Yield what the software that made the page serves: it names itself, or its traces do."""
    generators = [_attribute(node, "content") for node in page.css('meta[name="generator" i]')[:_MOST_ANCHORS]]
    traces = ("wordpress" if page.css_first('link[href*="/wp-content/"], link[href*="/wp-includes/"]') else "",
              "phpbb" if page.css_first("body#phpbb") else "")  # fmt: skip
    told = " ".join([*generators, *traces])
    for software, paths in _SOFTWARE:
        for path in paths if software.search(told) else ():
            yield from _feed(url, path, "", Why.SOFTWARE)


def _reviews(url: str, body: bytes, headers: Mapping[str, str]) -> Iterator[Candidate]:
    try:
        reading = read_review_page(body, url, headers)
    except ReadError:
        return
    if reading.items:
        yield Candidate(url, SourceKind.REVIEW_PAGE, reading.title[:_LONGEST_TITLE], Why.MARKUP)


def _beside_a_feed(url: str, body: bytes) -> Iterator[Candidate]:
    """Yield the comments of a blog whose feed this is: WordPress and Blogger have them at a place of their own."""
    parts = urlsplit(url)
    if is_comments(url):
        return
    if _COMMENT_RSS.search(body):
        root = parts.path.partition("/feed")[0] if "/feed" in parts.path else ""
        yield from _feed(url, f"{root}/comments/feed/", "", Why.SOFTWARE)
    if "/feeds/posts/default" in parts.path:
        yield from _feed(url, "/feeds/comments/default", "", Why.SOFTWARE)


def _feed(base: str, href: str, title: str, why: Why) -> Iterator[Candidate]:
    """Yield the candidate of a link, unless it is no address or is known to be something else."""
    try:
        url = urldefrag(urljoin(base, href.strip())).url
        host = urlsplit(url).hostname
    except ValueError:
        return
    if not url.startswith(("http://", "https://")) or not host or _NOT_FEEDS.search(url):
        return
    name = one_line(title)[:_LONGEST_TITLE]
    yield Candidate(url, SourceKind.FEED, name, why, is_comments(url, name))


def _base(url: str, page: LexborHTMLParser) -> str:
    node = page.css_first("base[href]")
    try:
        return urljoin(url, _attribute(node, "href").strip()) if node else url
    except ValueError:
        return url


def _attribute(node: LexborNode, name: str) -> str:
    return str(node.attributes.get(name) or "")


def _unique(found: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return the candidates once each; posts before comments where the same place names both."""
    first: dict[str, Candidate] = {}
    for candidate in found:
        first.setdefault(candidate.url, candidate)
    return tuple(sorted(first.values(), key=lambda each: each.is_comments))[:MOST_CANDIDATES]
