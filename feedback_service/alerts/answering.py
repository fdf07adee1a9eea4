"""Answering a review where it stands: a person writes the words, the service posts them (R49).

What is about to be posted is committed first. A process that dies, and a review service that does not answer, leave
a story that says that the answer may have been posted: nobody repeats it without having looked.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service import i18n
from feedback_service.alerts.handling import StoryHandling
from feedback_service.alerts.inbox import find_story
from feedback_service.alerts.models import Story, StoryEvent
from feedback_service.clock import Clock
from feedback_service.db import Database
from feedback_service.errors import ConflictError, FeedbackError, NotFoundError
from feedback_service.mentions.models import Mention
from feedback_service.shops.models import AuditEntry, Staff
from feedback_service.sources import wording
from feedback_service.sources.apis.services import AnswerPlace
from feedback_service.sources.errors import FetchError, FetchFailure

_GUID = "id:"
# The request was on its way, and nobody knows what became of it.
_UNSURE = frozenset({FetchFailure.TIMEOUT, FetchFailure.BROKEN, FetchFailure.SERVER})


class AnswerState(StrEnum):
    """What became of an answer; the kind of the story's event that holds its words."""

    POSTING = "answering"
    POSTED = "answered"
    REFUSED = "answer_refused"
    UNSURE = "answer_unsure"


_MAY_STAND = (AnswerState.POSTING, AnswerState.POSTED, AnswerState.UNSURE)


class ReviewDesk(Protocol):
    """Posts answers to reviews; `sources.apis.desk` is one."""

    def answers_at(self, place: str) -> AnswerPlace | None:
        """Return where an answer would be read; None where none can be posted."""
        ...

    def post_reply(self, place: str, review_id: str, text: str, *, approved_by: str) -> None:
        """Post an answer; raise `FetchError` or `InvalidInputError` where it is not taken."""
        ...


@dataclass(frozen=True, slots=True)
class Answerable:
    """A review of a story that can be answered from here; `may_stand` tells that an answer may be there already."""

    mention_id: int
    place: str
    review_id: str
    service: str
    longest: int
    may_stand: bool


class ReviewAnswers:
    """Answers reviews. Each answer is two short transactions with the request between them."""

    def __init__(self, database: Database, desk: ReviewDesk, handling: StoryHandling, clock: Clock) -> None:
        self._database = database
        self._desk = desk
        self._handling = handling
        self._clock = clock

    def answerable(self, session: Session, story: Story) -> tuple[Answerable, ...]:
        """Return the reviews of a story that can be answered from here, in the story's order."""
        mentions = [item.mention for item in story.items if item.mention]
        found = (self._answerable(session, mention) for mention in mentions)
        return tuple(review for review in found if review)

    def answer(
        self, story_id: int, mention_id: int, text: str, staff_id: int, shop_ids: Collection[int], *, again: bool
    ) -> AnswerState:
        """Post `text` under a review and note it in the story, which is then the person's.

        `again` confirms that the person has looked and wants to post although an answer may stand there. Returns
        `REFUSED` where the service does not take it and `UNSURE` where it may have; the story says why.

        Raises `NotFoundError` for a review that cannot be answered, `ConflictError` where somebody else deals with the
        story or an answer may stand there.
        """
        with self._database.writing() as session:
            story = find_story(session, story_id, shop_ids)
            staff = session.get_one(Staff, staff_id)
            review = self._chosen(session, story, mention_id, staff, again=again)
            event = self._begin(session, story, review, text.strip(), staff)
            event_id, name, language = event.id, staff.name, staff.language
        state, why = self._post(review, text, name, language)
        with self._database.writing() as session:
            self._end(session, event_id, state, why)
        return state

    def _answerable(self, session: Session, mention: Mention) -> Answerable | None:
        identity, place = mention.document.identity, mention.source.url
        there = self._desk.answers_at(place)
        if there is None or not identity.startswith(_GUID):
            return None
        review_id = identity.removeprefix(_GUID)
        return Answerable(mention.id, place, review_id, there.name, there.longest, _may_stand(session, mention.id))

    def _chosen(self, session: Session, story: Story, mention_id: int, staff: Staff, *, again: bool) -> Answerable:
        _ = i18n.translations(staff.language).gettext
        found = self.answerable(session, story)
        review = next((review for review in found if review.mention_id == mention_id), None)
        if review is None:
            raise NotFoundError(_("This review cannot be answered from here."))
        self._handling.take(session, story, staff, self._clock.now())
        # Asked again under the story's lock: of two who press at once the second one sees the first one's answer.
        if _may_stand(session, mention_id) and not again:
            raise ConflictError(_("An answer may stand there already. Look at the review, then say so and post again."))
        return review

    def _begin(self, session: Session, story: Story, review: Answerable, text: str, staff: Staff) -> StoryEvent:
        now = self._clock.now()
        begun = {"kind": AnswerState.POSTING, "note": text, "mention_id": review.mention_id}
        event = StoryEvent(story_id=story.id, at=now, staff_id=staff.id, **begun)
        session.add(event)
        session.flush()
        return event

    def _post(self, review: Answerable, text: str, name: str, language: str) -> tuple[AnswerState, str]:
        try:
            self._desk.post_reply(review.place, review.review_id, text, approved_by=name)
        except FetchError as error:
            state = AnswerState.UNSURE if error.kind in _UNSURE else AnswerState.REFUSED
            return state, wording.in_words(str(error), language)
        except FeedbackError as error:
            return AnswerState.REFUSED, wording.in_words(str(error), language)
        return AnswerState.POSTED, ""

    def _end(self, session: Session, event_id: int, state: AnswerState, why: str) -> None:
        event = session.get_one(StoryEvent, event_id)
        event.kind = state
        if why:
            event.note = f"{why}\n\n{event.note}"
        subject = f"mention:{event.mention_id}"
        now = self._clock.now()
        session.add(AuditEntry(at=now, staff_id=event.staff_id, action=f"review.{state}", subject=subject))


def _may_stand(session: Session, mention_id: int) -> bool:
    noted = sa.select(StoryEvent.id).where(StoryEvent.mention_id == mention_id, StoryEvent.kind.in_(_MAY_STAND))
    return session.scalar(noted.limit(1)) is not None
