"""The story of the demo without a person: every step is waited for, looked at, and counted.

survey mail at the server -> open its link -> answer badly -> story -> alert mail
bad review on the site    -> scan          -> story -> alert mail   -> take and resolve as staff
Monday                    -> digest mail
"""

import re
import time
from collections.abc import Callable
from typing import TypeVar

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import Story, StoryItem, StoryState
from feedback_service.demo import cast, counts
from feedback_service.demo.counts import ALERT, DIGEST, SURVEY, Report
from feedback_service.demo.mailbox import CaughtMail
from feedback_service.demo.sites import REVIEWS_PATH
from feedback_service.demo.stage import Stage
from feedback_service.demo.visitor import Visitor
from feedback_service.errors import FeedbackError
from feedback_service.hashing import token_digest
from feedback_service.mentions.models import Mention
from feedback_service.surveys.models import Answer, Invitation

PATIENCE_SECONDS = 90.0
"""For one step. It takes seconds; the rest is for a process that is killed in the middle of it."""

_LOOK_SECONDS = 0.1
_BAD, _EFFORT = "1", "2"
_COMPLAINT = "Lampe arrivée cassée, et il a fallu trois semaines pour être remboursée."
Found = TypeVar("Found")


class StepFailedError(FeedbackError):
    """A step of the story did not come about."""


def play(stage: Stage, started_at: float) -> Report:
    """Play the story on a stage that has started; `started_at` is of `time.monotonic`.

    Raises:
        StepFailedError: a step did not come about in time, or did what it must not do.
    """
    play = _Play(stage)
    play.answer_badly()
    play.publish_bad_review()
    play.wait("the digest mail", lambda: play.mails(DIGEST))
    play.wait("every mail to be settled", lambda: counts.nothing_under_way(stage))
    return counts.report(stage, seconds=time.monotonic() - started_at)


class _Play:
    """The steps. Each waits for what the jobs do in their own process."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._database = stage.services.database

    def answer_badly(self) -> None:
        """Read a survey mail as its customer, look without storing, answer badly, and see the alert."""
        mail = self.wait("a survey mail", lambda: self.mails(SURVEY))[0]
        link = _link(mail, r"/s/[\w-]+\?r=1\b") or _link(mail, r"/s/[\w-]+")
        token = re.sub(r".*/s/([\w-]+).*", r"\1", link)
        visitor = Visitor()
        visitor.open(link)
        if self._answer(token):
            raise StepFailedError("Opening the page of a survey stored an answer.")  # noqa: EM101, TRY003 - one sentence, used once
        visitor.submit("", rating=_BAD, effort=_EFFORT, text=_COMPLAINT)
        visitor.close()
        answer = self._answer(token)
        if answer is None:
            raise StepFailedError("The answer that was sent is not stored.")  # noqa: EM101, TRY003 - as above
        story = self.wait("the story of the answer", lambda: self._story_with(StoryItem.answer_id == answer.id))
        self._wait_for_alert(story)

    def publish_bad_review(self) -> None:
        """Publish a bad review over HTTP, see it arrive, and take and resolve its story as staff."""
        visitor = Visitor()
        visitor.open(self._stage.start_page + REVIEWS_PATH)
        visitor.submit(REVIEWS_PATH, author="Visiteuse pressée")
        url = f"{self._stage.start_page}{REVIEWS_PATH}/{self._stage.sites.reviews()[0].number}"
        of_review = sa.select(Mention.id).where(Mention.url == url)
        found = StoryItem.mention_id.in_(of_review)
        story = self.wait("the story of the review", lambda: self._story_with(found))
        self._wait_for_alert(story)
        self._take_and_resolve(visitor, story)
        visitor.close()

    def mails(self, kind: str) -> list[CaughtMail]:
        """Return the mails of that kind that have reached the server."""
        return counts.at_server(self._stage, kind)

    def wait(self, what: str, look: Callable[[], Found | None]) -> Found:
        """Return what `look` finds as soon as it finds something; raise when patience ends."""
        click.echo(f"waiting for {what}", err=True)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self._stage.failure:
                raise self._stage.failure
            found = look()
            if found:
                return found
            time.sleep(_LOOK_SECONDS)
        sentence = f"No sign of {what} after {PATIENCE_SECONDS:.0f} seconds."
        raise StepFailedError(sentence)

    def _take_and_resolve(self, visitor: Visitor, story: Story) -> None:
        product = self._stage.settings.public_url
        visitor.open(f"{product}/login")
        visitor.submit("/login", email=cast.AGENT.email, password=cast.AGENT.password)
        visitor.open(f"{product}/stories/{story.id}")
        visitor.submit("/take")
        visitor.open(f"{product}/stories/{story.id}")
        visitor.submit("/resolve")
        with self._database.reading() as session:
            now = session.get_one(Story, story.id)
        if now.state is not StoryState.RESOLVED or now.acknowledged_at is None:
            sentence = f"Story {story.id} was taken and resolved by hand, but it is {now.state}."
            raise StepFailedError(sentence)

    def _wait_for_alert(self, story: Story) -> None:
        link = self._stage.services.links.story(story.id)
        pattern = re.compile(re.escape(link) + r"(?!\d)")
        self.wait(
            f"the alert mail of story {story.id}",
            lambda: [mail for mail in self.mails(ALERT) if pattern.search(mail.part("plain"))],
        )

    def _answer(self, token: str) -> Answer | None:
        by_token = Invitation.token_digest == token_digest(token)
        with self._database.reading() as session:
            return session.scalar(sa.select(Answer).join(Invitation).where(by_token))

    def _story_with(self, item: sa.ColumnElement[bool]) -> Story | None:
        with self._database.reading() as session:
            return _story(session, item)


def _story(session: Session, item: sa.ColumnElement[bool]) -> Story | None:
    return session.scalar(sa.select(Story).join(StoryItem, StoryItem.story_id == Story.id).where(item))


def _link(mail: CaughtMail, path: str) -> str:
    match = re.search(r"http://[\d.:]+" + path, mail.part("plain"))
    return match[0] if match else ""
