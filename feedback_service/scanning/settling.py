"""The end of a scan: everything it found is stored, told and settled in one transaction, guarded by the claim."""

import random
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.batches import batched
from feedback_service.claims import settle
from feedback_service.mentions.models import Document, Mention
from feedback_service.mentions.order_link import find_order
from feedback_service.scanning.ports import MentionDesk
from feedback_service.scanning.stages import ASKED_AT_ONCE, Claimed, Harvest, Judged
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.sources import rules
from feedback_service.sources.adapters import Polled
from feedback_service.sources.errors import FetchError, FetchFailure, ReadError
from feedback_service.sources.items import Item
from feedback_service.sources.models import Source, SourceState
from feedback_service.sources.rules import Health

_RHYTHM_FROM = 20


def settle_polled(
    session: Session,
    claimed: Claimed,
    polled: Polled,
    harvest: Harvest,
    desk: MentionDesk,
    settings: Settings,
    now: datetime,
) -> bool:
    """Store what a poll brought and settle its source; False, and nothing stored, when the claim was lost."""
    source = claimed.source
    gap = _is_gap(session, claimed, polled, harvest)
    values = _state_values(source, _health(session, claimed, polled, harvest, now, gap=gap), now)
    values |= _poll_values(session, source, polled, settings, now)
    if claimed.is_first:
        values["baseline_at"] = now
    if gap:
        values["possible_gap_at"] = now
    if harvest.fresh:
        values["last_new_at"] = now
    if not settle(session, source, values=values):
        return False
    _store(session, claimed, harvest, desk, now)
    return True


def settle_failed(
    session: Session, claimed: Claimed, error: FetchError | ReadError, settings: Settings, now: datetime
) -> bool:
    """Settle a source that could not be read: state, reason and a later poll; False when the claim was lost."""
    source = claimed.source
    failures = source.failures + 1
    usual = rules.interval(settings.poll_interval, has_validators=True, asked=None)
    if isinstance(error, FetchError):
        health = rules.health_of_failure(error.kind, str(error), failures)
        wait = rules.backoff(usual, failures, error.retry_after)
    else:
        was_read = source.last_read_at is not None
        health = rules.health_of_unreadable(error.kind, str(error), was_read=was_read)
        wait = rules.backoff(usual, failures, None)
    is_gone = error.kind is FetchFailure.GONE
    values = _state_values(source, health, now) | {
        "failures": failures,
        "attempts": 0,
        "last_polled_at": now,
        "due_at": None if is_gone else now + _spread(wait),
    }
    return settle(session, source, values=values)


def _state_values(source: Source, health: Health, now: datetime) -> dict[str, Any]:
    since = source.state_since if source.state is health.state else now
    return {"state": health.state, "state_reason": health.reason, "state_since": since}


def _poll_values(session: Session, source: Source, polled: Polled, settings: Settings, now: datetime) -> dict[str, Any]:
    page, reading = polled.page, polled.reading
    asked = max(page.max_age or 0, (reading.ttl if reading else 0) or 0)
    usual = rules.interval(settings.poll_interval, has_validators=bool(page.validators), asked=asked)
    return {
        "url": _address(session, source, page.moved_to),
        "title": source.title or (reading.title if reading else ""),
        "etag": page.validators.etag,
        "last_modified": page.validators.last_modified,
        "body_digest": polled.body_digest,
        "failures": 0,
        "attempts": 0,
        "last_polled_at": now,
        "last_read_at": now,
        "due_at": now + _spread(usual),
    }


def _spread(wait: timedelta) -> timedelta:
    return rules.with_jitter(wait, random.random())  # noqa: S311 - spreads polls, guards nothing


def _address(session: Session, source: Source, moved_to: str) -> str:
    """Return the address to poll from now on: the new one after a move for good (R53), unless it is taken."""
    if not moved_to or moved_to == source.url:
        return source.url
    taken = sa.select(Source.id).where(Source.shop_id == source.shop_id, Source.url == moved_to)
    return source.url if session.scalar(taken) else moved_to


def _is_gap(session: Session, claimed: Claimed, polled: Polled, harvest: Harvest) -> bool:
    if claimed.is_first or polled.reading is None or harvest.known or not harvest.fresh:
        return False
    return session.scalar(sa.select(Document.id).where(Document.source_id == claimed.source.id).limit(1)) is not None


