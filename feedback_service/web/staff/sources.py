"""Sources: whether we still hear everything, those in trouble first."""

import sqlalchemy as sa
from flask import Blueprint

from feedback_service.alerts.cards import web_address
from feedback_service.bootstrap import Services
from feedback_service.sources.models import Source, SourceState
from feedback_service.sources.wording import in_words
from feedback_service.web import auth
from feedback_service.web.pages import page
from feedback_service.web.staff import words

_CALM = (SourceState.OK, SourceState.NEW)


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the list of sources to `pages`."""

    @pages.get("/sources")
    @auth.staff_only()
    def sources() -> str:
        trouble_first = sa.case((Source.state.in_(_CALM), 1), else_=0)
        query = sa.select(Source).where(Source.shop_id.in_(auth.person().shop_ids))
        with services.database.reading() as db:
            found = db.scalars(query.order_by(trouble_first, Source.title, Source.url)).all()
            return page(
                "staff/sources.html",
                sources=found,
                troubled=[source for source in found if source.state not in _CALM],
                state_word=words.source_state,
                in_words=in_words,
                web_address=web_address,
            )
