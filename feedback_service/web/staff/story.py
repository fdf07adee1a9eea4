"""One story: what was said and where, the order and return behind it, and what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from feedback_service.alerts import inbox, wording
from feedback_service.alerts.cards import card, suggested_reply, web_address
from feedback_service.alerts.evidence import Segment, negative_spans, segments
from feedback_service.alerts.models import Story, StoryItem
from feedback_service.alerts.severity import scaled_stars
from feedback_service.alerts.voices import source_name
from feedback_service.bootstrap import Services
from feedback_service.mentions.models import Mention, Verdict
from feedback_service.returns import reasons
from feedback_service.shops.models import Staff
from feedback_service.surveys.masking import mask
from feedback_service.surveys.models import Answer
from feedback_service.web import auth
from feedback_service.web.pages import language, notify, page
from feedback_service.web.staff import words

_NOTE_LENGTH = 2000
Action = Callable[[Services, Session, Story, Staff, datetime], object]


@dataclass(frozen=True, slots=True)
class Voice:
    """A mention or an answer as it is read: its text in pieces, the telling ones marked, masked (R17)."""

    segments: tuple[Segment, ...]
    language: str
    source: str
    url: str
    stars: str
    at: datetime
    found_at: datetime | None
    copies: int
    reasons: tuple[str, ...]


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

    @pages.get("/stories/<int:story_id>")
    @auth.staff_only()
    def story(story_id: int) -> str:
        with services.database.reading() as db:
            found = inbox.find_story(db, story_id, auth.person().shop_ids)
            reply, reply_language = suggested_reply(found)
            return page(
                "staff/story.html",
                card=card(db, found, language()),
                story=found,
                voices=[voice(item, language()) for item in found.items],
                reply=reply,
                reply_language=reply_language,
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


def voice(item: StoryItem, language: str) -> Voice:
    """Return an item of a story as it is read in `language`."""
    if item.mention is not None:
        return _mention_voice(item.mention, language)
    assert item.answer is not None  # noqa: S101 - an item has the one or the other
    return _answer_voice(item.answer, language)


def _mention_voice(mention: Mention, language: str) -> Voice:
    stars = scaled_stars(mention.rating, mention.best_rating)
    return Voice(
        segments=_masked(mention),
        language=mention.language,
        source=source_name(mention),
        url=web_address(mention.url),
        stars="" if stars is None else wording.stars_words(stars, language),
        at=mention.published_at or mention.found_at,
        found_at=mention.found_at if mention.published_at else None,
        copies=mention.copies,
        reasons=(),
    )


def _masked(mention: Mention) -> tuple[Segment, ...]:
    """Return the text in masked pieces; unmarked where a mark would cut an address so that it is not known as one."""
    pieces = segments(mention.text, negative_spans(mention.evidence, len(mention.text)))
    masked = tuple(Segment(mask(piece.text), piece.is_marked) for piece in pieces)
    whole = mask(mention.text)
    return masked if "".join(piece.text for piece in masked) == whole else (Segment(whole, is_marked=False),)


def _answer_voice(answer: Answer, language: str) -> Voice:
    return Voice(
        segments=(Segment(mask(answer.text), is_marked=False),) if answer.text else (),
        language=answer.language,
        source=wording.survey_source(language),
        url="",
        stars=wording.stars_words(answer.rating, language),
        at=answer.created_at,
        found_at=None,
        copies=1,
        reasons=tuple(reasons.label(reason, language) for reason in answer.reasons),
    )
