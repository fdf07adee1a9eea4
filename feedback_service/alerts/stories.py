"""StoryDesk: what comes in becomes a story or joins one, and the right people are told."""

from datetime import datetime

from sqlalchemy.orm import Session

from feedback_service.alerts.models import Story
from feedback_service.links import Links
from feedback_service.mail.outbox import Outbox
from feedback_service.mentions.models import Mention
from feedback_service.surveys.models import Answer


class StoryDesk:
    """Opens stories and alerts staff, in the transaction of what came in."""

    def __init__(self, outbox: Outbox, links: Links) -> None:
        self._outbox = outbox
        self._links = links

    def mention_came_in(self, session: Session, mention: Mention, now: datetime) -> Story | None:
        """Open a story for a negative mention or let it join one; None when it is no complaint."""
        raise NotImplementedError

    def answer_came_in(self, session: Session, answer: Answer, now: datetime) -> Story | None:
        """Open a story for a low rating; None when the rating is not low."""
        raise NotImplementedError
