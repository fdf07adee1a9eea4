"""Which items of a source are new, known under another name, edited or gone: the look-ups for `mentions.comparing`.

items --name--> Named --look up--> Known --compare--> fresh, moved, changed --stored text, weigh--> edits
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback_service.batches import batched
from feedback_service.mentions.changes import Change, Listed, Sifted, Version, gone, sift, weigh
from feedback_service.mentions.comparing import Compared, Known, Met, compare, wanted
from feedback_service.mentions.keys import Named
from feedback_service.mentions.models import Document
from feedback_service.scanning.stages import ASKED_AT_ONCE
from feedback_service.sources.items import Reading

Key: TypeAlias = InstrumentedAttribute[str] | InstrumentedAttribute[int]
_KEYS = (Document.id, Document.identity, Document.place_key, Document.words_key, Document.exact_key)
_VERSION = (
    Document.title,
    Document.text,
    Document.author,
    Document.rating,
    Document.best_rating,
    Document.published_at,
    Document.edits,
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the items of a poll are: `before` has the stored version of each edited one, `seen` who was found again."""

    compared: Compared
    sifted: Sifted
    before: dict[int, Version]
    seen: frozenset[int]


def tell_apart(session: Session, source_id: int, named: Sequence[Named]) -> Told:
    """Say what each item of a poll is beside what is stored of its source."""
    known = _known(session, source_id, named)
    compared = compare(named, known)
    before = _versions(session, [met.known.document_id for met in compared.changed])
    weighed = list[tuple[Met, Version, Change]]()
    for met in compared.changed:
        version = before[met.known.document_id]
        weighed.append((met, version, weigh(met, version)))
    return Told(compared, sift(weighed, compared.known), before, _seen(named, known, compared))


def nothing_stored(named: Sequence[Named]) -> Told:
    """Return what the items of a source are of which nothing is stored: all new."""
    return Told(compare(named, ()), sift((), 0), {}, frozenset())


def tell_gone(
    session: Session, source_id: int, told: Told, reading: Reading
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the documents that a page shows no more, and those that were gone and are back."""
    chosen = sa.select(Document.id, Document.published_at, Document.gone_at).where(Document.source_id == source_id)
    rows = session.execute(chosen).all()
    listed = [Listed(number, published_at) for number, published_at, gone_at in rows if gone_at is None]
    back = tuple(number for number, _, gone_at in rows if gone_at is not None and number in told.seen)
    return gone(listed, told.seen, reading.items, is_cut=reading.is_cut), back


def _known(session: Session, source_id: int, named: Sequence[Named]) -> list[Known]:
    known = _found(session, source_id, Document.identity, [each.identity for each in named])
    asked = wanted(named, known)
    for column, values in (
        (Document.identity, asked.identities),
        (Document.place_key, asked.places),
        (Document.words_key, asked.words),
    ):
        known += _found(session, source_id, column, values)
    return known


def _found(session: Session, source_id: int, column: Key, values: Collection[Any]) -> list[Known]:
    found: list[Known] = []
    for asked in batched(values, ASKED_AT_ONCE):
        chosen = sa.select(*_KEYS).where(Document.source_id == source_id, column.in_(asked))
        if column is not Document.identity:
            # Said once more, so that the index that leaves them out is used.
            chosen = chosen.where(column != 0)
        found += [Known(*row) for row in session.execute(chosen)]
    return found


def _versions(session: Session, ids: Sequence[int]) -> dict[int, Version]:
    found: dict[int, Version] = {}
    for asked in batched(ids, ASKED_AT_ONCE):
        for row in session.execute(sa.select(Document.id, *_VERSION).where(Document.id.in_(asked))):
            found[row.id] = Version(
                row.title, row.text, row.author, row.rating, row.best_rating, row.published_at, row.edits
            )
    return found


def _seen(named: Iterable[Named], known: Iterable[Known], compared: Compared) -> frozenset[int]:
    exact = {each.exact for each in named}
    same = {each.document_id for each in known if each.exact in exact}
    return frozenset(same | {met.known.document_id for met in (*compared.moved, *compared.changed)})
