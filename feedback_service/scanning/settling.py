"""The end of a poll: what it found is stored, told and settled in one transaction, guarded by the claim."""

import random
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from feedback_service.claims import settle, settle_many
from feedback_service.mentions.models import Document
from feedback_service.scanning.ports import ScanServices
from feedback_service.scanning.stages import Catch, Claimed, Failed, Harvest
from feedback_service.scanning.storing import lock_shops, store
from feedback_service.settings import Settings
from feedback_service.sources import rules
from feedback_service.sources.adapters import Polled
from feedback_service.sources.errors import FetchError, FetchFailure, ReadError
from feedback_service.sources.items import Aggregate, Reading
from feedback_service.sources.models import Source, SourceState, host_of
from feedback_service.sources.polling import PollFacts, next_poll
from feedback_service.sources.push.subscriptions import is_pushed
from feedback_service.sources.review_pages.aggregates import fell, lasting
from feedback_service.sources.rules import Health

_RHYTHM_OF = 20

log = structlog.get_logger()


def settle_all(services: ScanServices, catches: Sequence[Catch]) -> None:
    """Settle what came in together, in one transaction: all of it, or nothing when something trips."""
    with services.database.writing() as session:
        now = services.clock.now()
        lock_shops(session, ((catch.claimed, catch.harvest) for catch in catches))
        unchanged = list[tuple[Source, dict[str, Any]]]()
        stands = list[tuple[Source, SourceState]]()
        for catch in catches:
            source, polled = catch.claimed.source, catch.polled
            if isinstance(polled, Polled) and polled.reading is None:
                unchanged.append((source, _unchanged_values(session, source, polled, services.settings, now)))
                stands.append((source, unchanged[-1][1]["state"]))
            else:
                stands.append((source, _settle(session, services, catch, now)))
        settle_many(session, Source, unchanged)
        for source, state in stands:
            services.lost_sources.source_changed_state(session, source, source.state, state, now)


def _settle(session: Session, services: ScanServices, catch: Catch, now: datetime) -> SourceState:
    """Settle one poll and return the state that its source is in now."""
    source, settings = catch.claimed.source, services.settings
    if isinstance(catch.polled, Failed):
        error = catch.polled.error
        values = _failure_values(source, error, settings, now)
        is_settled = settle(session, source, values=values)
        log.warning("source not read", source=source.id, url=source.url, kind=error.kind, why=str(error))
        return SourceState(values["state"]) if is_settled else source.state
    fall = _fall(catch.claimed, catch.polled.reading)
    values = _reading_values(session, catch.claimed, catch.polled, catch.harvest, settings, now)
    values |= _average_values(source, catch.polled.reading, str(values["state_reason"]), fall)
    if not settle(session, source, values=values):
        return source.state
    store(session, catch.claimed, catch.harvest, services.story_desk, now)
    if fall:
        services.falling_ratings.rating_fell(session, source, fall, values["aggregate"], now)
    found = catch.harvest
    log.debug("source read", source=source.id, fresh=len(found.fresh), mentions=len(found.judged))
    return SourceState(values["state"])


def _failure_values(source: Source, error: FetchError | ReadError, settings: Settings, now: datetime) -> dict[str, Any]:
    failures = source.failures + 1
    if isinstance(error, FetchError):
        health = rules.health_of_failure(error.kind, str(error), failures)
        facts = _facts(source, settings, failures=failures, retry_after=error.retry_after)
    else:
        health = rules.health_of_unreadable(error.kind, str(error), was_read=source.last_read_at is not None)
        facts = _facts(source, settings, failures=failures)
    is_gone = error.kind is FetchFailure.GONE
    return _state_values(source, health, now) | {
        "failures": failures,
        "attempts": 0,
        "last_polled_at": now,
        "due_at": None if is_gone else next_poll(now, facts, _chance()),
    }


def _unchanged_values(
    session: Session, source: Source, polled: Polled, settings: Settings, now: datetime
) -> dict[str, Any]:
    health = Health(SourceState.EMPTY, source.state_reason)
    if source.state is not SourceState.EMPTY:
        health = rules.health_of_reading(None, instants(source.recent), now, possible_gap=False)
    facts = _facts(
        source,
        settings,
        is_pushed=bool(source.hub) and is_pushed(session, source, now),
        has_validators=bool(polled.page.validators),
        published=instants(source.recent),
        asked=max(polled.page.max_age or 0, source.ttl or 0),
    )
    return _state_values(source, health, now) | _answer_values(session, source, polled, facts, now)


