"""Services of a test installation whose story desk only takes notes."""

from datetime import timedelta

import pytest

from feedback_service.surveys.answers import AnswerDesk
from tests.support.surveys import RecordingStoryDesk


@pytest.fixture
def story_desk() -> RecordingStoryDesk:
    """The story desk's place is taken by one that notes what it is told."""
    return RecordingStoryDesk()


@pytest.fixture
def desk(story_desk: RecordingStoryDesk) -> AnswerDesk:
    """The desk that takes answers; they stay editable for an hour."""
    return AnswerDesk(story_desk.low_ratings_came_in, timedelta(minutes=60))
