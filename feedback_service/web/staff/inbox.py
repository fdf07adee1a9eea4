"""The inbox: what needs an answer now, worst first. It asks for itself anew every 20 seconds."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from feedback_service.alerts import inbox as shelves
from feedback_service.alerts.cards import Card, card
from feedback_service.alerts.inbox import Shelf
from feedback_service.bootstrap import Services
from feedback_service.hashing import content_digest
from feedback_service.web import auth
from feedback_service.web.pages import language, page, page_number


@dataclass(frozen=True, slots=True)
class View:
    """What the inbox shows; `mark` changes with anything but the mere passing of time."""

    shelf: Shelf
    cards: tuple[Card, ...]
    counts: dict[Shelf, int]
    number: int
    pages: int
    mark: str


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the inbox and the piece of it that is polled to `pages`."""

    @pages.get("/")
    def start() -> Response:
        return redirect(url_for("staff.inbox"))

    @pages.get("/inbox")
    @auth.staff_only()
    def inbox() -> str:
        return page("staff/inbox.html", view=_view(services))

    @pages.get("/inbox/list")
    @auth.staff_only()
    def inbox_list() -> str | tuple[str, int]:
        view = _view(services)
        if request.args.get("mark") == view.mark:
            # Nothing new: the page is left alone, a screen reader stays silent.
            return "", HTTPStatus.NO_CONTENT
        return page("staff/inbox_list.html", view=view)


def _view(services: Services) -> View:
    try:
        shelf = Shelf(request.args.get("shelf", Shelf.OPEN))
    except ValueError:
        shelf = Shelf.OPEN
    shop_ids = auth.person().shop_ids
    with services.database.reading() as db:
        found = shelves.stories_on(db, shelf, shop_ids, page_number())
        cards = tuple(card(db, story, language()) for story in found.rows)
        counts = shelves.counts(db, shop_ids)
    mark = content_digest(repr((cards, counts, found.number)))[:16]
    return View(shelf, cards, counts, found.number, found.pages, mark)
