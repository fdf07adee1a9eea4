"""What staff decided about mentions: the lessons by which a shop is recognised better."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import table_of
from feedback_service.mentions.matching import Span, Watch
from feedback_service.mentions.models import Mention, Verdict
from feedback_service.mentions.relevance import Decided

_LATEST = 400
_MENTION = table_of(Mention).c
_DECIDED = (
    sa.select(_MENTION.text, _MENTION.verdict)
    .where(_MENTION.shop_id == sa.bindparam("shop_id"), _MENTION.verdict.is_not(None))
    .order_by(_MENTION.id.desc())
    .limit(_LATEST)
)


def decided_mentions(session: Session, shop_id: int, watch: Watch) -> list[Decided]:
    """Return the latest mentions of a shop with a verdict, with the places of its terms as they are today."""
    rows = session.connection().execute(_DECIDED, {"shop_id": shop_id}).all()
    return [Decided(text, _places(watch, text), verdict is not Verdict.NOT_US) for text, verdict in rows]


def _places(watch: Watch, text: str) -> tuple[Span, ...]:
    """Return where the name stands; misspelled, where it stands nowhere as it is spelled."""
    spans = watch.spans(text)
    match = None if spans else watch.match(text)
    return match.spans if match else spans
