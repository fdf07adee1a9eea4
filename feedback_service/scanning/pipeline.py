"""The pipeline: one due source, from its address to the stories.

    source --claim--> Claimed --fetch, read--> Polled --which are new--> Fresh --match, score--> Judged
                                  |                                                                |
                               Failed                                                           Harvest
                                  |                                                                |
                                  +-----> one transaction: documents, mentions, stories, <---------+
                                          the source's state and its next poll

No transaction is open while a site is read or a text is scored. A source that fails is settled like one
that does not: it never stops the others.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from feedback_service.batches import batched
from feedback_service.claims import claim_due
from feedback_service.errors import DatabaseUnavailableError
from feedback_service.mentions import identity
from feedback_service.mentions.matching import Watch
from feedback_service.mentions.models import Document
from feedback_service.mentions.order_link import order_numbers
from feedback_service.mentions.relevance import Identity, Lore, Standing, context_watch
from feedback_service.mentions.verdicts import decided_mentions
from feedback_service.scanning.ports import ScanServices
from feedback_service.scanning.settling import settle_failed, settle_polled
from feedback_service.scanning.stages import ASKED_AT_ONCE, Claimed, Failed, Fresh, Harvest, Judged
from feedback_service.shops.models import Shop
from feedback_service.sources import rules
from feedback_service.sources.adapters import Asked, Polled
from feedback_service.sources.errors import FetchError, ReadError, ReadFailure
from feedback_service.sources.models import Source
from feedback_service.sources.pages import Validators

log = structlog.get_logger()


def scan_next(services: ScanServices, due_by: datetime | None = None) -> bool:
    """Read the source that has been due for longest; False when none is due (by `due_by`, or now).

    Never raises for what a source sends. Raises what the database raises: the claim's lease then makes
    the source due again.
    """
    claimed = _claim(services, due_by)
    if claimed is None:
        return False
    try:
        _scan(services, claimed)
    except DatabaseUnavailableError:
        raise
    except Exception as error:
        log.exception("source tripped over a fault of ours", source=claimed.source.id, url=claimed.source.url)
        sentence = f"Reading it failed by a fault of this program ({type(error).__name__}); the log has it."
        _settle_failed(services, claimed, ReadError(ReadFailure.OUR_FAULT, sentence, url=claimed.source.url))
    return True


def _claim(services: ScanServices, due_by: datetime | None) -> Claimed | None:
    now = services.clock.now()
    lease = timedelta(seconds=3 * services.settings.fetch_timeout + services.settings.lease_seconds)
    with services.database.writing() as session:
        sources = claim_due(session, Source, now=now, lease=lease, limit=1, where=(Source.due_at <= (due_by or now),))
        return Claimed(sources[0], session.get_one(Shop, sources[0].shop_id)) if sources else None


def _scan(services: ScanServices, claimed: Claimed) -> None:
    polled = _poll(services, claimed)
    if isinstance(polled, Failed):
        _settle_failed(services, claimed, polled.error)
        return
    harvest = _harvest(services, claimed, polled)
    now = services.clock.now()
    with services.database.writing() as session:
        settled = settle_polled(session, claimed, polled, harvest, services.story_desk, services.settings, now)
    if settled:
        log.debug("source_read", source=claimed.source.id, fresh=len(harvest.fresh), mentions=len(harvest.judged))


def _settle_failed(services: ScanServices, claimed: Claimed, error: FetchError | ReadError) -> None:
    with services.database.writing() as session:
        settle_failed(session, claimed, error, services.settings, services.clock.now())
    log.warning("source not read", source=claimed.source.id, url=claimed.source.url, kind=error.kind, why=str(error))


def _poll(services: ScanServices, claimed: Claimed) -> Polled | Failed:
    source = claimed.source
    if source.attempts > rules.MAX_CRASHES:
        sentence = f"Reading it has ended this program {rules.MAX_CRASHES} times; it is tried again in a day."
        return Failed(ReadError(ReadFailure.OUR_FAULT, sentence, url=source.url))
    # Until something was read there is nothing that "not modified" could refer to.
    asked = Asked(source.url)
    if not claimed.is_first:
        asked = Asked(source.url, Validators(source.etag, source.last_modified), source.body_digest)
    try:
        return services.source_reader.poll(source.kind, asked)
    except (FetchError, ReadError) as error:
        return Failed(error)


def _harvest(services: ScanServices, claimed: Claimed, polled: Polled) -> Harvest:
    if polled.reading is None:
        return Harvest()
    items = polled.reading.items
    named = dict(zip(identity.identities(items), items, strict=True))
    known = _known(services, claimed.source.id, tuple(named))
    fresh = tuple(Fresh(item, name) for name, item in reversed(named.items()) if name not in known)
    return Harvest(fresh, _judge(fresh, claimed, services), len(known))


def _known(services: ScanServices, source_id: int, names: Sequence[str]) -> set[str]:
    found: set[str] = set()
    with services.database.reading() as session:
        for asked in batched(names, ASKED_AT_ONCE):
            chosen = sa.select(Document.identity).where(Document.source_id == source_id)
            found.update(session.scalars(chosen.where(Document.identity.in_(asked))))
    return found


def _judge(fresh: Sequence[Fresh], claimed: Claimed, services: ScanServices) -> tuple[Judged, ...]:
    shop, source = claimed.shop, claimed.source
    watch = Watch(shop.terms_any, shop.terms_all, shop.terms_none)
    texts = [(new, identity.judged_text(new.item)) for new in fresh]
    matched = [(new, text, watch.match(text, about_us=source.about_us)) for new, text in texts]
    if not any(match for _, _, match in matched):
        return ()
    scorer = services.scorers.scorer_for(shop)
    us = _identity_of(shop, watch, services)
    judged = []
    for new, text, match in matched:
        if match is None:
            continue
        judgement = scorer.score(text)
        relevance = us.relevance(text, match, judgement, url=new.item.url, about_us=source.about_us)
        if relevance.standing is not Standing.NOT_US:
            judged.append(
                Judged(
                    fresh=new,
                    match=match,
                    text=text,
                    text_digest=identity.text_digest(text, new.identity),
                    thread=identity.thread_key(new.item, source.url, new.identity),
                    order_numbers=order_numbers(text, shop.order_number_pattern),
                    judgement=judgement,
                    relevance=relevance,
                )
            )
    return tuple(judged)


def _identity_of(shop: Shop, watch: Watch, services: ScanServices) -> Identity:
    with services.database.reading() as session:
        lore = Lore(decided_mentions(session, shop.id, watch))
    return Identity(watch, context_watch(shop.terms_context), shop.website, lore)