def _reading_values(
    session: Session, claimed: Claimed, polled: Polled, harvest: Harvest, settings: Settings, now: datetime
) -> dict[str, Any]:
    source, reading = claimed.source, polled.reading
    assert reading is not None  # noqa: S101 - what is unchanged is settled elsewhere
    gap = _is_gap(session, claimed, harvest)
    recent = latest_of(source.recent, [new.item.published_at for new in harvest.fresh], now)
    facts = _facts(
        source,
        settings,
        is_pushed=bool(source.hub) and is_pushed(session, source, now),
        has_validators=bool(polled.page.validators),
        published=instants(recent),
        asked=max(polled.page.max_age or 0, reading.ttl or 0),
        skip_hours=reading.skip_hours,
        skip_days=reading.skip_days,
        possible_gap=gap,
    )
    health = rules.health_of_reading(len(reading.items), facts.published, now, possible_gap=gap)
    values = _state_values(source, health, now) | _answer_values(session, source, polled, facts, now)
    values |= {"hub": reading.hub, "topic": reading.topic}
    values |= {"title": source.title or reading.title, "recent": recent, "ttl": reading.ttl}
    values |= {"skip_hours": sorted(reading.skip_hours), "skip_days": sorted(reading.skip_days)}
    if claimed.is_first:
        values["baseline_at"] = now
    if gap:
        values["possible_gap_at"] = now
    if harvest.fresh:
        values["last_new_at"] = now
    return values


def _average_values(source: Source, reading: Reading | None, reason: str, fall: str | None) -> dict[str, Any]:
    if reading is None or reading.aggregate is None:
        return {}
    kept = asdict(lasting(_average(source), reading.aggregate))
    return {"aggregate": kept} | ({"state_reason": f"{reason} {fall}"} if fall else {})


def _fall(claimed: Claimed, reading: Reading | None) -> str | None:
    """Return the sentence on a fall of the average that the page shows; a first scan has none."""
    before = _average(claimed.source)
    if claimed.is_first or reading is None or before is None or reading.aggregate is None:
        return None
    return fell(before, reading.aggregate)


def _average(source: Source) -> Aggregate | None:
    kept = source.aggregate
    return Aggregate(kept["value"], kept["best"], int(kept["count"])) if kept else None


def _facts(source: Source, settings: Settings, *, has_validators: bool = True, **more: Any) -> PollFacts:  # noqa: ANN401 - the other facts
    known = {"skip_hours": frozenset(source.skip_hours), "skip_days": frozenset(source.skip_days)}
    return PollFacts(
        settings.poll_interval, settings.poll_interval_max, has_validators=has_validators, **(known | more)
    )


def _state_values(source: Source, health: Health, now: datetime) -> dict[str, Any]:
    since = source.state_since if source.state is health.state else now
    return {"state": health.state, "state_reason": health.reason, "state_since": since}


def _answer_values(session: Session, source: Source, polled: Polled, facts: PollFacts, now: datetime) -> dict[str, Any]:
    url = _address(session, source, polled.page.moved_to)
    return {
        "url": url,
        "host": host_of(url),
        "etag": polled.page.validators.etag,
        "last_modified": polled.page.validators.last_modified,
        "body_digest": polled.body_digest,
        "failures": 0,
        "attempts": 0,
        "last_polled_at": now,
        "last_read_at": now,
        "due_at": next_poll(now, facts, _chance()),
    }


def _chance() -> float:
    return random.random()  # noqa: S311 - spreads polls, guards nothing


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


def latest_of(recent: Sequence[int], published: Sequence[datetime | None], now: datetime) -> list[int]:
    """Return the latest publications, in epoch seconds, oldest first; `recent` are those known before.

    A date in the future says nothing of the rhythm, and would stand there for ever.
    """
    new = {int(instant.timestamp()) for instant in published if instant}
    return sorted(second for second in {*recent, *new} if second <= now.timestamp())[-_RHYTHM_OF:]


def instants(recent: Sequence[int]) -> list[datetime]:
    """Return epoch seconds as instants."""
    return [datetime.fromtimestamp(second, UTC) for second in recent]