def _health(
    session: Session, claimed: Claimed, polled: Polled, harvest: Harvest, now: datetime, *, gap: bool
) -> Health:
    source = claimed.source
    if polled.reading is None and source.state is SourceState.EMPTY:
        return Health(SourceState.EMPTY, source.state_reason)
    items = None if polled.reading is None else len(polled.reading.items)
    published = [fresh.item.published_at for fresh in harvest.fresh if fresh.item.published_at]
    published += _rhythm(session, source.id)
    return rules.health_of_reading(items, published, now, possible_gap=gap)


def _rhythm(session: Session, source_id: int) -> Sequence[datetime]:
    chosen = sa.select(Document.published_at).where(Document.source_id == source_id, Document.published_at.is_not(None))
    dates = session.scalars(chosen.order_by(Document.id.desc()).limit(_RHYTHM_FROM)).all()
    return [date for date in dates if date is not None]


def _store(session: Session, claimed: Claimed, harvest: Harvest, desk: MentionDesk, now: datetime) -> None:
    documents = {fresh.identity: _document(claimed, fresh.item, fresh.identity, now) for fresh in harvest.fresh}
    session.add_all(documents.values())
    session.flush()
    if not harvest.judged:
        return
    # Two sources of one shop may bring the same text at once: one mention, so one after the other.
    # NO KEY UPDATE, or every order that comes in meanwhile would wait for its foreign key.
    session.execute(sa.select(Shop.id).where(Shop.id == claimed.shop.id).with_for_update(key_share=True))
    mentions = _mentions_of_texts(session, claimed.shop.id, [judged.text_digest for judged in harvest.judged])
    told: dict[str, Mention] = {}
    for judged in harvest.judged:
        document = documents[judged.fresh.identity]
        mention = mentions.get(judged.text_digest)
        if mention is None:
            mention = mentions[judged.text_digest] = _mention(session, claimed, judged, document, now)
            session.add(mention)
        elif _is_same_item(mention, document):
            continue
        else:
            mention.copies += 1
        told[judged.text_digest] = mention
    session.flush()
    for mention in told.values():
        if not mention.is_baseline:
            desk.mention_came_in(session, mention, now)


def _mentions_of_texts(session: Session, shop_id: int, digests: Sequence[str]) -> dict[str, Mention]:
    found: dict[str, Mention] = {}
    for asked in batched(digests, ASKED_AT_ONCE):
        chosen = Mention.text_digest.in_(asked)
        for mention in session.scalars(sa.select(Mention).where(Mention.shop_id == shop_id, chosen)):
            found[mention.text_digest] = mention
    return found


def _is_same_item(mention: Mention, document: Document) -> bool:
    """Tell whether this is the item of the mention under another identity (a GUID that changed), not a copy."""
    return mention.source_id == document.source_id and mention.url == document.url


def _document(claimed: Claimed, item: Item, identity: str, now: datetime) -> Document:
    return Document(
        source_id=claimed.source.id,
        identity=identity,
        url=item.url or item.page_url,
        title=item.title,
        text=item.text,
        author=item.author,
        rating=item.rating,
        best_rating=item.best_rating,
        published_at=item.published_at,
        fetched_at=now,
        is_baseline=claimed.is_first,
    )


def _mention(session: Session, claimed: Claimed, judged: Judged, document: Document, now: datetime) -> Mention:
    judgement = judged.judgement
    order = find_order(session, claimed.shop.id, judged.order_numbers)
    return Mention(
        shop_id=claimed.shop.id,
        document_id=document.id,
        source_id=claimed.source.id,
        text_digest=judged.text_digest,
        thread=judged.thread,
        url=document.url,
        title=document.title,
        text=judged.text,
        author=document.author,
        rating=document.rating,
        best_rating=document.best_rating,
        published_at=document.published_at,
        found_at=now,
        matched_terms=list(judged.match.terms),
        standing=judged.relevance.standing,
        relevance=judged.relevance.confidence,
        clues=[asdict(clue) for clue in judged.relevance.clues],
        language=judgement.language,
        label=judgement.label,
        negative=judgement.negative,
        evidence=[part._asdict() for part in judgement.evidence],
        topics=[topic.value for topic in judgement.topics],
        copies=1,
        is_baseline=claimed.is_first,
        order_id=order.id if order else None,
    )
