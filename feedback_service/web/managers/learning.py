"""What the shops learned from their own texts, whether it is used, and what an administrator can do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from feedback_service import i18n
from feedback_service.bootstrap import Services
from feedback_service.errors import NotFoundError
from feedback_service.formats import zone
from feedback_service.learning import desk, wording
from feedback_service.learning.models import ShopModel
from feedback_service.learning.wording import Rows
from feedback_service.shops.models import Role, Shop
from feedback_service.web import auth
from feedback_service.web.pages import language, notify, page

Action = Callable[[Session, int, datetime, int], None]


@dataclass(frozen=True, slots=True)
class Lesson:
    """How the learning of one shop stands, in words; `figures` is empty where nothing was learned."""

    shop: Shop
    is_on: bool
    has_learned: bool
    answer: str
    facts: Rows
    figures: Rows


_ACTIONS: dict[str, Action] = {
    "on": lambda db, shop_id, now, staff_id: desk.switch(db, shop_id, is_on=True, now=now, staff_id=staff_id),
    "off": lambda db, shop_id, now, staff_id: desk.switch(db, shop_id, is_on=False, now=now, staff_id=staff_id),
    "delete": lambda db, shop_id, now, staff_id: desk.forget(db, shop_id, now, staff_id=staff_id),
    "learn": lambda db, shop_id, now, staff_id: desk.learn_soon(db, shop_id, now, staff_id=staff_id),
}


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the page of what was learned and its buttons' target to `pages`."""

    @pages.get("/learning")
    @auth.staff_only(Role.MANAGER, Role.ADMIN)
    def learning() -> str:
        now = services.clock.now()
        with services.database.reading() as db:
            models = [(shop, desk.model_of(db, shop.id)) for shop in auth.person().shops]
        lessons = [_lesson(shop, model, now, language()) for shop, model in models]
        return page("managers/learning.html", lessons=lessons)

    @pages.post("/learning/<slug>/<action>")
    @auth.staff_only(Role.ADMIN)
    def change_learning(slug: str, action: str) -> Response:
        shop = _shop(slug)
        if action not in _ACTIONS:
            raise NotFound
        with services.database.writing() as db:
            _ACTIONS[action](db, shop.id, services.clock.now(), auth.person().id)
        notify(_done(action, language()))
        return redirect(url_for("managers.learning"), HTTPStatus.SEE_OTHER)


def _lesson(shop: Shop, model: ShopModel, now: datetime, language: str) -> Lesson:
    return Lesson(
        shop=shop,
        is_on=model.is_on,
        has_learned=model.weights is not None,
        answer=wording.answer(model, language),
        facts=wording.facts(model, language, zone(shop.time_zone), now),
        figures=wording.figures(model, language),
    )


def _shop(slug: str) -> Shop:
    for shop in auth.person().shops:
        if shop.slug == slug:
            return shop
    sentence = f"There is no shop {slug!r}."
    raise NotFoundError(sentence)


def _done(action: str, language: str) -> str:
    _ = i18n.translations(language).gettext
    return {
        "on": _("Switched on: what was learned is used where it judges better."),
        "off": _("Switched off: mentions are judged as for every shop."),
        "delete": _("Deleted, and switched off. The texts themselves are still there."),
        "learn": _("It learns at the next run, within the hour."),
    }[action]
