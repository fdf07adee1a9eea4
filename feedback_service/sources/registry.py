"""The list of sources of a shop: add, list, pause, resume, read anew, make due."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.errors import ConflictError, InvalidInputError, NotFoundError
from feedback_service.shops.models import Shop
from feedback_service.sources.models import ABOUT_US, Source, SourceKind, SourceState
from feedback_service.sources.places import account_of, check_place, pushed_place

REACHES = range(1, 4)
WINDOWS = range(366)
_NEW = "Not read yet: the first scan only takes stock and alerts nobody."
_NEW_WITH_WINDOW = "Not read yet: the first scan alerts only on what was published in the last {days} days."
_PUSHED = "Nothing is fetched from here: what comes in is pushed or imported."


def add_source(
    session: Session,
    shop: Shop,
    url: str,
    kind: SourceKind,
    now: datetime,
    *,
    title: str = "",
    about_us: bool | None = None,
    reach: int = 1,
) -> Source:
    """Add a source that is due at once; nothing is fetched here, `SourceReader.find` does that before.

    `about_us`: everything there is about the shop; None for what is usual for the kind.
    Raises `FetchError` for what cannot be an address, `ConflictError` where the shop has the source already, and
    `InvalidInputError` for another reach.
    """
    address = check_place(url, kind)
    _check_reach(reach)
    if find_place(session, shop, address):
        sentence = f"{shop.name} already has the source {address}."
        raise ConflictError(sentence)
    is_pushed = kind is SourceKind.PUSHED
    source = Source(
        shop_id=shop.id,
        url=address,
        kind=kind,
        title=title,
        about_us=kind in ABOUT_US if about_us is None else about_us,
        reach=reach,
        state=SourceState.OK if is_pushed else SourceState.NEW,
        state_reason=_PUSHED if is_pushed else _NEW,
        state_since=now,
        due_at=None if is_pushed else now,
        created_at=now,
    )
    session.add(source)
    session.flush()
    return source


def _check_reach(reach: int) -> None:
    if reach not in REACHES:
        sentence = f"The reach is 1, 2 or 3, not {reach}."
        raise InvalidInputError(sentence, field="reach")


def alert_on_the_last(source: Source, days: int) -> None:
    """Let the first scan of a source alert on what was published in the last `days` days; 0: on nothing (R57).

    Raises `InvalidInputError` for less than none and more than a year.
    """
    if days not in WINDOWS:
        sentence = f"The first scan can alert on what is 0 to {WINDOWS[-1]} days old, not {days}."
        raise InvalidInputError(sentence, field="window_days")
    source.window_days = days
    if days and source.state is SourceState.NEW:
        source.state_reason = _NEW_WITH_WINDOW.format(days=days)


def pushed_source(session: Session, shop: Shop, name: str, now: datetime, *, about_us: bool) -> Source:
    """Return the source under which a shop takes in what is pushed or imported as `name`; add it if it is new.

    `about_us` counts for a new one. Raises `FetchError` for what cannot be a name.
    """
    place = pushed_place(name)
    found = find_place(session, shop, place)
    if found:
        return found
    # Two who bring the first of it at once come one after the other.
    session.execute(sa.select(Shop.id).where(Shop.id == shop.id).with_for_update(key_share=True))
    return find_place(session, shop, place) or add_source(
        session, shop, place, SourceKind.PUSHED, now, title=account_of(place), about_us=about_us
    )


def find_place(session: Session, shop: Shop, place: str) -> Source | None:
    """Return the source of a shop that is at `place` (as `check_place` gives it); None where there is none."""
    return session.scalar(sa.select(Source).where(Source.shop_id == shop.id, Source.url == check_place(place)))


def list_sources(session: Session, shop_id: int | None = None) -> Sequence[Source]:
    """Return the sources of a shop, or of all shops, oldest first."""
    chosen = sa.select(Source).order_by(Source.id)
    return session.scalars(chosen if shop_id is None else chosen.where(Source.shop_id == shop_id)).all()


def find_source(session: Session, source_id: int) -> Source:
    """Return one source; raise `NotFoundError`."""
    source = session.get(Source, source_id)
    if source is None:
        sentence = f"There is no source {source_id}."
        raise NotFoundError(sentence)
    return source


def pause(session: Session, source: Source) -> None:
    """Stop reading a source until `resume`; a poll under way ends, and does not start it again."""
    session.execute(sa.update(Source).where(Source.id == source.id).values(due_at=None, claim=None, claimed_until=None))


def resume(session: Session, source: Source, now: datetime) -> None:
    """Read a source again, from now on; raise `ConflictError` for one that is never read."""
    if source.kind is SourceKind.PUSHED:
        raise ConflictError(_PUSHED)
    session.execute(sa.update(Source).where(Source.id == source.id).values(due_at=now))


def reread(session: Session, source: Source, now: datetime) -> None:
    """Have a source read in full at the next scan, which is now: nothing of its last answer is remembered.

    A poll under way ends without a trace, or it would remember what is to be forgotten. Raises `ConflictError` for a
    source that is never read.
    """
    if source.kind is SourceKind.PUSHED:
        raise ConflictError(_PUSHED)
    forgotten = {"etag": None, "last_modified": None, "body_digest": None, "claim": None, "claimed_until": None}
    session.execute(sa.update(Source).where(Source.id == source.id).values(due_at=now, **forgotten))


def make_all_due(session: Session, now: datetime) -> int:
    """Make every source that is not paused due now; return how many."""
    due = sa.update(Source).where(Source.due_at.is_not(None)).values(due_at=now)
    return len(session.execute(due.returning(Source.id)).all())
