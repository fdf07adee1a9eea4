"""What the three who ask share (`Inviter`, `Reminders`, `PeriodicSurveys`): their means, and how a mail is posted.

Each of them goes the same way, in batches, so that ten thousand surveys that are due at once cost few statements
and no transaction is long:

    candidates -> reading: facts of a batch -> rules -> those that are due
               -> writing: the persons locked, facts read again -> rules -> invitation + mail   (one transaction)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from feedback_service.db import Database
from feedback_service.hashing import new_token
from feedback_service.links import Links
from feedback_service.mail.headers import survey_headers
from feedback_service.mail.outbox import Outbox
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.surveys.letter import Asked
from feedback_service.surveys.models import Invitation
from feedback_service.surveys.versions import Questionnaires

READ_AT_ONCE = 200
WRITTEN_AT_ONCE = 25
"""Mails of one transaction: an answer that comes meanwhile waits for no more than these to be put in words."""


def never() -> bool:
    """Tell that nobody wants the work to end early."""
    return False


Stopping = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Desk:
    """The means of asking."""

    database: Database
    outbox: Outbox
    links: Links
    settings: Settings
    questionnaires: Questionnaires

    @property
    def secret(self) -> str:
        """The key of keyed hashes."""
        return self.settings.secret_key.get_secret_value()

    def link_ends_at(self, now: datetime) -> datetime:
        """Return until when the link of a survey that is written now can be answered."""
        return now + timedelta(days=self.settings.survey_valid_days)

    def asked(self, session: Session, shop: Shop, invitation: Invitation, recipient: str, subject: str = "") -> Asked:
        """Return who is asked what, by a new link, the token of which only the mail will hold."""
        return Asked(
            recipient=recipient,
            language=invitation.language,
            token=new_token(),
            questionnaire=self.questionnaires.current(session, shop),
            subject=subject,
            has_consent=invitation.has_consent,
        )

    def headers(self, shop: Shop, asked: Asked) -> Mapping[str, str]:
        """Return the headers by which the person can object (R24)."""
        return survey_headers(shop, self.links, asked.token, self.settings)
