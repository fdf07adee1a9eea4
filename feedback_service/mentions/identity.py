"""When two items are the same, when two texts are, and which belong to one story. Pure (R57)."""

import re
from collections import Counter
from collections.abc import Sequence

from feedback_service.folding import fold
from feedback_service.hashing import content_digest
from feedback_service.mentions import addresses
from feedback_service.sources.items import Item

_WORDS = re.compile(r"\w+")
_FEWEST_WORDS = 3


def identities(items: Sequence[Item]) -> tuple[str, ...]:
    """Return one identity per item, in order: its GUID, else its address, else a digest of its content.

    A GUID or an address that several of the items share tells them apart no better than none: the next
    one in the list is used (miniflux#4197: nine of ten items lost).
    """
    guids = Counter(item.guid for item in items)
    if len(guids) == len(items) and "" not in guids:
        return tuple(f"id:{guid}" for guid in guids)
    pages = Counter(_page_key(item) for item in items)
    return tuple(_identity(item, guids[item.guid], pages[_page_key(item)]) for item in items)


def _identity(item: Item, same_guid: int, same_page: int) -> str:
    if item.guid and same_guid == 1:
        return f"id:{item.guid}"
    key = _page_key(item)
    if key and same_page == 1 and not addresses.is_front_page(item.url):
        return f"url:{content_digest(key)}" if len(key) > 300 else f"url:{key}"  # noqa: PLR2004 - must fit an index
    return content_identity(item)


def content_identity(item: Item) -> str:
    """Return the identity of an item whose GUID and address say nothing, or are those of another document."""
    return f"content:{content_of(item)}"


def _page_key(item: Item) -> str:
    # The fragment counts here: comments of one page differ by nothing else.
    address, _, fragment = item.url.partition("#")
    return f"{addresses.canonical(address)}#{fragment}" if fragment else addresses.canonical(address)


def content_of(item: Item) -> str:
    """Return the digest of everything that makes an item what it is."""
    published = item.published_at.isoformat() if item.published_at else ""
    return content_digest(item.guid, item.url, item.author, published, str(item.rating), normal(judged_text(item)))


def judged_text(item: Item) -> str:
    """Return title and text as they are matched, judged and stored; a title that the text repeats is left out."""
    if not item.title or item.text.startswith(item.title):
        return item.text
    repeated = item.title.removesuffix("...").removesuffix("…").strip()
    return item.text if repeated and item.text.startswith(repeated) else f"{item.title}\n{item.text}".strip()


def own_words(item: Item, text: str) -> str:
    """Return the `judged_text` of an item with blanks for what its author did not write, so that offsets hold.

    The title of an answer is that of its thread: under "Is this a scam?" somebody may be pleased.
    """
    return item.text.rjust(len(text)) if item.is_reply else text


def normal(text: str) -> str:
    """Return the words of a text, folded, separated by one space: what is left when only form differs."""
    return " ".join(_WORDS.findall(fold(text)))


def text_digest(text: str, identity: str) -> str:
    """Return the key by which the same text twice is one mention.

    Case, accents, punctuation and white space do not tell texts apart. Below three words a text is too
    short to be recognised ("Nul !" twice is two unhappy customers), so its identity counts too.
    """
    words = normal(text)
    is_short = words.count(" ") < _FEWEST_WORDS - 1
    return content_digest(words, identity) if is_short else content_digest(words)


def thread_key(item: Item, source_url: str, identity: str) -> str:
    """Return the key of the story a mention belongs to: mentions of one page or thread are one story.

    That is the canonical address of the page, so a post and its comments are one story, and so are the
    reviews that stand on one page; a review or post with an address of its own is its own story. What
    has no address but a front page stands alone, or every item of such a feed would be one story.
    """
    if item.url and not addresses.is_front_page(item.url):
        return addresses.thread(item.url)
    if item.page_url:
        return addresses.thread(item.page_url)
    return f"{addresses.canonical(source_url)}#{content_digest(identity)[:16]}"
