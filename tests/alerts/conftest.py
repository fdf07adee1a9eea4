"""A story desk with its outbox, on each database."""

import pytest

from feedback_service import paths
from feedback_service.alerts.stories import StoryDesk
from feedback_service.links import Links
from feedback_service.mail.outbox import Outbox
from feedback_service.mail.render import Renderer
from tests.support.builders import SECRET


@pytest.fixture
def desk() -> StoryDesk:
    """A story desk."""
    links = Links("https://feedback.example.com")
    return StoryDesk(Outbox(Renderer((paths.templates_folder(),), links), SECRET), links)
