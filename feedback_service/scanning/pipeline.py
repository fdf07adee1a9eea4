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

import structlog

from feedback_service.errors import DatabaseUnavailableError
from feedback_service.mentions.comparing import Met
from feedback_service.mentions.keys import Named, name
from feedback_service.scanning.judging import Judges
from feedback_service.scanning.ports import ScanServices
from feedback_service.scanning.stages import Claimed, Edited, Failed, Fresh, Harvest
from feedback_service.scanning.telling_apart import Told, nothing_stored, tell_apart, tell_gone
from feedback_service.sources import rules
from feedback_service.sources.adapters import Asked, Polled
from feedback_service.sources.errors import FetchError, ReadError, ReadFailure
from feedback_service.sources.http.pages import NO_VALIDATORS, Validators
from feedback_service.sources.items import Item, Reading
from feedback_service.sources.models import SourceKind

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
        return harvest_of(services, judges, claimed, polled.reading.items, polled.reading)
    except DatabaseUnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - logged where the failure is made of it
        return our_fault(claimed, error)


def harvest_of(
    services: ScanServices, judges: Judges, claimed: Claimed, items: Sequence[Item], reading: Reading | None = None
) -> Harvest:
    """Return which items of a source are new, edited or gone, and what of them is about its shop.

    Items come newest first, as feeds have them. `reading` is the whole of what a page shows now, where it is one.
    """
    named = name(items)
    told, gone, back = _told(services, claimed, named, reading)
    judge = judges.of(claimed.shop)
    new = (*told.compared.fresh, *told.sifted.fresh)
    fresh = tuple(Fresh(each.named, each.identity) for each in reversed(new))
    return Harvest(
        fresh=fresh,
        judged=judge.judge(fresh, claimed.source),
        known=told.compared.known,
        edited=tuple(
            Edited(met, told.before[met.known.document_id], judge.look_at(_as_fresh(met), claimed.source))
            for met in told.sifted.edits
        ),
        moved=told.compared.moved,
        quiet=told.sifted.quiet,
        gone=gone,
        back=back,
    )


def _as_fresh(met: Met) -> Fresh:
    return Fresh(met.named, met.identity)


def _told(
    services: ScanServices, claimed: Claimed, named: Sequence[Named], reading: Reading | None
) -> tuple[Told, tuple[int, ...], tuple[int, ...]]:
    if claimed.takes_stock is None and claimed.source.last_new_at is None:
        # Nothing is stored of it: there is nothing to look up.
        return nothing_stored(named), (), ()
    with services.database.reading() as session:
        told = tell_apart(session, claimed.source.id, named)
        if reading is None or claimed.source.kind is not SourceKind.REVIEW_PAGE:
            return told, (), ()
        return (told, *tell_gone(session, claimed.source.id, told, reading))


def our_fault(claimed: Claimed, error: Exception) -> Failed:
    """Return the failure that a fault of this program is; its traceback goes to the log."""
    log.error("source tripped over a fault of ours", source=claimed.source.id, url=claimed.source.url, exc_info=error)
    sentence = f"Reading it failed by a fault of this program ({type(error).__name__}); the log has it."
    return Failed(ReadError(ReadFailure.OUR_FAULT, sentence, url=claimed.source.url))
