"""The documents of one source in memory, compared and kept as a scan does it with the database."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from feedback_service.mentions.changes import Change, Sifted, Version, sift, weigh
from feedback_service.mentions.comparing import Compared, Known, Met, New, compare, wanted
from feedback_service.mentions.keys import Named, name
from feedback_service.sources.items import Item


@dataclass
class Poll:
    """What one poll was found to be: texts of new items, new texts of edited ones."""

    compared: Compared
    sifted: Sifted
    fresh: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)


@dataclass
class Shelf:
    """What is stored of a source; identities are unique, as the database has them."""

    known: dict[int, Known] = field(default_factory=dict)
    versions: dict[int, Version] = field(default_factory=dict)

    def poll(self, *items: Item) -> Poll:
        """Compare the items with what is stored, store what is new and keep what has changed."""
        named = name(items)
        found = self._of_identities({each.identity for each in named})
        asked = wanted(named, found)
        more = [each for each in self.known.values() if each.place in asked.places or each.words in asked.words]
        compared = compare(named, [*found, *self._of_identities(asked.identities), *more])
        weighed: list[tuple[Met, Version, Change]] = []
        for met in compared.changed:
            before = self.versions[met.known.document_id]
            weighed.append((met, before, weigh(met, before)))
        sifted = sift(weighed, compared.known)
        self._keep(compared, sifted)
        fresh = [new.named.item.text for new in (*compared.fresh, *sifted.fresh)]
        return Poll(compared, sifted, fresh, [met.named.item.text for met in sifted.edits])

    def texts(self) -> list[str]:
        """Return the text of each document as it is now, oldest first."""
        return [version.text for version in self.versions.values()]

    def _of_identities(self, names: Sequence[str] | set[str] | frozenset[str]) -> list[Known]:
        return [each for each in self.known.values() if each.identity in names]

    def _keep(self, compared: Compared, sifted: Sifted) -> None:
        for met in (*compared.moved, *sifted.quiet):
            self._put(met.known.document_id, met.named, met.identity, self.versions[met.known.document_id])
        for met in sifted.edits:
            edits = self.versions[met.known.document_id].edits + 1
            self._put(met.known.document_id, met.named, met.identity, _version(met.named.item, edits))
        for new in (*compared.fresh, *sifted.fresh):
            self._add(new)

    def _add(self, new: New) -> None:
        self._put(len(self.known) + 1, new.named, new.identity, _version(new.named.item, 0))

    def _put(self, document_id: int, named: Named, identity: str, version: Version) -> None:
        self.known[document_id] = Known(document_id, identity, named.place, named.words, named.exact)
        self.versions[document_id] = version
        names = [each.identity for each in self.known.values()]
        assert len(set(names)) == len(names), "two documents of one identity"


def _version(item: Item, edits: int) -> Version:
    return Version(item.title, item.text, item.author, item.rating, item.best_rating, item.published_at, edits)
