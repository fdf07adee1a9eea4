"""The keys by which a document is known again when its item comes with another GUID, address or form. Pure (R57).

All keys are small: 64 bits of a digest, signed as databases have it, 0 for none. They are compared within one source
only, so a publisher who makes two of them collide hides nothing but an item of their own.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence

from feedback_service.folding import fold
from feedback_service.mentions import addresses
from feedback_service.mentions.identity import content_identity, identities, judged_text
from feedback_service.sources.items import Item

_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_MOSTLY = 0.9
_ALL_BITS = 0xFFFFFFFFFFFFFFFF
# Below that the same words are too few to be the same item: "Nul !" twice is two unhappy customers.
_FEWEST_LETTERS = 12
_FEWEST_LETTERS_WITHOUT_DATE = 40


class Named:
    """An item of a poll with the keys by which it is known again; those that are rarely asked are made when asked.

    Attributes:
        identity: what a document of it is called, unless that name is taken by another document.
        exact: changes with anything in it that is read or judged, and with its address.
    """

    __slots__ = ("_content", "_place", "_words", "exact", "has_own_address", "identity", "item")

    def __init__(self, item: Item, identity: str, *, has_own_address: bool, is_placed: bool = True) -> None:
        self.item = item
        self.identity = identity
        self.has_own_address = has_own_address
        self.exact = _key(item.url, item.title, item.text, str(item.rating), str(item.best_rating))
        self._content: str | None = None
        self._place: int | None = None if is_placed else 0
        self._words: int | None = None

    @property
    def content(self) -> str:
        """The identity it has in a poll where neither its GUID nor its address is its own."""
        if self._content is None:
            self._content = content_identity(self.item)
        return self._content

    @property
    def second(self) -> str:
        """The identity it is stored by where another document has that name already."""
        return f"{self.content}:{self.exact & _ALL_BITS:x}"

    @property
    def place(self) -> int:
        """Key of its address, or of author and date where it has none of its own; 0 where neither tells it apart."""
        if self._place is None:
            self._place = _place(self.item) if self.has_own_address else _slot(self.item)
        return self._place

    @property
    def words(self) -> int:
        """Key of its letters, author, stars and date, whatever their form; 0 where those are too few to know it by."""
        if self._words is None:
            self._words = _words(self.item)
        return self._words

    def without_place(self) -> "Named":
        """Return the same item as one that nothing is known by but its words and its names."""
        return Named(self.item, self.identity, has_own_address=False, is_placed=False)

    def __repr__(self) -> str:
        return f"Named({self.identity!r})"


def name(items: Sequence[Item]) -> tuple[Named, ...]:
    """Return the items of a poll with their keys, each item once, in the same order."""
    once = dict(zip(identities(items), items, strict=True))
    urls = Counter(item.url for item in once.values())
    return tuple(
        Named(item, identity, has_own_address=bool(item.url) and urls[item.url] == 1) for identity, item in once.items()
    )


def _key(*parts: str) -> int:
    text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little", signed=True) or 1


def _place(item: Item) -> int:
    place = addresses.place(item.url)
    return _key(place) if place else 0


def _slot(item: Item) -> int:
    if not (item.author and item.published_at):
        return 0
    return _key("by", item.author, item.published_at.isoformat())


def _words(item: Item) -> int:
    letters = _letters(judged_text(item))
    fewest = _FEWEST_LETTERS if item.published_at else _FEWEST_LETTERS_WITHOUT_DATE
    if len(letters) < fewest:
        return 0
    published = item.published_at.isoformat() if item.published_at else ""
    return _key(letters.decode("utf-8", "surrogatepass"), item.author, str(item.rating), published)


def _letters(text: str) -> bytes:
    """Return the letters of a text in lower case without accents, and nothing else: quicker than its words.

    What is not Latin is left out too, accents that stand apart among it, but of a text in another script, of which
    little would be left.
    """
    folded = fold(text)
    letters = folded.encode("ascii", "ignore")
    if len(letters) < _MOSTLY * len(folded):
        letters = folded.encode("utf-8", "surrogatepass")
    return letters.translate(None, _NO_LETTERS)
