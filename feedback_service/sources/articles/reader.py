"""Pages without markup: an article and its comments, by trafilatura, which is loaded when the first one is read.

It is the last way to read a page, and the slowest: what is too long or nested too deep for it is refused first.
"""

from collections.abc import Mapping
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources.articles.comments import comments
from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.items import Item, Reading, pseudonym
from feedback_service.sources.texts import nesting
from feedback_service.sources.texts.charsets import decode_page
from feedback_service.sources.texts.dates import parse_date
from feedback_service.sources.texts.plain import one_line, tidy

LEAST_TEXT = 250
"""The least characters of an article: below, a page has words, but no text."""
_MOST_TAGS = 30_000
_LONGEST = 2_000_000


def read_article(body: bytes, url: str, headers: Mapping[str, str]) -> Reading:
    """Return the article of a page as the first item and its comments after it; raise `ReadError` for none.

    Comments that cannot be told apart are one item.
    """
    html = decode_page(body, headers.get("content-type", ""))
    if not nesting.is_reasonable(html) or html.count("<") > _MOST_TAGS or len(html) > _LONGEST:
        sentence = "The page is too long, or nested too deep, to look for an article in it."
        raise ReadError(ReadFailure.NO_MARKUP, sentence, url=url)
    found = _extracted(html, url)
    text = tidy(getattr(found, "text", None) or "")
    if len(text) < LEAST_TEXT:
        raise ReadError(ReadFailure.NO_MARKUP, "This page carries no article that a program can read.", url=url)
    tree = LexborHTMLParser(html)
    title = one_line(found.title or "") or _title(tree)
    article = Item(
        guid="",
        url=url,
        title=title,
        text=text.removeprefix(f"{title}\n") if title else text,
        author=pseudonym(found.author or ""),
        published_at=parse_date(found.date or ""),
    )
    return Reading(title, (article, *_comments(tree, found, url)))


def _extracted(html: str, url: str) -> Any:  # noqa: ANN401 - trafilatura's Document, or None
    import trafilatura

    try:
        return trafilatura.bare_extraction(
            html,
            url=url,
            with_metadata=True,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except Exception as error:  # trafilatura and lxml name no errors of their own for what a hostile page does
        sentence = "This page carries no article that a program can read."
        raise ReadError(ReadFailure.NO_MARKUP, sentence, url=url) from error


def _comments(tree: LexborHTMLParser, found: Any, url: str) -> list[Item]:  # noqa: ANN401 - as above
    apart = comments(tree, url)
    together = tidy(found.comments or "")
    if apart or not together:
        return apart
    return [Item(guid="", url="", title="", text=together, page_url=url)]


def _title(tree: LexborHTMLParser) -> str:
    node = tree.css_first("head title")
    return one_line(node.text()) if node else ""
