"""The end of a poll: what it found is stored, told and settled in one transaction, guarded by the claim."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from feedback_service.claims import settle, settle_many
from feedback_service.mentions.models import Document
from feedback_service.scanning.ports import ScanServices
from feedback_service.scanning.stages import Catch, Claimed, Failed, Harvest
from feedback_service.scanning.storing import store
from feedback_service.settings import Settings
from feedback_service.sources import rules
from feedback_service.sources.adapters import Polled
from feedback_service.sources.errors import FetchError, FetchFailure, ReadError
from feedback_service.sources.models import Source, SourceState, host_of
from feedback_service.sources.rules import Health

_RHYTHM_OF = 20

log = structlog.get_logger()


def settle_all(services: ScanServices, catches: Sequence[Catch]) -> None:
    """Settle what came in together, in one transaction: all of it, or nothing when something trips."""
    with services.database.writing() as session:
        now = services.clock.now()
        unchanged = list[tuple[Source, dict[str, Any]]]()
        for catch in catches:
            source, polled = catch.claimed.source, catch.polled
            if isinstance(polled, Polled) and polled.reading is None:
                unchanged.append((source, _unchanged_values(session, source, polled, services.settings, now)))
            else:
                _settle(session, services, catch, now)
        settle_many(session, Source, unchanged)


def settle_one(services: ScanServices, catch: Catch) -> None:
    """Settle one source by itself."""
    settle_all(services, [catch])


def _settle(session: Session, services: ScanServices, catch: Catch, now: datetime) -> None:
    source, settings = catch.claimed.source, services.settings
    if isinstance(catch.polled, Failed):
        error = catch.polled.error
        settle(session, source, values=_failure_values(source, error, settings, now))
        log.warning("source not read", source=source.id, url=source.url, kind=error.kind, why=str(error))
        return
    values = _reading_values(session, catch.claimed, catch.polled, catch.harvest, settings, now)
    if settle(session, source, values=values):
        store(session, catch.claimed, catch.harvest, services.story_desk, now)
        found = catch.harvest
        log.debug("source read", source=source.id, fresh=len(found.fresh), mentions=len(found.judged))


def _failure_values(source: Source, error: FetchError | ReadError, settings: Settings, now: datetime) -> dict[str, Any]:
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
    return _state_values(source, health, now) | {
        "failures": failures,
        "attempts": 0,
        "last_polled_at": now,
        "due_at": None if is_gone else now + _spread(wait),
    }


def _unchanged_values(
    session: Session, source: Source, polled: Polled, settings: Settings, now: datetime
) -> dict[str, Any]:
    health = Health(SourceState.EMPTY, source.state_reason)
    if source.state is not SourceState.EMPTY:
        health = rules.health_of_reading(None, _rhythm(source), now, possible_gap=False)
    return _state_values(source, health, now) | _poll_values(session, source, polled, settings, now)


def _reading_values(
    session: Session, claimed: Claimed, polled: Polled, harvest: Harvest, settings: Settings, now: datetime
) -> dict[str, Any]:
    source = claimed.source
    items = polled.reading.items if polled.reading else ()
    gap = _is_gap(session, claimed, harvest)
    recent = _recent(source, harvest, now)
    health = rules.health_of_reading(len(items), _instants(recent), now, possible_gap=gap)
    values = _state_values(source, health, now) | _poll_values(session, source, polled, settings, now)
    values["recent"] = recent
    if claimed.is_first:
        values["baseline_at"] = now
    if gap:
        values["possible_gap_at"] = now
    if harvest.fresh:
        values["last_new_at"] = now
    return values


def _state_values(source: Source, health: Health, now: datetime) -> dict[str, Any]:
    since = source.state_since if source.state is health.state else now
    return {"state": health.state, "state_reason": health.reason, "state_since": since}


def _poll_values(session: Session, source: Source, polled: Polled, settings: Settings, now: datetime) -> dict[str, Any]:
    page, reading = polled.page, polled.reading
    asked = max(page.max_age or 0, (reading.ttl if reading else 0) or 0)
    usual = rules.interval(settings.poll_interval, has_validators=bool(page.validators), asked=asked)
    url = _address(session, source, page.moved_to)
    return {
        "url": url,
        "host": host_of(url),
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


def _is_gap(session: Session, claimed: Claimed, harvest: Harvest) -> bool:
    if claimed.is_first or harvest.known or not harvest.fresh:
        return False
    return session.scalar(sa.select(Document.id).where(Document.source_id == claimed.source.id).limit(1)) is not None


def _recent(source: Source, harvest: Harvest, now: datetime) -> list[int]:
    published = {int(new.item.published_at.timestamp()) for new in harvest.fresh if new.item.published_at}
    # A date in the future says nothing of the rhythm, and would stand here for ever.
    past = sorted(instant for instant in {*source.recent, *published} if instant <= now.timestamp())
    return past[-_RHYTHM_OF:]


def _rhythm(source: Source) -> list[datetime]:
    return _instants(source.recent)


def _instants(recent: Sequence[int]) -> list[datetime]:
    return [datetime.fromtimestamp(second, UTC) for second in recent]
