"""Services of a test installation whose story desk only takes notes."""

from datetime import timedelta

import pytest

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.settings import Settings
from feedback_service.surveys.answers import AnswerDesk
from tests.support.surveys import RecordingStoryDesk


@pytest.fixture
def services(settings: Settings, clock: ManualClock, database: Database) -> Services:
    """The services, on a clock that stands still."""
    return Services(settings=settings, clock=clock, database=database)


@pytest.fixture
def story_desk() -> RecordingStoryDesk:
    """The story desk's place is taken by one that notes what it is told."""
    return RecordingStoryDesk()


@pytest.fixture
def desk(story_desk: RecordingStoryDesk) -> AnswerDesk:
    """The desk that takes answers; they stay editable for an hour."""
    return AnswerDesk(story_desk.answer_came_in, timedelta(minutes=60))
