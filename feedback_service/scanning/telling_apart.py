"""Which items of a source are new, known under another name, edited or gone: the look-ups for `mentions.comparing`.

items --name--> Named --look up--> Known --compare--> fresh, moved, changed --stored text, weigh--> edits
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import any_asked, rows_of, table_of
from feedback_service.mentions.changes import Change, Listed, Sifted, Version, gone, sift, weigh
from feedback_service.mentions.comparing import Compared, Known, Met, compare, wanted
from feedback_service.mentions.keys import Named
from feedback_service.mentions.models import Document
from feedback_service.sources.items import Reading

_DOCUMENT = table_of(Document).c


def _keys_of(column: sa.ColumnElement[Any], *more: sa.ColumnElement[bool]) -> sa.Select[Any]:
    keys = (_DOCUMENT.id, _DOCUMENT.identity, _DOCUMENT.place_key, _DOCUMENT.words_key, _DOCUMENT.exact_key)
    return sa.select(*keys).where(_DOCUMENT.source_id == sa.bindparam("source_id"), any_asked(column), *more)


_OF_IDENTITY = _keys_of(_DOCUMENT.identity)
# That a key is none is said once more, so that the index that leaves these out is used.
_OF_PLACE = _keys_of(_DOCUMENT.place_key, _DOCUMENT.place_key != sa.literal_column("0"))
_OF_WORDS = _keys_of(_DOCUMENT.words_key, _DOCUMENT.words_key != sa.literal_column("0"))
_VERSIONS = sa.select(
    _DOCUMENT.id,
    _DOCUMENT.title,
    _DOCUMENT.text,
    _DOCUMENT.author,
    _DOCUMENT.rating,
    _DOCUMENT.best_rating,
    _DOCUMENT.published_at,
    _DOCUMENT.edits,
).where(any_asked(_DOCUMENT.id))
_SHOWN = sa.select(_DOCUMENT.id, _DOCUMENT.published_at, _DOCUMENT.gone_at).where(
    _DOCUMENT.source_id == sa.bindparam("source_id")
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
    rows = session.connection().execute(_SHOWN, {"source_id": source_id}).all()
    listed = [Listed(number, published_at) for number, published_at, gone_at in rows if gone_at is None]
    back = tuple(number for number, _, gone_at in rows if gone_at is not None and number in told.seen)
    return gone(listed, told.seen, reading.items, is_cut=reading.is_cut), back


def _known(session: Session, source_id: int, named: Sequence[Named]) -> list[Known]:
    known = _found(session, source_id, _OF_IDENTITY, [each.identity for each in named])
    asked = wanted(named, known)
    for statement, values in ((_OF_IDENTITY, asked.identities), (_OF_PLACE, asked.places), (_OF_WORDS, asked.words)):
        known += _found(session, source_id, statement, values)
    return known


def _found(session: Session, source_id: int, statement: sa.Select[Any], values: Collection[Any]) -> list[Known]:
    return [Known(*row) for row in rows_of(session, statement, values, source_id=source_id)]


def _versions(session: Session, ids: Sequence[int]) -> dict[int, Version]:
    return {number: Version(*version) for number, *version in rows_of(session, _VERSIONS, ids)}


def _seen(named: Iterable[Named], known: Iterable[Known], compared: Compared) -> frozenset[int]:
    exact = {each.exact for each in named}
    same = {each.document_id for each in known if each.exact in exact}
    return frozenset(same | {met.known.document_id for met in (*compared.moved, *compared.changed)})
