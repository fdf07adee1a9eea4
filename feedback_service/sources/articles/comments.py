"""Comments below an article, one by one: as schema.org describes them, or as blog and forum software writes them."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from urllib.parse import urldefrag, urljoin

from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources.items import Item, pseudonym
from feedback_service.sources.review_pages import json_ld, microdata, nodes
from feedback_service.sources.review_pages.nodes import Node, text_of
from feedback_service.sources.review_pages.reviews import plain
from feedback_service.sources.texts.dates import parse_date
from feedback_service.sources.texts.plain import html_to_text, one_line, storable

_TYPES = frozenset({"Comment", "UserComments", "Answer", "CorrectionComment"})
# WordPress, Dotclear, Blogger, Drupal, Discourse without JavaScript, phpBB, and themes made after them.
_COMMENT = (
    "li.comment, article.comment, div.comment, li[id^=comment-], div[id^=comment-], article[id^=comment-], "
    "li[id^=li-comment], li.comment-item, div.comment-item, div.comment-block, div.crawler-post, div.post[id^=p], "
    "dl.comments > dd"
)
_BODY = (
    ".comment-content, .comment-text, .comment_text, .comment-body > .text, p.comment-content, .comment__body, "
    ".comment__content, .postbody .content, .post[itemprop=articleBody], .field--name-comment-body, .comment-message"
)
_LOOSE_BODY = ".comment-body, .commentText, .text, .content, blockquote, p"
_AUTHOR = ".comment-author .fn, .fn, .comment-author, .comment__author, .user, .username, .creator, .author, cite"
_DATE = "time[datetime], abbr[title], .comment-date, .comment-meta, .datetime, .comment-metadata, .date, .post-time"
_MAX_COMMENTS = 500
_MAX_ELEMENTS = 20_000


def comments(tree: LexborHTMLParser, url: str) -> list[Item]:
    """Return the comments of the page at `url` in its order; none where they cannot be told apart."""
    return _unique(_described(tree, url)) or _unique(_written(tree, url))


def _unique(found: Iterator[Item]) -> list[Item]:
    return list(dict.fromkeys(islice(found, _MAX_COMMENTS)))


def _described(tree: LexborHTMLParser, url: str) -> Iterator[Item]:
    roots: Sequence[Any] = [*json_ld.blocks(tree), *microdata.things(tree)]
    index = nodes.by_id(roots)
    for place in nodes.walk(roots):
        if nodes.types(place.node) & _TYPES:
            text = plain(text_of(place.node.get("text")) or text_of(place.node.get("commentText")))
            if text:
                yield _from_node(place.node, text, index, url)


def _from_node(node: Node, text: str, index: dict[str, Node], url: str) -> Item:
    author = nodes.first(node.get("author") or node.get("creator"), index)
    name = text_of(author.get("name")) or text_of(author) if isinstance(author, dict) else text_of(author)
    published = text_of(node.get("datePublished") or node.get("dateCreated") or node.get("commentTime"))
    return _item(text, plain(name), published, text_of(node.get("url")) or text_of(node.get("@id")), url)


def _written(tree: LexborHTMLParser, url: str) -> Iterator[Item]:
    seen: set[int] = set()
    if len(tree.css("body *")) > _MAX_ELEMENTS:
        return
    for element in tree.css(_COMMENT)[:_MAX_COMMENTS]:
        body = element.css_first(_BODY) or element.css_first(_LOOSE_BODY)
        if body is None or body.mem_id in seen:
            continue
        seen.add(body.mem_id)
        author, date = _words(element.css_first(_AUTHOR)), element.css_first(_DATE)
        text = html_to_text(body.html or "")
        if text:
            identifier = element.attributes.get("id") or ""
            yield _item(text, author, _when(date), f"#{identifier}" if identifier else "", url)


def _item(text: str, author: str, published: str, address: str, url: str) -> Item:
    own = ""
    if address:
        try:
            own = storable(urljoin(url, address.strip()))
        except ValueError:
            own = ""
    return Item(
        guid="",
        url=own if own != urldefrag(url).url else "",
        title="",
        text=text,
        author=pseudonym(author),
        published_at=parse_date(published),
        page_url=url,
    )


def _words(element: Any) -> str:  # noqa: ANN401 - selectolax has no public node type
    return one_line(element.text(deep=True)) if element is not None else ""


def _when(element: Any) -> str:  # noqa: ANN401 - as above
    if element is None:
        return ""
    return element.attributes.get("datetime") or element.attributes.get("title") or _words(element)
