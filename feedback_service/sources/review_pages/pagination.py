"""Where a page of reviews goes on: the next page that it names, on the same host. Pure."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

_NEXT = 'link[rel~="next" i][href], a[rel~="next" i][href]'
_MAX_LINKS = 5_000
_LONGEST = 2_000
_PAGE_NAMES = frozenset({
    "page", "p", "pg", "paged", "pagenumber", "page_number", "pageno", "pageindex", "cpage", "reviewpage",
    "reviewspage", "review_page", "comments_page", "seite", "pagina", "page_num",
})  # fmt: skip
_OFFSET_NAMES = frozenset({"start", "offset", "from", "skip"})
_NUMBERED = re.compile(r"[?&;]\w{1,20}=\d|/(?:page|comment-page|seite|pagina)[/-]\d|-or\d", re.IGNORECASE)
_PATH = re.compile(
    r"^(?P<head>.*?)(?:/(?P<word>page|comment-page|seite|pagina)[/-](?P<page>\d{1,5})|(?P<dash>-or)(?P<offset>\d{1,6})"
    r"(?=-))(?P<tail>/?.*)$"
)


def next_address(tree: LexborHTMLParser, url: str) -> str:
    """Return the address of the next page, absolute and without fragment; empty where the page names none.

    `rel=next` is believed first; then the links of a numbered list, where one differs from this address only in the
    number of the page, which is the next one. Never another host, nor the page itself.
    """
    for node in tree.css(_NEXT):
        address = _on_same_host(node, url)
        if address:
            return address
    return _numbered(tree, url)


def _numbered(tree: LexborHTMLParser, url: str) -> str:
    here, current, is_offset = _slot(url)
    nearest: tuple[int, str] | None = None
    for address in _links(tree, url):
        shape, number, offset = _slot(address)
        if number is None or shape != here or (current is not None and offset != is_offset):
            continue
        expected = number > (current or 0) if offset else number == (1 if current is None else current) + 1
        if expected and (nearest is None or number < nearest[0]):
            nearest = (number, address)
    return nearest[1] if nearest else ""


def _links(tree: LexborHTMLParser, url: str) -> Iterator[str]:
    for node in tree.css("a[href]")[:_MAX_LINKS]:
        href = node.attributes.get("href") or ""
        # Cheap first: a page has thousands of links, of which a handful may be the number of a page.
        if _NUMBERED.search(href):
            address = _on_same_host(node, url)
            if address:
                yield address


def _on_same_host(node: Any, url: str) -> str:  # noqa: ANN401 - selectolax has no public node type
    href = (node.attributes.get("href") or "").strip()
    try:
        address = urldefrag(urljoin(url, href)).url
        here, there = urlsplit(url), urlsplit(address)
        same = (here.hostname, _port(here)) == (there.hostname, _port(there)) or (
            here.hostname == there.hostname and (here.scheme, there.scheme) == ("http", "https")
        )
    except ValueError:
        return ""
    is_page = there.scheme in {"http", "https"} and len(address) <= _LONGEST and address != urldefrag(url).url
    return address if same and is_page else ""


def _port(parts: Any) -> int | None:  # noqa: ANN401 - the result of urlsplit
    port: int | None = parts.port
    return port or {"http": 80, "https": 443}.get(parts.scheme)


def _slot(address: str) -> tuple[tuple[str, frozenset[tuple[str, str]]], int | None, bool]:
    """Return an address without the number of its page, that number, and whether it counts items instead of pages."""
    parts = urlsplit(address)
    path, number, is_offset = _path_slot(parts.path)
    rest = set()
    for name, value in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=None)[:50]:
        lowered = name.lower()
        if number is None and lowered in _PAGE_NAMES | _OFFSET_NAMES and value.isascii() and value.isdigit():
            number, is_offset = int(value[:9]), lowered in _OFFSET_NAMES
        else:
            rest.add((name, value))
    return (path.rstrip("/"), frozenset(rest)), number, is_offset


def _path_slot(path: str) -> tuple[str, int | None, bool]:
    found = _PATH.match(path[:_LONGEST])
    if not found:
        return path, None, False
    if found["dash"]:
        return f"{found['head']}{found['tail']}", int(found["offset"]), True
    return f"{found['head']}{found['tail']}", int(found["page"]), False
