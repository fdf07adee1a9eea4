"""Adding a source: an address is pasted, what can be read there is shown, and what is chosen is added."""

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback_service.alerts.cards import web_address
from feedback_service.bootstrap import Services
from feedback_service.errors import ConflictError, InvalidInputError, NotFoundError
from feedback_service.shops.models import AuditEntry, Role, Shop
from feedback_service.sources import registry
from feedback_service.sources.errors import FetchError, ReadError
from feedback_service.sources.finding.discovery import MOST_CANDIDATES
from feedback_service.sources.finding.finder import Discovered, discover
from feedback_service.sources.models import ABOUT_US, SourceKind
from feedback_service.sources.rules import failure_in_words
from feedback_service.sources.texts.plain import one_line
from feedback_service.sources.wording import in_words, kind_in_words, why_in_words
from feedback_service.surveys.masking import mask
from feedback_service.web import auth
from feedback_service.web.pages import language, notify, page
from feedback_service.web.staff import limits, source_words

_LONGEST_ADDRESS = 4000
_LONGEST_TITLE = 200
_LONGEST_NUMBER = 20


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the form, what it finds, and the target of what is chosen to `pages`."""
    limiter = limits.by_account(pages, "find-source")

    @pages.get("/sources/new")
    @auth.staff_only(Role.MANAGER, Role.ADMIN)
    def new_source() -> str:
        return _form()

    @pages.post("/sources/new")
    @limiter.limit(limits.BY_ACCOUNT)
    @auth.staff_only(Role.MANAGER, Role.ADMIN)
    def find_source() -> str | tuple[str, HTTPStatus]:
        address = request.form.get("address", "").strip()[:_LONGEST_ADDRESS]
        try:
            found = discover(services.source_reader, address, services.settings.fetch_timeout)
        except (FetchError, ReadError) as error:
            return _form(
                address, failure=in_words(failure_in_words(error), language())
            ), HTTPStatus.UNPROCESSABLE_ENTITY
        return _form(address, found)

    @pages.post("/sources")
    @auth.staff_only(Role.MANAGER, Role.ADMIN)
    def add_sources() -> Response:
        wanted = [_choice(value) for value in request.form.getlist("choice")[:MOST_CANDIDATES]]
        if not wanted:
            sentence = "Choose at least one of what was found."
            raise InvalidInputError(sentence, field="choice")
        shop = _shop(request.form.get("shop", ""))
        with services.database.writing() as db:
            added = [number for kind, url in wanted if (number := _add(db, services, shop, kind, url)) is not None]
        notify(source_words.added(len(added), len(wanted) - len(added), language()))
        if len(added) == 1:
            return redirect(url_for("staff.source", source_id=added[0]), HTTPStatus.SEE_OTHER)
        return redirect(url_for("staff.sources"), HTTPStatus.SEE_OTHER)


def _form(address: str = "", found: Sequence[Discovered] = (), failure: str = "") -> str:
    return page(
        "staff/source_new.html",
        address=address,
        found=found,
        failure=failure,
        about_us=bool(found) and found[0].found.kind in ABOUT_US,
        kind_in_words=kind_in_words,
        why_in_words=why_in_words,
        web_address=web_address,
        mask=mask,
    )


def _choice(value: str) -> tuple[SourceKind, str]:
    """Return kind and address of what was chosen; the form is ours, but who sends it may be anybody."""
    kind, _, url = value.partition(" ")
    try:
        return SourceKind(kind), url
    except ValueError as error:
        sentence = "What was chosen is not one of what was found."
        raise InvalidInputError(sentence, field="choice") from error


def _shop(slug: str) -> Shop:
    shops = auth.person().shops
    for shop in shops:
        if shop.slug == slug or (not slug and len(shops) == 1):
            return shop
    sentence = f"There is no shop {slug!r}."
    raise NotFoundError(sentence)


def _add(session: Session, services: Services, shop: Shop, kind: SourceKind, url: str) -> int | None:
    """Add a source as the form says; None where the shop has it already."""
    now = services.clock.now()
    about_us = request.form.get("about_us") == "yes"
    try:
        source = registry.add_source(
            session, shop, url, kind, now, title=_title(kind, url), about_us=about_us, reach=_reach()
        )
    except ConflictError:
        return None
    except FetchError as error:
        raise InvalidInputError(str(error), field="choice") from error
    registry.alert_on_the_last(source, _window_days())
    source.terms_checked_on = _day(request.form.get("terms_checked_on", ""))
    entry = AuditEntry(at=now, staff_id=auth.person().id, action="source.added", subject=f"source:{source.id}")
    session.add(entry)
    return source.id


def _title(kind: SourceKind, url: str) -> str:
    """Return what the source called itself when it was found: its first reading may be a minute away."""
    return one_line(request.form.get(f"title {kind.value} {url}", ""))[:_LONGEST_TITLE]


def _reach() -> int:
    return request.form.get("reach", 1, type=int)


def _window_days() -> int:
    text = request.form.get("window_days", "").strip()[:_LONGEST_NUMBER] or "0"
    if not (text.isascii() and text.isdigit()):
        sentence = f"{text!r} is no number of days."
        raise InvalidInputError(sentence, field="window_days")
    return int(text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        sentence = f"{text[:20]!r} is no day."
        raise InvalidInputError(sentence, field="terms_checked_on") from error
