"""Known documents that came otherwise than they are stored: their keys follow, and an edit keeps the old text.

An author who edits a complaint may take it back, or make it worse: the old text stays as evidence, with its digest and
the day it was replaced; the new one is judged, and the story says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.batches import batched
from feedback_service.db import any_asked, rows_of, table_of
from feedback_service.mentions.comparing import Met
from feedback_service.mentions.identity import judged_text
from feedback_service.mentions.models import Document, DocumentVersion, Mention, version_digest
from feedback_service.mentions.order_link import find_order
from feedback_service.scanning.copies import renew_bands
from feedback_service.scanning.ports import MentionDesk
from feedback_service.scanning.stages import ASKED_AT_ONCE, Claimed, Edited, Harvest, Judged
from feedback_service.sources.items import Item

_DOCUMENT, _MENTION = table_of(Document), table_of(Mention).c
_OF_DOCUMENTS = sa.select(_MENTION.id).where(any_asked(_MENTION.document_id))


def rewrite(session: Session, harvest: Harvest, now: datetime) -> None:
    """Write down what became of the documents that were found again, or not any more."""
    _update(session, [_keys(met) | {"new_url": met.named.item.address} for met in harvest.moved])
    _update(session, [_keys(met) for met in harvest.quiet])
    if harvest.edited:
        session.add_all(_old_version(edited, now) for edited in harvest.edited)
        _update(session, [_new_version(edited, now) for edited in harvest.edited])
    _update(session, [{"of_id": number, "new_gone_at": now} for number in harvest.gone])
    _update(session, [{"of_id": number, "new_gone_at": None} for number in harvest.back])


def change_mentions(
    session: Session, claimed: Claimed, harvest: Harvest, desk: MentionDesk, now: datetime
) -> list[Judged]:
    """Let the mentions of edited, moved and gone documents follow; return what an edit has made a mention of.

    A mention whose text does not name the shop any more stays: it did, and people have read it. Of edits that are
    found while stock is taken nobody is told.
    """
    moved = {met.known.document_id: met.named.item.address for met in harvest.moved}
    mentions = _mentions_of(session, [*moved, *harvest.gone, *(each.met.known.document_id for each in harvest.edited)])
    for number, address in moved.items():
        if number in mentions:
            mentions[number].url = address
    edited = [(mentions.get(each.met.known.document_id), each) for each in harvest.edited]
    _change(session, claimed, [(mention, each) for mention, each in edited if mention], desk, now)
    for number in harvest.gone:
        if number in mentions:
            desk.mention_went(session, mentions[number], now)
    return [_appeared(each.judged, each) for mention, each in edited if mention is None and each.judged]


def _change(
    session: Session, claimed: Claimed, edited: Sequence[tuple[Mention, Edited]], desk: MentionDesk, now: datetime
) -> None:
    for mention, each in edited:
        if each.judged:
            _rejudge(session, mention, each.judged)
    session.flush()
    renew_bands(session, claimed.shop.id, [mention for mention, each in edited if each.judged])
    for mention, each in edited:
        if claimed.is_baseline(each.met.named.item, now):
            continue
        if each.judged:
            mention.is_baseline = False
        desk.mention_changed(session, mention, now)


def _rejudge(session: Session, mention: Mention, judged: Judged) -> None:
    # Its digest too, unless another mention says that already: two of one text would be one.
    of_text = (Mention.shop_id == mention.shop_id, Mention.text_digest == judged.text_digest)
    if session.scalar(sa.select(Mention.id).where(*of_text)) is None:
        mention.text_digest = judged.text_digest
    for column, value in judged.values().items():
        setattr(mention, column, value)
    if mention.order_id is None:
        order = find_order(session, mention.shop_id, judged.order_numbers)
        mention.order_id = order.id if order else None


def _appeared(judged: Judged, edited: Edited) -> Judged:
    before = edited.before
    return replace(judged, text_before=judged_text(Item("", "", before.title, before.text)))


def _mentions_of(session: Session, document_ids: Sequence[int]) -> dict[int, Mention]:
    ids = [row.id for row in rows_of(session, _OF_DOCUMENTS, document_ids)]
    # Of several of one document the first.
    return {mention.document_id: mention for mention in reversed(load_mentions(session, ids))}


def load_mentions(session: Session, ids: Sequence[int]) -> list[Mention]:
    """Return mentions by their ids, which a quicker statement has found: most polls find none, and end there."""
    mentions: list[Mention] = []
    for some in batched(sorted(ids), ASKED_AT_ONCE):
        mentions += session.scalars(sa.select(Mention).where(Mention.id.in_(some)).order_by(Mention.id))
    return mentions


def _keys(met: Met) -> dict[str, Any]:
    return {
        "of_id": met.known.document_id,
        "new_identity": met.identity,
        "new_place_key": met.named.place,
        "new_words_key": met.named.words,
        "new_exact_key": met.named.exact,
    }


def _old_version(edited: Edited, now: datetime) -> DocumentVersion:
    before = edited.before
    return DocumentVersion(
        document_id=edited.met.known.document_id,
        title=before.title,
        text=before.text,
        rating=before.rating,
        best_rating=before.best_rating,
        digest=version_digest(before.title, before.text),
        replaced_at=now,
    )


def _new_version(edited: Edited, now: datetime) -> dict[str, Any]:
    item = edited.met.named.item
    return _keys(edited.met) | {
        "new_url": item.address,
        "new_title": item.title,
        "new_text": item.text,
        "new_rating": item.rating,
        "new_best_rating": item.best_rating,
        "new_edits": edited.before.edits + 1,
        "new_edited_at": now,
    }


def _update(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Update documents by id; all rows name the same columns."""
    rows = list(rows)
    if rows:
        values: dict[str, sa.BindParameter[Any]] = {
            key.removeprefix("new_"): sa.bindparam(key) for key in rows[0] if key != "of_id"
        }
        update = sa.update(_DOCUMENT).where(_DOCUMENT.c.id == sa.bindparam("of_id")).values(**values)
        session.connection().execute(update, rows)
