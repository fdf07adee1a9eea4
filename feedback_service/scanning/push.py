"""A signed push of a hub: what is small is taken in at once, anything else is left to a poll that is due now (R56)."""

from datetime import datetime
from functools import partial

import sqlalchemy as sa
import structlog

from feedback_service.errors import NotFoundError
from feedback_service.scanning.intake import opened, take_in_of
from feedback_service.scanning.ports import ScanServices
from feedback_service.sources.errors import ReadError
from feedback_service.sources.feeds.reader import read_feed
from feedback_service.sources.items import Item
from feedback_service.sources.models import Source
from feedback_service.sources.push.subscriptions import WebSubSubscription, note_push

INLINE_BYTES = 250_000
INLINE_ITEMS = 25
"""Most that is read and judged while a hub waits for our answer: some tens of milliseconds."""
_LONGEST_TYPE = 200

log = structlog.get_logger()


def take_push(services: ScanServices, subscription: WebSubSubscription, body: bytes, content_type: str) -> None:
    """Take in what a hub pushed and signed. Never raises for what it sent; the same push twice changes nothing.

    Items of a source that was never scanned are left to its first scan, which takes stock. A source that is paused
    takes nothing.
    """
    now = services.clock.now()
    if subscription.source_id is None:
        return
    try:
        claimed = opened(services, subscription.source_id, tells=True)
    except NotFoundError:
        return
    source = claimed.source
    if source.due_at is None:
        return
    items = None if source.baseline_at is None else _items(body, subscription.topic, content_type)
    if items is None:
        _poll_now(services, source, subscription, now)
        return
    # In one transaction: a second one would keep whoever sends the alert waiting for the lock of SQLite.
    noted = partial(note_push, subscription.id)
    taken = take_in_of(services, claimed, items, noted)
    log.info("push", source=source.id, new=taken.new, known=taken.known, mentions=taken.mentions)


def _items(body: bytes, topic: str, content_type: str) -> tuple[Item, ...] | None:
    """Return the items of a body that can be read here and now; None for any other."""
    if not body.strip() or len(body) > INLINE_BYTES:
        return None
    try:
        items = read_feed(body, topic, {"content-type": content_type[:_LONGEST_TYPE]}).items
    except ReadError as error:
        log.warning("push cannot be read; the source is polled", topic=topic, why=str(error))
        return None
    return items if len(items) <= INLINE_ITEMS else None


def _poll_now(services: ScanServices, source: Source, subscription: WebSubSubscription, now: datetime) -> None:
    with services.database.writing() as session:
        due = sa.update(Source).where(Source.id == source.id, Source.due_at > now).values(due_at=now)
        session.execute(due)
        note_push(subscription.id, session, now)
