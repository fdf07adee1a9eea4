"""The subscriber: finds which feeds offer a hub, and asks the hubs; what they answer comes in by the web.

    sources with a hub --arrange--> rows that are due --ask_next--> the hub --(web) answer_hub--> active

No transaction is open while a hub is asked, and the hub may ask back before its own answer is here.
"""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from feedback_service.claims import claim_due, settle
from feedback_service.db import Database
from feedback_service.hashing import new_token, token_digest
from feedback_service.links import Links
from feedback_service.settings import Settings
from feedback_service.sources.errors import FetchError
from feedback_service.sources.http.fetcher import Fetcher, check_address
from feedback_service.sources.models import Source, SourceKind
from feedback_service.sources.push import websub
from feedback_service.sources.push.subscriptions import SubscriptionState, WebSubSubscription, is_confirmed
from feedback_service.sources.push.websub import Mode

_MOST_HUBS = 3
_LONGEST_ADDRESS = 1000  # in bytes: two of them fit an index of PostgreSQL
_FORGOTTEN_AFTER = timedelta(days=7)
_LIVE = (SubscriptionState.PENDING, SubscriptionState.ACTIVE)
_UNANSWERED = "The hub has taken the request, but has not asked yet whether we meant it."

log = structlog.get_logger()

Wanted: TypeAlias = tuple[int, str, str]
"""A subscription that there should be: source, hub, topic."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to change so that there is every subscription that is wanted, and no other."""

    begin: tuple[Wanted, ...]
    again: tuple[int, ...]
    leave: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.begin or self.again or self.leave)


def plan(wanted: Sequence[Wanted], rows: Sequence[WebSubSubscription], now: datetime) -> Plan:
    """Compare what is wanted with the rows there are. Pure.

    A feed that names another hub at each poll gets `_MOST_HUBS` at most, until the hubs before are done with.
    """
    known = {(row.source_id, row.hub, row.topic): row for row in rows}
    chosen = set(wanted)
    open_rows = Counter(row.source_id for row in rows if row.state is not SubscriptionState.ENDED)
    return Plan(
        begin=tuple(each for each in wanted if each not in known and open_rows[each[0]] < _MOST_HUBS),
        again=tuple(row.id for key, row in known.items() if key in chosen and _is_over(row, now)),
        leave=tuple(row.id for key, row in known.items() if key not in chosen and row.state in _LIVE),
    )


def _is_over(row: WebSubSubscription, now: datetime) -> bool:
    if row.state is SubscriptionState.ENDED:
        return row.due_at is None or row.due_at <= now
    return row.state is SubscriptionState.LEAVING


