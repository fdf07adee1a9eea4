"""A survey mail as a customer would get it, about a return that nobody made: for previews and tests."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from feedback_service import i18n
from feedback_service.addresses import checked_address
from feedback_service.errors import InvalidInputError
from feedback_service.links import Links
from feedback_service.mail.headers import survey_headers
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import OutboxMail
from feedback_service.mail.outbox import Outbox
from feedback_service.mail.render import Rendered
from feedback_service.returns.models import Order, Return, ReturnLine, ReturnState
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.surveys.letter import Asked, periodic_letter, reminder_letter, survey_letter
from feedback_service.surveys.models import Invitation
from feedback_service.surveys.previews import Preview, preview_token
from feedback_service.surveys.questionnaire import Questionnaire
from feedback_service.surveys.questions import Survey

_VALID = timedelta(hours=12)
_CLOSED = timedelta(hours=30)
_MARK = "[Test] "


@dataclass(frozen=True, slots=True)
class Sample:
    """Which mail is shown: of which survey, whether it is the reminder, and in which language."""

    survey: Survey
    language: str
    is_reminder: bool = False


class Samples:
    """Writes sample mails; a test is a real one through the outbox, whose link opens the preview."""

    def __init__(self, outbox: Outbox, links: Links, settings: Settings) -> None:
        self._outbox = outbox
        self._links = links
        self._settings = settings

    def rendered(self, shop: Shop, questionnaire: Questionnaire, sample: Sample, now: datetime) -> Rendered:
        """Return the mail as a customer would read it; nothing is stored."""
        return self._outbox.rendered(self._letter(shop, questionnaire, sample, "sample@example.com", now))

    def send(
        self, session: Session, shop: Shop, questionnaire: Questionnaire, sample: Sample, recipient: str, now: datetime
    ) -> OutboxMail:
        """Queue a test mail to `recipient`; `InvalidInputError` for an address that cannot be written to."""
        try:
            checked_address(recipient)
        except ValueError as error:
            sentence = f"{recipient!r} is no e-mail address: {error}"
            raise InvalidInputError(sentence, field="address") from error
        letter = self._letter(shop, questionnaire, sample, recipient, now)
        marked = {**letter.context, "subject": _MARK + self._outbox.rendered(letter).subject}
        mail = self._outbox.post(session, replace(letter, context=marked), now)
        assert mail is not None  # noqa: S101 - says it to the type checker: the cause of a test is random
        return mail

    def _letter(
        self, shop: Shop, questionnaire: Questionnaire, sample: Sample, recipient: str, now: datetime
    ) -> Letter:
        preview = Preview(shop.id, sample.survey, sample.language)
        token = preview_token(self._settings.secret_key.get_secret_value(), preview, now)
        asked = Asked(recipient, sample.language, token, questionnaire)
        headers = survey_headers(shop, self._links, token, self._settings)
        until = now + _VALID
        if sample.survey is Survey.PERIODIC:
            letter = periodic_letter(shop, "", asked, self._settings, headers, until)
        elif sample.is_reminder:
            invitation = Invitation(id=0, expires_at=now + timedelta(days=self._settings.survey_valid_days))
            invitation.returned = _sample_return(shop, sample.language, now)
            letter = reminder_letter(shop, invitation, asked, self._settings, headers, until)
        else:
            letter = survey_letter(
                shop, _sample_return(shop, sample.language, now), asked, self._settings, headers, until
            )
        return replace(letter, cause=f"survey-test:{secrets.token_hex(8)}")


def _sample_return(shop: Shop, language: str, now: datetime) -> Return:
    """Return a return that is in no table."""
    product = i18n.translations(i18n.staff_language(language)).gettext("A sample item")
    line = ReturnLine(position=1, sku="SAMPLE", product=product, quantity=1, unit_price=Decimal(1))
    return Return(
        id=0,
        shop_id=shop.id,
        state=ReturnState.REFUNDED,
        closed_at=now - _CLOSED,
        order=Order(number="12345"),
        lines=[line],
    )
