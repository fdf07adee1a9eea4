"""Sources: whether we still hear everything, those in trouble first; and one source with what it brought."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import sqlalchemy as sa
from flask import Blueprint, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from feedback_service.alerts import heard, removal
from feedback_service.alerts.cards import web_address
from feedback_service.bootstrap import Services
from feedback_service.errors import NotFoundError
from feedback_service.shops.models import AuditEntry, Role
from feedback_service.sources import registry
from feedback_service.sources.adapters import Asked
from feedback_service.sources.errors import FetchError, ReadError
from feedback_service.sources.explaining import Explanation, explain
from feedback_service.sources.models import Source
from feedback_service.sources.wording import in_words, kind_in_words
from feedback_service.surveys.masking import mask
from feedback_service.web import auth
from feedback_service.web.pages import language, notify, page
from feedback_service.web.staff import limits, source_words, words

Action = Callable[[Session, Source, datetime], object]

_WEEK = timedelta(days=7)
_ACTIONS: dict[str, Action] = {
    "pause": lambda db, source, _: registry.pause(db, source),
    "resume": registry.resume,
    "reread": registry.reread,
}


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the list of sources, the page of one and its buttons' targets to `pages`."""
    _add_looking(pages, services)
    _add_removal(pages, services)
    _add_changes(pages, services)


def _add_looking(pages: Blueprint, services: Services) -> None:
    limiter = limits.by_account(pages, "check-source")

    @pages.get("/sources")
    @auth.staff_only()
    def sources() -> str:
        trouble_first = sa.case((Source.state.in_(source_words.CALM), 1), else_=0)
        query = sa.select(Source).where(Source.shop_id.in_(auth.person().shop_ids))
        with services.database.reading() as db:
            found = db.scalars(query.order_by(trouble_first, Source.title, Source.url)).all()
            recent = heard.documents_since(db, [source.id for source in found], services.clock.now() - _WEEK)
        return page(
            "staff/sources.html",
            sources=found,
            recent=recent,
            coverage=source_words.coverage(found),
            troubled=[source for source in found if source_words.is_in_trouble(source)],
            **_vocabulary(),
        )

    @pages.get("/sources/<int:source_id>")
    @auth.staff_only()
    def source(source_id: int) -> str:
        return _page_of(services, source_id)

    @pages.post("/sources/<int:source_id>/check")
    @limiter.limit(limits.BY_ACCOUNT)
    @auth.staff_only(Role.MANAGER, Role.ADMIN)
    def check_source(source_id: int) -> str:
        with services.database.reading() as db:
            asked = _find(db, source_id)
        try:
            polled = services.source_reader.poll(asked.kind, Asked(asked.url))
        except (FetchError, ReadError) as error:
            return _page_of(services, source_id, failure=in_words(str(error), language()))
        if polled.reading is None:
            return _page_of(services, source_id)
        now, settings = services.clock.now(), services.settings
        told = explain(polled.page, polled.reading, settings.poll_interval, settings.poll_interval_max, now)
        return _page_of(services, source_id, checked=told)


def _add_removal(pages: Blueprint, services: Services) -> None:
    @pages.get("/sources/<int:source_id>/remove")
    @auth.staff_only(Role.MANAGER, Role.ADMIN)
    def ask_to_remove(source_id: int) -> str:
        with services.database.reading() as db:
            found = _find(db, source_id)
            return page(
                "staff/source_remove.html",
                source=found,
                gone=removal.belongings(db, found),
                name_of=source_words.name_of,
            )

    @pages.post("/sources/<int:source_id>/remove")
    @auth.staff_only(Role.MANAGER, Role.ADMIN)
    def remove_source(source_id: int) -> Response:
        with services.database.writing() as db:
            found = _find(db, source_id)
            removal.remove_source(db, found, services.clock.now(), staff_id=auth.person().id)
        notify(source_words.done("remove", language()))
        return redirect(url_for("staff.sources"), HTTPStatus.SEE_OTHER)


def _add_changes(pages: Blueprint, services: Services) -> None:
    @pages.post("/sources/<int:source_id>/<action>")
    @auth.staff_only(Role.MANAGER, Role.ADMIN)
    def change_source(source_id: int, action: str) -> Response:
        if action not in _ACTIONS:
            raise NotFound
        now = services.clock.now()
        with services.database.writing() as db:
            found = _find(db, source_id)
            _ACTIONS[action](db, found, now)
            db.add(
                AuditEntry(at=now, staff_id=auth.person().id, action=f"source.{action}", subject=f"source:{source_id}")
            )
        notify(source_words.done(action, language()))
        return redirect(url_for("staff.source", source_id=source_id), HTTPStatus.SEE_OTHER)


def _page_of(services: Services, source_id: int, *, checked: Explanation | None = None, failure: str = "") -> str:
    with services.database.reading() as db:
        source = _find(db, source_id)
        return page(
            "staff/source.html",
            source=source,
            documents=heard.last_documents(db, source_id),
            count=heard.count_documents(db, source_id),
            fate=source_words.fate,
            checked=checked,
            failure=failure,
            mask=mask,
            **_vocabulary(),
        )


def _vocabulary() -> dict[str, object]:
    return {
        "state_word": words.source_state,
        "calm": source_words.CALM,
        "name_of": source_words.name_of,
        "in_words": in_words,
        "kind_in_words": kind_in_words,
        "is_paused": source_words.is_paused,
        "web_address": web_address,
    }


def _find(session: Session, source_id: int) -> Source:
    source = session.get(Source, source_id)
    if source is None or source.shop_id not in auth.person().shop_ids:
        sentence = f"There is no source {source_id}."
        raise NotFoundError(sentence)
    return source
