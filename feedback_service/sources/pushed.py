"""Sources that are never polled: what comes from them is handed in, by the API or by hand."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback_service.shops.models import Shop
from feedback_service.sources.models import Source, SourceKind, SourceState

SCHEME = "pushed:"
_REASON = "Handed in from outside: nothing is read here."


def pushed_source(session: Session, shop: Shop, name: str, now: datetime) -> Source:
    """Return the source of that name of `shop`, which is made at its first use; two at once make one."""
    known = sa.select(Source).where(Source.shop_id == shop.id, Source.url == f"{SCHEME}{name}")
    source = session.scalar(known)
    if source is not None:
        return source
    try:
        with session.begin_nested():
            source = _new(shop, name, now)
            session.add(source)
    except IntegrityError:
        source = session.scalars(known).one()
    return source


def _new(shop: Shop, name: str, now: datetime) -> Source:
    return Source(
        shop_id=shop.id,
        url=f"{SCHEME}{name}",
        kind=SourceKind.PUSHED,
        title=name,
        state=SourceState.OK,
        state_reason=_REASON,
        state_since=now,
        baseline_at=now,
        due_at=None,
        created_at=now,
    )
