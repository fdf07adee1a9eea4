"""One story: what was said and where, the order and return behind it, and what to do about it."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from feedback_service.alerts import inbox
from feedback_service.alerts.cards import card, suggested_reply
from feedback_service.alerts.models import Story
from feedback_service.alerts.writing_back import writing_back
from feedback_service.bootstrap import Services
from feedback_service.mentions.models import Verdict
from feedback_service.shops.models import Staff
from feedback_service.web import auth
from feedback_service.web.pages import language, notify, page
from feedback_service.web.staff import words
from feedback_service.web.staff.voices import voice

_NOTE_LENGTH = 2000
_ANSWER_LENGTH = 10_000
Action = Callable[[Services, Session, Story, Staff, datetime], object]


_ACTIONS: dict[str, Action] = {
    "take": lambda services, db, story, staff, now: services.story_desk.take(db, story, staff, now),
    "resolve": lambda services, db, story, staff, now: services.story_desk.resolve(
        db, story, staff, now, note=request.form.get("note", "")[:_NOTE_LENGTH]
    ),
    "not_us": lambda services, db, story, staff, now: services.story_desk.dismiss(
        db, story, staff, now, Verdict.NOT_US
    ),
    "not_negative": lambda services, db, story, staff, now: services.story_desk.dismiss(
        db, story, staff, now, Verdict.NOT_NEGATIVE
    ),
    "reopen": lambda services, db, story, staff, now: services.story_desk.reopen(db, story, staff, now),
}


def add_views(pages: Blueprint, services: Services) -> None:
    """Add a story's page and its buttons' targets to `pages`."""
    _add_answering(pages, services)

    @pages.get("/stories/<int:story_id>")
    @auth.staff_only()
    def story(story_id: int) -> str:
        with services.database.reading() as db:
            found = inbox.find_story(db, story_id, auth.person().shop_ids)
            reply, reply_language = suggested_reply(found)
            answerable = services.review_answers.answerable(db, found)
            return page(
                "staff/story.html",
                card=card(db, found, language()),
                story=found,
                voices=[voice(item, language()) for item in found.items],
                reply=reply,
                reply_language=reply_language,
                answerable=answerable,
                back=writing_back(found, services.secret),
                finds_orders=bool(found.shop.order_number_pattern),
                event_word=words.event_word,
                state_of_return=words.return_state,
            )

    @pages.post("/stories/<int:story_id>/<action>")
    @auth.staff_only()
    def act(story_id: int, action: str) -> Response:
        if action not in _ACTIONS:
            raise NotFound
        with services.database.writing() as db:
            found = inbox.find_story(db, story_id, auth.person().shop_ids)
            staff = db.get_one(Staff, auth.person().id)
            _ACTIONS[action](services, db, found, staff, services.clock.now())
        notify(words.done(action, language()))
        return redirect(url_for("staff.story", story_id=story_id))


def _add_answering(pages: Blueprint, services: Services) -> None:
    @pages.post("/stories/<int:story_id>/answer/<int:mention_id>")
    @auth.staff_only()
    def answer(story_id: int, mention_id: int) -> Response:
        text, again = request.form.get("text", "")[:_ANSWER_LENGTH], "again" in request.form
        who = auth.person()
        state = services.review_answers.answer(story_id, mention_id, text, who.id, who.shop_ids, again=again)
        notify(words.answered(state, language()))
        return redirect(url_for("staff.story", story_id=story_id))
