"""Documents and mentions go into the database by the batch, and what is new about the shop is told to the desk.

Rows are written as rows: the objects of the ORM would cost more than reading, matching and scoring together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import any_asked, insert_rows, rows_of, table_of
from feedback_service.mentions.models import Document, Mention
from feedback_service.mentions.near import is_near
from feedback_service.mentions.order_link import find_order
from feedback_service.scanning.copies import near_copies, remember_bands
from feedback_service.scanning.ports import MentionDesk
from feedback_service.scanning.rewriting import change_mentions, load_mentions, rewrite
from feedback_service.scanning.stages import Claimed, Edited, Fresh, Harvest, Judged, Stored
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import Shop

_DOCUMENT, _MENTION = table_of(Document).c, table_of(Mention).c
_IDENTITIES = sa.select(_DOCUMENT.identity, _DOCUMENT.id).where(
    _DOCUMENT.source_id == sa.bindparam("source_id"), any_asked(_DOCUMENT.identity)
)
_EDITS = sa.select(_DOCUMENT.id, _DOCUMENT.edits).where(any_asked(_DOCUMENT.id))
_OF_TEXTS = sa.select(_MENTION.id).where(_MENTION.shop_id == sa.bindparam("shop_id"), any_asked(_MENTION.text_digest))


def store(session: Session, claimed: Claimed, harvest: Harvest, desk: MentionDesk, now: datetime) -> Stored:
    """Store what a source brought and tell the desk of what is about the shop; return what was stored.

    The same text twice is one mention, whoever brings it: the second is a copy, also where some words are
    changed. What the first scan finds is stored and told to nobody (R57), but for what is younger than the source's
    window. The row of the source must be locked: a push and a poll may bring the same, and what the first has stored
    the second leaves alone. Where anything is about the shop, `lock_shops` comes before that.
    """
    harvest = _without_stored(session, claimed.source.id, harvest)
    rewrite(session, harvest, now)
    insert_rows(session, Document, [_document(claimed, new, now) for new in harvest.fresh])
    stored = Stored(
        frozenset(new.identity for new in harvest.fresh), frozenset(each.fresh.identity for each in harvest.judged)
    )
    appeared = change_mentions(session, claimed, harvest, desk, now)
    judged = [*harvest.judged, *appeared]
    if judged:
        _store_mentions(session, claimed, judged, desk, now)
    return stored


def _store_mentions(
    session: Session, claimed: Claimed, judged: Sequence[Judged], desk: MentionDesk, now: datetime
) -> None:
    session.flush()
    known = _mentions_of_texts(session, claimed.shop.id, judged)
    unknown = _first_of_each_text(judged, known)
    # Of complaints only: they are what is copied to do harm, and what would alert twice.
    complaints = [each for each in unknown if each.judgement.label is Label.NEGATIVE]
    near = near_copies(session, claimed.shop.id, complaints)
    copied = [
        *_count_copies(claimed, [(each, known.get(each.text_digest)) for each in judged]),
        *_count_copies(claimed, [(each, near.of_stored.get(each.text_digest)) for each in unknown]),
    ]
    session.flush()
    new = [each for each in unknown if each.text_digest not in near.of_stored and each.text_digest not in near.of_new]
    came = _insert_mentions(session, claimed, new, near.original_of(judged), now)
    remember_bands(session, claimed.shop.id, [each for each in new if each.judgement.label is Label.NEGATIVE])
    for mention in [*dict.fromkeys(copied), *came]:
        if not mention.is_baseline:
            desk.mention_came_in(session, mention, now)


def _insert_mentions(
    session: Session, claimed: Claimed, new: Sequence[Judged], texts: Iterable[str], now: datetime
) -> list[Mention]:
    """Insert new mentions; return those of which the desk is told, which alone are made objects."""
    rows = _mention_rows(session, claimed, new, texts, now)
    insert_rows(session, Mention, [row for row in rows if row["is_baseline"]])
    loud = [Mention(**row) for row in rows if not row["is_baseline"]]
    session.add_all(loud)
    session.flush()
    return loud


def lock_shops(session: Session, harvests: Iterable[tuple[Claimed, Harvest]]) -> None:
    """Lock the shops of which something was found, before any source of theirs is locked.

    Two sources of one shop may bring the same text at once: one mention, so one after the other. Shops come
    first and in one order, or a push and a poll, or two rounds, could each wait for what the other holds.
    """
    ids = sorted({claimed.shop.id for claimed, harvest in harvests if harvest.is_about_us})
    if ids:
        # NO KEY UPDATE, or every order that comes in meanwhile would wait for its foreign key.
        chosen = sa.select(Shop).where(Shop.id.in_(ids)).order_by(Shop.id).with_for_update(key_share=True)
        # Kept for the desk, which asks the session for the shop of each mention.
        session.info["shops"] = session.scalars(chosen).all()


def _without_stored(session: Session, source_id: int, harvest: Harvest) -> Harvest:
    """Leave out what somebody else has stored since the harvest was made."""
    harvest = replace(harvest, edited=_not_yet_rewritten(session, harvest.edited))
    found = set(_document_ids(session, source_id, harvest.fresh))
    if not found:
        return harvest
    fresh = tuple(new for new in harvest.fresh if new.identity not in found)
    judged = tuple(each for each in harvest.judged if each.fresh.identity not in found)
    return replace(harvest, fresh=fresh, judged=judged, known=harvest.known + len(found))


def _not_yet_rewritten(session: Session, edited: Sequence[Edited]) -> tuple[Edited, ...]:
    told = dict(tuple(row) for row in rows_of(session, _EDITS, [each.met.known.document_id for each in edited]))
    return tuple(each for each in edited if told.get(each.met.known.document_id) == each.before.edits)


def _first_of_each_text(judged: Sequence[Judged], known: Mapping[str, Mention]) -> list[Judged]:
    first: dict[str, Judged] = {}
    for each in judged:
        if each.text_digest not in known:
            first.setdefault(each.text_digest, each)
    return list(first.values())


def _count_copies(claimed: Claimed, pairs: Iterable[tuple[Judged, Mention | None]]) -> list[Mention]:
    copied: dict[int, Mention] = {}
    for each, mention in pairs:
        if mention and not _is_counted(mention, claimed, each):
            mention.copies += 1
            copied[mention.id] = mention
    return list(copied.values())


def _is_counted(mention: Mention, claimed: Claimed, judged: Judged) -> bool:
    """Tell whether this is the item of the mention under another identity, or was a copy before it was edited."""
    if judged.text_before is not None and is_near(judged.text_before, mention.text):
        return True
    return mention.source_id == claimed.source.id and mention.url == judged.fresh.item.address


def _mentions_of_texts(session: Session, shop_id: int, judged: Sequence[Judged]) -> dict[str, Mention]:
    ids = [row.id for row in rows_of(session, _OF_TEXTS, [each.text_digest for each in judged], shop_id=shop_id)]
    return {mention.text_digest: mention for mention in load_mentions(session, ids)}


def _document_ids(session: Session, source_id: int, fresh: Sequence[Fresh]) -> dict[str, int]:
    asked = [new.identity for new in fresh]
    return dict(tuple(row) for row in rows_of(session, _IDENTITIES, asked, source_id=source_id))


def _document(claimed: Claimed, new: Fresh, now: datetime) -> dict[str, Any]:
    item = new.item
    return {
        "source_id": claimed.source.id,
        "identity": new.identity,
        "url": item.address,
        "title": item.title,
        "text": item.text,
        "author": item.author,
        "rating": item.rating,
        "best_rating": item.best_rating,
        "published_at": item.published_at,
        "fetched_at": now,
        "is_baseline": claimed.is_baseline(item, now),
        "place_key": new.named.place,
        "words_key": new.named.words,
        "exact_key": new.named.exact,
    }


def _mention_rows(
    session: Session, claimed: Claimed, new: Sequence[Judged], texts: Iterable[str], now: datetime
) -> list[dict[str, Any]]:
    """Return the rows of new mentions; `texts` has the digest of each text as often as it came."""
    ids = _document_ids(session, claimed.source.id, [each.fresh for each in new])
    times = Counter(texts)
    return [
        _mention(session, claimed, each, ids[each.fresh.identity], now) | {"copies": times[each.text_digest]}
        for each in new
    ]


def _mention(session: Session, claimed: Claimed, judged: Judged, document_id: int, now: datetime) -> dict[str, Any]:
    item = judged.fresh.item
    order = find_order(session, claimed.shop.id, judged.order_numbers)
    return {
        "shop_id": claimed.shop.id,
        "document_id": document_id,
        "source_id": claimed.source.id,
        "text_digest": judged.text_digest,
        "thread": judged.thread,
        "url": judged.fresh.item.address,
        "author": item.author,
        "published_at": item.published_at,
        "found_at": now,
        "is_baseline": claimed.is_baseline(item, now),
        "order_id": order.id if order else None,
    } | judged.values()
