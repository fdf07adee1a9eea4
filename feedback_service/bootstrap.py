"""Wiring: `build(settings)` is the only place that picks adapters. Nothing happens at import.

Parts are made at first use: a web process loads the scorer only once something is pushed to it, a scan never loads
the charts.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from feedback_service import paths
from feedback_service.bell import Bell
from feedback_service.clock import Clock, SystemClock
from feedback_service.db import Database
from feedback_service.links import Links
from feedback_service.settings import Settings

if TYPE_CHECKING:
    from feedback_service.alerts.answering import ReviewAnswers
    from feedback_service.alerts.falling_ratings import FallingRatings
    from feedback_service.alerts.lost_sources import LostSources
    from feedback_service.alerts.stories import StoryDesk
    from feedback_service.digest.delivery import DigestDesk
    from feedback_service.inbound.desk import InboundDesk
    from feedback_service.learning.desk import LearningDesk
    from feedback_service.learning.scorers import ShopScorers
    from feedback_service.mail.outbox import Outbox
    from feedback_service.mail.render import Renderer
    from feedback_service.mail.transport import Transport
    from feedback_service.mail.writer import MailWriter
    from feedback_service.returns.intake import Intake
    from feedback_service.samples import SurveyTests
    from feedback_service.sources.apis.desk import ApiDesk
    from feedback_service.sources.http.fetcher import Fetcher
    from feedback_service.sources.push.subscriber import Subscriber
    from feedback_service.sources.reading import SourceReader
    from feedback_service.surveys.answers import AnswerDesk
    from feedback_service.surveys.asking import Desk
    from feedback_service.surveys.invitations import Inviter
    from feedback_service.surveys.periodic import PeriodicSurveys
    from feedback_service.surveys.reminders import Reminders
    from feedback_service.surveys.versions import Questionnaires


@dataclass(frozen=True)
class Services:
    """What the web, the jobs and the commands work with.

    `stopping` is set when the process is asked to end: a job finishes the item in hand and returns.
    """

    settings: Settings
    clock: Clock
    database: Database
    stopping: threading.Event = field(default_factory=threading.Event, compare=False)

    @property
    def secret(self) -> str:
        """The key of keyed hashes."""
        return self.settings.secret_key.get_secret_value()

    @cached_property
    def links(self) -> Links:
        """Addresses of our own pages."""
        return Links(self.settings.public_url)

    @cached_property
    def renderer(self) -> Renderer:
        """Renderer of mails; templates of the instance win over ours."""
        from feedback_service.mail.render import Renderer

        return Renderer((self.settings.instance / "templates", paths.templates_folder()), self.links)

    @cached_property
    def outbox(self) -> Outbox:
        """Takes the letters of every room."""
        from feedback_service.mail.outbox import Outbox

        settings = self.settings
        return Outbox(
            self.renderer, self.secret, settings.bounce_address, settings.mail_provider, self.bell.ring_at_commit
        )

    @cached_property
    def bell(self) -> Bell:
        """Wakes whoever sends mail."""
        return Bell(self.database, self.settings.instance)

    @cached_property
    def transport(self) -> Transport:
        """The way to the mail server."""
        from feedback_service.mail.transport import SmtpTransport

        return SmtpTransport(self.settings)

    @cached_property
    def mail_writer(self) -> MailWriter:
        """Writes the bytes of mails and signs them where the settings name a key."""
        from feedback_service.mail.writer import MailWriter

        if self.settings.dkim_key_file is None:
            return MailWriter(self.database)
        # Signing loads 8 MB of cryptography.
        from feedback_service.mail.dkim import signer

        return MailWriter(self.database, signer(self.settings))

    @cached_property
    def digest_desk(self) -> DigestDesk:
        """Builds and queues the weekly digests."""
        from feedback_service.digest.delivery import DigestDesk

        return DigestDesk(self.database, self.outbox, self.renderer, self.links)

    @cached_property
    def story_desk(self) -> StoryDesk:
        """Opens stories and alerts staff."""
        from feedback_service.alerts.stories import StoryDesk

        return StoryDesk(self.outbox, self.links)

    @cached_property
    def review_answers(self) -> ReviewAnswers:
        """Answers reviews where they stand."""
        from feedback_service.alerts.answering import ReviewAnswers

        return ReviewAnswers(self.database, self.api_desk, self.story_desk, self.clock)

    @cached_property
    def lost_sources(self) -> LostSources:
        """Tells the operator of sources that are not heard any more."""
        from feedback_service.alerts.lost_sources import LostSources

        return LostSources(self.outbox, self.links)

    @cached_property
    def falling_ratings(self) -> FallingRatings:
        """Tells the staff of a shop of averages that have fallen."""
        from feedback_service.alerts.falling_ratings import FallingRatings

        return FallingRatings(self.outbox, self.links)

    @cached_property
    def inbound_desk(self) -> InboundDesk:
        """Takes in what comes back: bounces, complaints, replies."""
        from feedback_service.inbound.correspondence import Correspondence
        from feedback_service.inbound.desk import InboundDesk

        correspondence = Correspondence(
            self.scorers.scorer_for, self.story_desk.reply_came_in, self.outbox, self.links, self.settings
        )
        return InboundDesk(self.database, self.settings, correspondence)

    @cached_property
    def _asking(self) -> Desk:
        from feedback_service.surveys.asking import Desk

        return Desk(self.database, self.outbox, self.links, self.settings, self.questionnaires)

    @cached_property
    def inviter(self) -> Inviter:
        """Queues the surveys that are due."""
        from feedback_service.surveys.invitations import Inviter

        return Inviter(self._asking)

    @cached_property
    def reminders(self) -> Reminders:
        """Queues the one reminder of each survey."""
        from feedback_service.surveys.reminders import Reminders

        return Reminders(self._asking)

    @cached_property
    def periodic(self) -> PeriodicSurveys:
        """Queues the periodic surveys that are due."""
        from feedback_service.surveys.periodic import PeriodicSurveys

        return PeriodicSurveys(self._asking)

    @cached_property
    def survey_tests(self) -> SurveyTests:
        """Writes sample mails of the surveys, for previews and tests."""
        from feedback_service.samples import SurveyTests

        return SurveyTests(self.outbox, self.links, self.settings)

    @cached_property
    def answer_desk(self) -> AnswerDesk:
        """Takes the customers' answers; a low rating goes to the story desk."""
        from feedback_service.surveys.answers import AnswerDesk

        window = timedelta(minutes=self.settings.survey_edit_minutes)
        return AnswerDesk(self.story_desk.low_ratings_came_in, window, self.questionnaires)

    @cached_property
    def questionnaires(self) -> Questionnaires:
        """Finds what the shops ask, in each version."""
        from feedback_service.surveys.versions import Questionnaires

        return Questionnaires()

    @cached_property
    def intake(self) -> Intake:
        """Records orders, returns and their events."""
        from feedback_service.returns.intake import Intake

        return Intake(self.outbox, self.secret)

    @cached_property
    def scorers(self) -> ShopScorers:
        """Hands out the scorer of each shop; word lists are read at first use."""
        from feedback_service.learning.scorers import ShopScorers

        return ShopScorers(self.database)

    @cached_property
    def learning_desk(self) -> LearningDesk:
        """Lets shops learn from their own rated texts."""
        from feedback_service.learning.desk import LearningDesk

        return LearningDesk(self.database)

    @cached_property
    def fetcher(self) -> Fetcher:
        """The one HTTP client."""
        from feedback_service.sources.http.fetcher import Fetcher

        return Fetcher(self.settings)

    @cached_property
    def source_reader(self) -> SourceReader:
        """Fetches and reads sources of every kind."""
        from feedback_service.sources.http.robots import Robots
        from feedback_service.sources.reading import SourceReader

        robots = Robots(self.fetcher, self.clock)
        pages, seconds = self.settings.fetch_max_pages, self.settings.fetch_timeout
        return SourceReader(self.fetcher, robots, lambda: self.api_desk.adapters, max_pages=pages, seconds=seconds)

    @cached_property
    def api_desk(self) -> ApiDesk:
        """Reads and answers reviews by official APIs."""
        from feedback_service.sources.apis.desk import ApiDesk

        return ApiDesk(self.settings, self.fetcher, self.clock)

    @cached_property
    def subscriber(self) -> Subscriber:
        """Keeps the subscriptions at WebSub hubs."""
        from feedback_service.sources.push.subscriber import Subscriber

        return Subscriber(self.database, self.fetcher, self.settings, self.secret)

    def with_clock(self, clock: Clock) -> Services:
        """Return the same services on another clock; for tests and simulations."""
        return replace(self, clock=clock)

    def close(self) -> None:
        """Give back what is held open."""
        if "fetcher" in self.__dict__:
            self.fetcher.close()
        self.database.close()


def build(settings: Settings) -> Services:
    """Make the services of an installation."""
    return Services(
        settings=settings,
        clock=SystemClock(timedelta(seconds=settings.clock_offset_seconds)),
        database=Database(settings.database),
    )
