"""Items that come in by another way than a poll: pushed by a hub, sent by a program, imported from an export.

They go the way of polled ones: told apart, matched, scored, stored, grouped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.batches import batched
from feedback_service.errors import NotFoundError
from feedback_service.mentions.identity import identities
from feedback_service.mentions.keys import name
from feedback_service.scanning.judging import Judges
from feedback_service.scanning.pipeline import harvest_of
from feedback_service.scanning.ports import ScanServices
from feedback_service.scanning.settling import latest_of
from feedback_service.scanning.stages import Claimed, Harvest, Stored
from feedback_service.scanning.storing import lock_shops, store
from feedback_service.scanning.telling_apart import tell_apart
from feedback_service.shops.models import Shop
from feedback_service.sources.items import Item
from feedback_service.sources.models import Source

_AT_ONCE = 500

Beside: TypeAlias = Callable[[Session, datetime], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item; `is_about_us` says nothing of one that was known before."""

    is_new: bool
    is_about_us: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """How many items were new and known, and how many of the new ones are about the shop.

    `outcomes` has one for each item, in the order given.
    """

    new: int = 0
    known: int = 0
    mentions: int = 0
    outcomes: tuple[Outcome, ...] = field(default=(), compare=False)

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(
            self.new + other.new,
            self.known + other.known,
            self.mentions + other.mentions,
            self.outcomes + other.outcomes,
        )


def take_in(
    services: ScanServices, source_id: int, items: Sequence[Item], *, tells: bool, beside: Beside | None = None
) -> Taken:
    """Take items of a source in; with `tells` the desk hears of what is about the shop, else all is a baseline.

    Idempotent: what is known changes nothing, so the same call may come twice, also while the source is being polled.
    Many items are taken in by the batch, each in its transaction, in which `beside` is written, too.
    Raises `NotFoundError` for an unknown source.
    """
    return take_in_of(services, opened(services, source_id, tells=tells), items, beside)


def take_in_of(services: ScanServices, claimed: Claimed, items: Sequence[Item], beside: Beside | None = None) -> Taken:
    """Take items of a source that was `opened` in, as `take_in` does."""
    judges, taken = Judges(services), Taken()
    for batch in batched(items, _AT_ONCE):
        taken += _take(services, judges, claimed, batch, beside)
    return taken


def count_known(services: ScanServices, source_id: int, items: Sequence[Item]) -> int:
    """Return how many of the items the source has already; nothing is stored."""
    with services.database.reading() as session:
        return tell_apart(session, source_id, name(items)).compared.known


def opened(services: ScanServices, source_id: int, *, tells: bool) -> Claimed:
    """Return a source and its shop, ready to take items in; raise `NotFoundError`."""
    with services.database.reading() as session:
        source = session.get(Source, source_id)
        if source is None:
            sentence = f"There is no source {source_id}."
            raise NotFoundError(sentence)
        return Claimed(source, session.get_one(Shop, source.shop_id), takes_stock=not tells)


def _take(
    services: ScanServices, judges: Judges, claimed: Claimed, items: Sequence[Item], beside: Beside | None
) -> Taken:
    harvest = harvest_of(services, judges, claimed, items)
    stored = _stored(services, claimed, harvest, beside) if harvest.brings_something or beside else Stored()
    called = {new.named.identity: new.identity for new in harvest.fresh}
    names = [called.get(each, each) for each in identities(items)]
    outcomes = tuple(Outcome(each in stored.new, each in stored.about_us) for each in names)
    return Taken(len(stored.new), len(items) - len(stored.new), len(stored.about_us), outcomes)


def _stored(services: ScanServices, claimed: Claimed, harvest: Harvest, beside: Beside | None) -> Stored:
    now = services.clock.now()
    with services.database.writing() as session:
        lock_shops(session, [(claimed, harvest)])
        if beside:
            beside(session, now)
        if not harvest.brings_something:
            return Stored()
        _lock(session, claimed.source.id, harvest, now)
        return store(session, claimed, harvest, services.story_desk, now)


def _lock(session: Session, source_id: int, harvest: Harvest, now: datetime) -> None:
    """Lock the source, so that two that bring the same come one after the other, and note what is news."""
    chosen = sa.select(Source).where(Source.id == source_id).with_for_update(key_share=True)
    source = session.scalars(chosen.execution_options(populate_existing=True)).one()
    # Kept for the desk, which asks the session for the source of each mention.
    session.info["source"] = source
    if harvest.fresh:
        source.last_new_at = now
        source.recent = latest_of(source.recent, [new.item.published_at for new in harvest.fresh], now)
        session.flush()
