"""Review: what waits for a person to say whether it is about us, and whether it is a complaint."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from feedback_service.alerts import review as cases
from feedback_service.alerts.review import Question
from feedback_service.bootstrap import Services
from feedback_service.mentions.models import Mention, Verdict
from feedback_service.shops.models import Staff
from feedback_service.web import auth
from feedback_service.web.pages import language, notify, page, page_number
from feedback_service.web.staff import words
from feedback_service.web.staff.voices import Voice, mention_voice


@dataclass(frozen=True, slots=True)
class Case:
    """A mention that waits: what is asked of it, how sure the service is, and what was said."""

    id: int
    shop: str
    question: Question
    sureness: str
    voice: Voice


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the page of what waits and its buttons' target to `pages`."""

    @pages.get("/review")
    @auth.staff_only()
    def review() -> str:
        person = auth.person()
        names = {shop.id: shop.name for shop in person.shops}
        with services.database.reading() as db:
            found = cases.mentions_waiting(db, person.shop_ids, page_number())
            shown = [_case(mention, names[mention.shop_id], language()) for mention in found.rows]
        return page("staff/review.html", found=found, cases=shown, question_word=words.question)

    @pages.post("/review/<int:mention_id>/<said>")
    @auth.staff_only()
    def decide(mention_id: int, said: str) -> Response:
        verdict = _verdict(said)
        with services.database.writing() as db:
            staff = db.get_one(Staff, auth.person().id)
            shop_ids = auth.person().shop_ids
            cases.decide(db, services.story_desk, mention_id, shop_ids, verdict, staff, services.clock.now())
        notify(words.decided(verdict, language()))
        number = request.form.get("page", 1, type=int)
        return redirect(url_for("staff.review", page=number if number > 1 else None), HTTPStatus.SEE_OTHER)


def _verdict(said: str) -> Verdict:
    try:
        return Verdict(said)
    except ValueError as error:
        raise NotFound from error


def _case(mention: Mention, shop: str, language: str) -> Case:
    question = cases.question_of(mention)
    voice = mention_voice(mention, language)
    is_about_us = question is Question.ABOUT_US
    sureness = voice.sureness if is_about_us else words.sounds_negative(mention.negative, language)
    return Case(mention.id, shop, question, sureness, voice)
