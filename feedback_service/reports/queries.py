"""The figures of a shop: `figures_of` gathers them, each part in a fixed number of statements."""

from datetime import datetime

from sqlalchemy.orm import Session

from feedback_service.reports import answered, heard, returned
from feedback_service.reports.figures import Figures, Span


def figures_of(session: Session, shop_id: int, span: Span, now: datetime) -> Figures:
    """Return every figure of the shop for `span`, as known at `now`."""
    return Figures(
        span=span,
        at=now,
        returned=returned.return_figures(session, shop_id, span),
        answered=answered.answer_figures(session, shop_id, span),
        heard=heard.heard_figures(session, shop_id, span),
        sources=heard.sources(session, shop_id, span),
    )