class Subscriber:
    """Keeps the subscriptions of an installation.

    Args:
        database: where sources and subscriptions are.
        fetcher: the one HTTP client.
        settings: public URL, private networks, caps.
        key: the installation's secret, from which callbacks and secrets follow.
    """

    def __init__(self, database: Database, fetcher: Fetcher, settings: Settings, key: str) -> None:
        self._database = database
        self._fetcher = fetcher
        self._settings = settings
        self._links = Links(settings.public_url)
        self._key = key

    def arrange(self, now: datetime) -> int:
        """Make due what has to be asked because sources came, went or changed their hub; return how much."""
        with self._database.reading() as session:
            needed = plan(self._wanted(session), session.scalars(sa.select(WebSubSubscription)).all(), now)
        if not needed:
            return 0
        with self._database.writing() as session:
            session.add_all(self._new_row(each, now) for each in needed.begin)
            for row in _rows(session, needed.again):
                self._begin_again(row, now)
            for row in _rows(session, needed.leave):
                _leave(row, now)
        return len(needed.begin) + len(needed.again) + len(needed.leave)

    def ask_next(self, now: datetime) -> bool:
        """Ask the hub that has been due for longest; False when none is due. Raises nothing that a hub may cause."""
        with self._database.writing() as session:
            row = self._claim(session, now)
        if row is None or row.asked_mode is None:
            return False
        error = self._ask(row, row.asked_mode)
        with self._database.writing() as session:
            self._settle(session, row, error, now)
        if error:
            log.warning("hub did not take the request", hub=row.hub, mode=row.asked_mode, why=str(error))
        return True

    def forget(self, now: datetime) -> int:
        """Remove the rows of subscriptions that ended long ago; return how many."""
        over = sa.and_(
            WebSubSubscription.state == SubscriptionState.ENDED,
            WebSubSubscription.state_since <= now - _FORGOTTEN_AFTER,
            sa.or_(WebSubSubscription.due_at.is_(None), WebSubSubscription.due_at <= now),
        )
        with self._database.reading() as session:
            ids = session.scalars(sa.select(WebSubSubscription.id).where(over)).all()
        if ids:
            with self._database.writing() as session:
                session.execute(sa.delete(WebSubSubscription).where(over))
        return len(ids)

    def _wanted(self, session: Session) -> list[Wanted]:
        private = self._settings.fetch_allow_private
        if websub.callback_problem(self._settings.public_url, private):
            return []
        # What is not read (paused, gone) is not pushed either, and the first scan has to take stock before.
        chosen = sa.select(Source.id, Source.hub, Source.topic, Source.url).where(
            Source.hub != "",
            Source.kind == SourceKind.FEED,
            Source.due_at.is_not(None),
            Source.baseline_at.is_not(None),
        )
        named = (
            (row.id, websub.hub_address(row.hub, private), row.topic or row.url) for row in session.execute(chosen)
        )
        return [each for each in named if _is_address(each[1]) and _is_address(each[2])]

    def _new_row(self, wanted: Wanted, now: datetime) -> WebSubSubscription:
        source_id, hub, topic = wanted
        row = WebSubSubscription(source_id=source_id, hub=hub, topic=topic, state_since=now, due_at=now)
        self._renew_nonce(row)
        return row

    def _renew_nonce(self, row: WebSubSubscription) -> None:
        row.nonce = new_token()
        row.token_digest = token_digest(websub.callback_token(self._key, row.nonce))

    def _begin_again(self, row: WebSubSubscription, now: datetime) -> None:
        if row.state is SubscriptionState.ENDED:
            self._renew_nonce(row)
        row.become(SubscriptionState.PENDING, now, "")
        row.due_at, row.failures, row.verified_at, row.lease_until = now, 0, None, None

    def _claim(self, session: Session, now: datetime) -> WebSubSubscription | None:
        lease = timedelta(seconds=3 * self._settings.fetch_timeout + self._settings.lease_seconds)
        open_ones = (WebSubSubscription.state != SubscriptionState.ENDED,)
        claimed = claim_due(session, WebSubSubscription, now=now, lease=lease, limit=1, where=open_ones)
        if not claimed:
            return None
        row = claimed[0]
        row.asked_mode = Mode.UNSUBSCRIBE if row.state is SubscriptionState.LEAVING else Mode.SUBSCRIBE
        row.asked_at = now
        # The key may be another one since the row was written.
        row.token_digest = token_digest(websub.callback_token(self._key, row.nonce))
        session.flush()
        return row

    def _ask(self, row: WebSubSubscription, mode: Mode) -> FetchError | None:
        callback = self._links.websub(websub.callback_token(self._key, row.nonce))
        form = websub.subscription_form(mode, row.topic, callback, websub.signing_secret(self._key, row.nonce))
        try:
            self._fetcher.post_form(row.hub, form)
        except FetchError as error:
            return error
        return None

    def _settle(self, session: Session, row: WebSubSubscription, error: FetchError | None, now: datetime) -> None:
        # As the hub may have left it meanwhile: it can ask back before it answers us.
        current = session.get(WebSubSubscription, row.id, with_for_update=True)
        if current is not None:
            settle(session, row, values={"attempts": 0, **_outcome(current, error, now)})


def _outcome(row: WebSubSubscription, error: FetchError | None, now: datetime) -> dict[str, Any]:
    if row.state is SubscriptionState.ENDED or (row.state is SubscriptionState.ACTIVE and is_confirmed(row)):
        return {}
    failures = row.failures + 1
    if row.state is SubscriptionState.LEAVING and failures >= websub.MOST_GOODBYES:
        ended = {"state": SubscriptionState.ENDED, "state_since": now, "due_at": None, "lease_until": None}
        return {**ended, "failures": 0, "reason": "The hub did not confirm that we left; its lease ends by itself."}
    wait = websub.patience(failures, error.retry_after if error else None)
    # Spread out, or every feed of a hub that was away would come back in the same second.
    wait *= 1 + secrets.randbelow(100) / 1000
    return {"failures": failures, "due_at": now + wait, "reason": str(error) if error else _UNANSWERED}


def _leave(row: WebSubSubscription, now: datetime) -> None:
    if row.asked_at is None:
        row.become(SubscriptionState.ENDED, now, "")
        row.due_at = None
        return
    row.become(SubscriptionState.LEAVING, now, "")
    row.due_at, row.failures = now, 0


def _rows(session: Session, ids: Sequence[int]) -> Sequence[WebSubSubscription]:
    return session.scalars(sa.select(WebSubSubscription).where(WebSubSubscription.id.in_(ids)).with_for_update()).all()


def _is_address(url: str) -> bool:
    try:
        check_address(url)
    except FetchError:
        return False
    return len(url.encode("utf-8", "replace")) <= _LONGEST_ADDRESS
