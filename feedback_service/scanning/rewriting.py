"""Known documents that came otherwise than they are stored: their keys follow, and an edit keeps the old text.

An author who edits a complaint may take it back, or make it worse: the old text stays as evidence, with its digest and
the day it was replaced; the new one is judged, and the story says so.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.mentions.comparing import Met
from feedback_service.mentions.models import Document, DocumentVersion, Mention
from feedback_service.scanning.ports import MentionDesk
from feedback_service.scanning.stages import Edited, Harvest, Judged

_DOCUMENT = cast("sa.Table", Document.__table__)


def rewrite(session: Session, harvest: Harvest, now: datetime) -> None:
    """Write down what became of the documents that were found again, or not any more."""
    _update(session, [_keys(met) | {"new_url": _address(met)} for met in harvest.moved])
    _update(session, [_keys(met) for met in harvest.quiet])
    if harvest.edited:
        session.add_all(_old_version(edited, now) for edited in harvest.edited)
        _update(session, [_new_version(edited, now) for edited in harvest.edited])
    _update(session, [{"of_id": number, "new_gone_at": now} for number in harvest.gone])
    _update(session, [{"of_id": number, "new_gone_at": None} for number in harvest.back])


def change_mentions(session: Session, harvest: Harvest, desk: MentionDesk, now: datetime) -> list[Judged]:
    """Let the mentions of edited, moved and gone documents follow; return what an edit has made a mention of.

    A mention whose text does not name the shop any more stays: it did, and people have read it.
    """
    moved = {met.known.document_id: _address(met) for met in harvest.moved}
    edited_ids = [edited.met.known.document_id for edited in harvest.edited]
    mentions = _mentions_of(session, [*moved, *harvest.gone, *edited_ids])
    for number, address in moved.items():
        if number in mentions:
            mentions[number].url = address
    appeared = [judged for edited in harvest.edited if (judged := _changed(session, mentions, edited, desk, now))]
    for number in harvest.gone:
        if number in mentions:
            desk.mention_went(session, mentions[number], now)
    return appeared


def _changed(
    session: Session, mentions: dict[int, Mention], edited: Edited, desk: MentionDesk, now: datetime
) -> Judged | None:
    mention, judged = mentions.get(edited.met.known.document_id), edited.judged
    if mention is None:
        return replace(judged, is_edit=True) if judged else None
    if judged:
        # Its digest too, unless another mention says that already: two of one text would be one.
        of_text = (Mention.shop_id == mention.shop_id, Mention.text_digest == judged.text_digest)
        taken = sa.select(Mention.id).where(*of_text)
        if session.scalar(taken) is None:
            mention.text_digest = judged.text_digest
        for column, value in judged.values().items():
            setattr(mention, column, value)
        mention.is_baseline = False
    desk.mention_changed(session, mention, now)
    return None


def _mentions_of(session: Session, ids: Sequence[int]) -> dict[int, Mention]:
    if not ids:
        return {}
    found = session.scalars(sa.select(Mention).where(Mention.document_id.in_(ids)).order_by(Mention.id.desc()))
    return {mention.document_id: mention for mention in found}


def _address(met: Met) -> str:
    return met.named.item.url or met.named.item.page_url


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
        digest=hashlib.sha256(f"{before.title}\n{before.text}".encode()).hexdigest(),
        replaced_at=now,
    )


def _new_version(edited: Edited, now: datetime) -> dict[str, Any]:
    item = edited.met.named.item
    return _keys(edited.met) | {
        "new_url": _address(edited.met),
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
