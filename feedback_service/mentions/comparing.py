"""Which items of a poll are new, which are known under another name, and which may have changed. Pure (R57).

    items --name--> Named --look up identities--> Known --wanted--> look up --> Known
                      |                             |                             |
                      +-------------- compare ------+-----------------------------+
                                         |
                       fresh    moved    changed --stored text--> mentions.changes

A document is found again by four keys, each looked up by an index, in this order: the same content, the same words
by the same author at the same time, the address it stands at, the identity it was given when it was first seen.
No key is trusted alone: a GUID may be that of another post by now, and an address that of all items.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from feedback_service.mentions.keys import Named


@dataclass(frozen=True, slots=True)
class Known:
    """A stored document by its keys; `exact` is None for one that was stored before there were keys."""

    document_id: int
    identity: str
    place: int = 0
    words: int = 0
    exact: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Keys to look up: documents of this source with any of these identities, places or words."""

    identities: frozenset[str]
    places: frozenset[int]
    words: frozenset[int]


@dataclass(frozen=True, slots=True)
class New:
    """An item that no stored document is, and the identity to store it by."""

    named: Named
    identity: str


@dataclass(frozen=True, slots=True)
class Met:
    """A document that was found again, and the item that it is or may be now.

    `identity` is what it is to be called from now on: the item's name, unless another document has that.
    """

    known: Known
    named: Named
    identity: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A poll beside what is stored.

    Attributes:
        fresh: to be stored and judged, with all keys.
        moved: the same words under another GUID, address or form: the stored keys and address are to follow; nothing
            is told.
        changed: other words or stars; `changes.weigh` says, with the stored text, what to make of each.
        same: how many were found as they were.
    """

    fresh: tuple[New, ...]
    moved: tuple[Met, ...]
    changed: tuple[Met, ...]
    same: int

    @property
    def known(self) -> int:
        """How many items overlap with what is stored."""
        return self.same + len(self.moved) + len(self.changed)


def wanted(named: Sequence[Named], known: Iterable[Known]) -> Wanted:
    """Return what to look up beside `known`, the documents of the items' identities, before `compare`.

    Nothing for what is stored as it is, which is all of most polls.
    """
    held = {each.identity: each for each in known}
    left = [each for each in named if not _is_settled(each, held.get(each.identity))]
    # What has no key of its words is found by its names; for others these would cost more than all keys together.
    nameless = [each for each in left if not each.words]
    return Wanted(
        frozenset(named for each in nameless for named in (each.content, each.second)) - held.keys(),
        frozenset(each.place for each in left) - {0},
        frozenset(each.words for each in left) - {0},
    )


def compare(named: Sequence[Named], known: Iterable[Known]) -> Compared:
    """Say what each item of a poll is.

    Args:
        named: the poll; the order of the items counts for nothing.
        known: the documents of this source that have the identity of any of them, and those that are `wanted`;
            more do no harm.
    """
    poll = _Poll(named, known)
    left = list(named)
    # What is surest is decided first, for all items: a GUID that has passed to another item takes nothing away.
    for choice in (
        poll.as_it_is,
        poll.by_content,
        poll.by_exact,
        poll.by_own_words,
        poll.by_words,
        poll.by_place,
        poll.by_identity,
    ):
        left = [each for each in left if not choice(each)]
    return poll.compared(named)


class _Poll:
    """One comparison: which document each item is; a document is one item at most."""

    def __init__(self, named: Sequence[Named], known: Iterable[Known]) -> None:
        documents = sorted({each.document_id: each for each in known}.values(), key=lambda each: each.document_id)
        self._held = {each.identity: each for each in documents}
        self._at_place: dict[int, list[Known]] = {}
        self._of_words: dict[int, list[Known]] = {}
        for document in documents:
            self._at_place.setdefault(document.place, []).append(document)
            self._of_words.setdefault(document.words, []).append(document)
        self._met: dict[str, Known] = {}
        self._taken: set[int] = set()
        left = [each for each in named if not _is_settled(each, self._held.get(each.identity))] if documents else []
        self._places = Counter(each.place for each in left)

    def as_it_is(self, named: Named) -> bool:
        document = self._held.get(named.identity)
        return _is_settled(named, document) and self._take(named, document)

    def by_content(self, named: Named) -> bool:
        if not self._held or named.words:
            return False
        return any(self._take(named, self._held.get(each)) for each in (named.content, named.second))

    def by_exact(self, named: Named) -> bool:
        return any(
            document.exact == named.exact and self._take(named, document)
            for document in (*self._placed(named), *self._worded(named))
        )

    def by_own_words(self, named: Named) -> bool:
        own = self._held.get(named.identity)
        return own is not None and bool(own.words) and own.words == named.words and self._take(named, own)

    def by_words(self, named: Named) -> bool:
        return any(self._take(named, document) for document in self._worded(named))

    def by_place(self, named: Named) -> bool:
        """Take the one document at its address; two there say that the address tells nothing apart."""
        found = self._placed(named)
        return len(found) == 1 and self._places[named.place] == 1 and self._take(named, found[0])

    def by_identity(self, named: Named) -> bool:
        return self._take(named, self._held.get(named.identity))

    def _placed(self, named: Named) -> Sequence[Known]:
        return self._at_place.get(named.place, ()) if self._held and named.place else ()

    def _worded(self, named: Named) -> Sequence[Known]:
        return self._of_words.get(named.words, ()) if self._held and named.words else ()

    def _take(self, named: Named, document: Known | None) -> bool:
        if document is None or document.document_id in self._taken:
            return False
        self._taken.add(document.document_id)
        self._met[named.identity] = document
        return True

    def compared(self, named: Sequence[Named]) -> Compared:
        found = [(each, self._met.get(each.identity)) for each in named]
        fresh = [New(each, self._free_name(each)) for each, document in found if document is None]
        met = [
            Met(document, each, self._name_from_now_on(each, document))
            for each, document in found
            if document is not None and document.exact != each.exact
        ]
        moved = [each for each in met if _is_moved(each)]
        changed = [each for each in met if not _is_moved(each)]
        # The same content under another name: the name follows, or the next poll would have to search again.
        renamed = [
            Met(document, each, self._name_from_now_on(each, document))
            for each, document in found
            if document is not None and document.exact == each.exact and each.identity not in self._held
        ]
        return Compared(
            tuple(fresh), (*moved, *renamed), tuple(changed), len(named) - len(fresh) - len(met) - len(renamed)
        )

    def _free_name(self, named: Named) -> str:
        return named.second if named.identity in self._held else named.identity

    def _name_from_now_on(self, named: Named, document: Known) -> str:
        return document.identity if named.identity in self._held else named.identity


def _is_moved(met: Met) -> bool:
    known, words = met.known, met.named.words
    return known.exact is None or (words != 0 and known.words == words)


def _is_settled(named: Named, document: Known | None) -> bool:
    return document is not None and (document.exact is None or document.exact == named.exact)
