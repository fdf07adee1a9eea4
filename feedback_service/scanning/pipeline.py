"""The pipeline: one due source, from its address to the stories.

    source --claim--> Claimed --poll--> Polled --which are new--> Fresh --match, score--> Judged
                         |                                                       |
                      Failed                                                  Harvest
                         |                                                       |
                         +--> one transaction: documents, mentions, stories, <---+
                              the source's state and its next poll

Sources are claimed and settled by the batch, and polled in threads, those of one host one after the other
(`scanning.rounds`). No transaction is open while a site is read or a text is scored. A source that fails is
settled like one that does not: it never stops the others.
"""

from collections.abc import Sequence

import sqlalchemy as sa
import structlog

from feedback_service.batches import batched
from feedback_service.errors import DatabaseUnavailableError
from feedback_service.mentions import identity
from feedback_service.mentions.models import Document
from feedback_service.scanning.judging import Judges
from feedback_service.scanning.ports import ScanServices
from feedback_service.scanning.stages import ASKED_AT_ONCE, Claimed, Failed, Found, Fresh, Harvest
from feedback_service.sources import rules
from feedback_service.sources.adapters import Asked, Polled
from feedback_service.sources.errors import FetchError, ReadError, ReadFailure
from feedback_service.sources.items import Item
from feedback_service.sources.pages import NO_VALIDATORS, Validators

log = structlog.get_logger()


def poll(services: ScanServices, claimed: Claimed) -> Polled | Failed:
    """Ask a source for what it holds now. Never raises: a fault of ours is a failure like another."""
    source = claimed.source
    if source.attempts > rules.MAX_CRASHES:
        sentence = f"Reading it has ended this program {rules.MAX_CRASHES} times; it is tried again in a day."
        return Failed(ReadError(ReadFailure.OUR_FAULT, sentence, url=source.url))
    # Until something was read there is nothing that "not modified" could refer to.
    asked = Asked(source.url)
    if not claimed.is_first:
        trusted = rules.trusts_validators(source.state)
        known = Validators(source.etag, source.last_modified) if trusted else NO_VALIDATORS
        asked = Asked(source.url, known, source.body_digest)
    try:
        return services.source_reader.poll(source.kind, asked)
    except (FetchError, ReadError) as error:
        return Failed(error)
    except Exception as error:  # noqa: BLE001 - logged where the failure is made of it
        return our_fault(claimed, error)


def harvest(services: ScanServices, judges: Judges, claimed: Claimed, polled: Polled) -> Harvest | Failed:
    """Return what is new in a poll, and what of it is about the shop. Raises only what the database raises."""
    if polled.reading is None:
        return Harvest()
    try:
        return harvest_of(services, judges, claimed, polled.reading.items).harvest
    except DatabaseUnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - logged where the failure is made of it
        return our_fault(claimed, error)


def harvest_of(services: ScanServices, judges: Judges, claimed: Claimed, items: Sequence[Item]) -> Found:
    """Return which items of a source are new, and what of them is about its shop; feeds begin with the newest."""
    names = identity.identities(items)
    named = dict(zip(names, items, strict=True))
    known = _known(services, claimed.source.id, tuple(named))
    fresh = tuple(Fresh(item, name) for name, item in reversed(named.items()) if name not in known)
    judged = judges.of(claimed.shop).judge(fresh, claimed.source) if fresh else ()
    return Found(names, Harvest(fresh, judged, len(known)))


def our_fault(claimed: Claimed, error: Exception) -> Failed:
    """Return the failure that a fault of this program is; its traceback goes to the log."""
    log.error("source tripped over a fault of ours", source=claimed.source.id, url=claimed.source.url, exc_info=error)
    sentence = f"Reading it failed by a fault of this program ({type(error).__name__}); the log has it."
    return Failed(ReadError(ReadFailure.OUR_FAULT, sentence, url=claimed.source.url))


def _known(services: ScanServices, source_id: int, names: Sequence[str]) -> set[str]:
    found: set[str] = set()
    with services.database.reading() as session:
        for asked in batched(names, ASKED_AT_ONCE):
            chosen = sa.select(Document.identity).where(Document.source_id == source_id)
            found.update(session.scalars(chosen.where(Document.identity.in_(asked))))
    return found
