"""Whether a page of which nothing else is known may be read as an article: what it says of itself. Pure.

A product, a recipe or an event that nobody has reviewed yet has words around it, and so has the page that says
"not found". Read as an article, each would be one more comment that nobody wrote.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources.review_pages import json_ld, microdata, nodes, rdfa
from feedback_service.sources.texts import nesting
from feedback_service.sources.texts.charsets import decode_page
from feedback_service.sources.texts.plain import one_line

_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|title)[\s>]", re.IGNORECASE)
_SNIFFED = 4096
_ERROR_TITLE = re.compile(
    r"(?:http\s+)?(?:error|erreur)?\s*[45]\d\d\s*(?:\Z|[-–—:|]|(?:bad|unauthori[sz]ed|forbidden|not|page|gone|too|"
    r"internal|service|gateway|error|erreur)\b)|(?:page|file)\s+(?:not\s+found|introuvable|non\s+trouvée)",
    re.IGNORECASE,
)
# The thing that the page is, not one that it mentions.
_AT_THE_ROOT = frozenset({"", "@graph", "mainEntity"})
_ARTICLES = ("Article", "Posting", "Report", "Question", "Conversation")
_NEUTRAL = frozenset({
    "Answer", "Blog", "BreadcrumbList", "Comment", "ContactPoint", "CreativeWork", "Corporation", "ImageObject",
    "ListItem", "NewsMediaOrganization", "Organization", "Person", "PostalAddress", "ReadAction", "SearchAction",
    "SiteNavigationElement", "UserComments", "VideoObject", "WPAdBlock", "WPFooter", "WPHeader", "WPSideBar",
    "WebPageElement", "WebSite", "hentry", "Breadcrumb", "Document", "Item", "UserAccount", "Image", "Post",
})  # fmt: skip
_OFFERED = ("Product", "ProductGroup", "Recipe", "Event", "Offer", "JobPosting", "Course", "Recording", "Movie", "Book")


def may_be_article(body: bytes, headers: Mapping[str, str]) -> bool:
    """Tell whether a body is a page, is no page of an error, and describes nothing at its root but articles.

    What stands around articles (their site, author, breadcrumbs) says nothing. Who says that it is an article is one,
    whatever else it describes that nobody sells, attends or cooks.
    """
    html = decode_page(body, headers.get("content-type", ""))
    if not _PAGE.search(html[:_SNIFFED]) or not nesting.is_reasonable(html):
        return False
    tree = LexborHTMLParser(html)
    if _ERROR_TITLE.match(_title(tree)):
        return False
    types = set(_types_at_the_root(tree))
    articles = {kind for kind in types if _is_article(kind)}
    foreign = {kind for kind in types - articles if not _is_neutral(kind)}
    return not foreign or (bool(articles) and not any(map(_is_offered, foreign)))


def _types_at_the_root(tree: LexborHTMLParser) -> Iterator[str]:
    roots: list[Any] = [*json_ld.blocks(tree), *microdata.things(tree), *rdfa.things(tree)]
    for place in nodes.walk(roots):
        if place.key in _AT_THE_ROOT and not place.is_aside:
            yield from nodes.types(place.node)


def _is_article(kind: str) -> bool:
    return kind.endswith(_ARTICLES) and not _is_offered(kind)


def _is_offered(kind: str) -> bool:
    return kind.endswith(_OFFERED)


def _is_neutral(kind: str) -> bool:
    return kind in _NEUTRAL or kind.endswith("Page")


def _title(tree: LexborHTMLParser) -> str:
    node = tree.css_first("title")
    return one_line(node.text()) if node else ""
