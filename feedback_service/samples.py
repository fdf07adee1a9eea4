"""Every mail there is, about an invented return or review: for previews, tests to oneself, and the check of templates.

The letters are made by the functions that make the real ones, of rows that are in no database. The digest is that of
the shop itself. Links lead to a preview of the survey's page.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from feedback_service.addresses import checked_address
from feedback_service.alerts.letters import alert_letter, source_context, staff_letter
from feedback_service.alerts.models import Level, Story, StoryItem, StoryState
from feedback_service.alerts.severity import Assessment, Reason, ReasonKind
from feedback_service.digest import builder
from feedback_service.digest.delivery import digest_letter
from feedback_service.digest.paper import paper
from feedback_service.digest.periods import last_complete_week
from feedback_service.errors import InvalidInputError, NotFoundError
from feedback_service.formats import zone
from feedback_service.links import Links
from feedback_service.mail import broken_templates
from feedback_service.mail.flaws import Flaw
from feedback_service.mail.headers import survey_headers
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import Audience, OutboxMail
from feedback_service.mail.outbox import Outbox
from feedback_service.mail.render import Rendered
from feedback_service.mentions.models import Mention
from feedback_service.returns.models import Customer, Order, OrderLine, Return, ReturnLine, ReturnState
from feedback_service.returns.notices import TEMPLATES, notice_context
from feedback_service.sentiment.judgement import Label
from feedback_service.settings import Settings
from feedback_service.shops.models import Role, Shop, Staff
from feedback_service.sources.models import Source, SourceKind
from feedback_service.surveys.letter import Asked, periodic_letter, reminder_letter, survey_letter
from feedback_service.surveys.models import Invitation
from feedback_service.surveys.previews import Preview, preview_token
from feedback_service.surveys.questionnaire import SHIPPED, Questionnaire
from feedback_service.surveys.questions import Survey

SURVEY, REMINDER, PERIODIC = "survey", "survey_reminder", "survey_periodic"
_VALID = timedelta(hours=12)
_MARK = "[Test] "
_MISTYPED = Flaw("'%(name)s' is undefined", values={"name": "nmae"}, file="mail/survey/body.txt", line=3)
_RECIPIENT = "camille@example.com"
_QUOTE = {
    "fr": "Colis jamais arrivé, et le service client ne répond pas.",
    "en": "The parcel never arrived, and nobody answers.",
}


@dataclass(frozen=True, slots=True)
class Sampler:
    """Makes the sample letters of one shop in one language; `shop` may be in a database or in none."""

    shop: Shop
    settings: Settings
    links: Links
    language: str
    now: datetime
    questionnaire: Questionnaire = SHIPPED

    def to_customers(self) -> Iterator[Letter]:
        """Yield what a customer of the shop may get, the survey first."""
        yield self.survey()
        yield self.reminder()
        yield self.periodic()
        for state in TEMPLATES:
            yield self.notice(state)

    def to_customer(self, kind: str) -> Letter:
        """Return the one of `to_customers` with that template; `NotFoundError` where there is none."""
        for letter in self.to_customers():
            if letter.template == kind:
                return letter
        sentence = f"There is no mail {kind!r} to customers."
        raise NotFoundError(sentence)

    def to_staff(self, session: Session) -> Iterator[Letter]:
        """Yield what the shop's staff may get."""
        yield self.alert()
        yield self.digest(session)
        source = self._source()
        about = source_context(source, self.links)
        lost = {"reason": "404", "since": self.now - timedelta(days=2)}
        fell = {"sentence": "4.6 → 4.1"}
        missed = {"last_at": self.now - timedelta(hours=5), "overdue": 3, "sources_url": self.links.sources()}
        contexts: dict[str, Mapping[str, object]] = {
            "source_lost": about | lost,
            "source_heard": about | lost,
            "rating_fell": about | fell,
            "scan_missed": missed,
            "customer_reply": self._reply(),
            broken_templates.TEMPLATE: {
                "failed": SURVEY,
                "in_language": self.language,
                "why": broken_templates.in_words((_MISTYPED,), self.language),
            },
        }
        for template, context in contexts.items():
            yield staff_letter(template, self.shop, self._staff(), context, cause=f"sample:{template}")

    def survey(self) -> Letter:
        """Return the survey mail."""
        returned = self._return(ReturnState.REFUNDED)
        asked = self._asked(Survey.RETURN)
        return survey_letter(self.shop, returned, asked, self.settings, self._headers(asked), self._ends_at())

    def reminder(self) -> Letter:
        """Return the reminder of a survey."""
        invitation = Invitation(id=1, returned=self._return(ReturnState.REFUNDED), expires_at=self._ends_at())
        asked = self._asked(Survey.RETURN)
        return reminder_letter(self.shop, invitation, asked, self.settings, self._headers(asked), self._ends_at())

    def periodic(self) -> Letter:
        """Return the mail of the periodic survey."""
        asked = self._asked(Survey.PERIODIC)
        return periodic_letter(
            self.shop, "sample:periodic", asked, self.settings, self._headers(asked), self._ends_at()
        )

    def notice(self, state: ReturnState) -> Letter:
        """Return the mail about a step of a return."""
        customer = Customer(name="Camille Exemple", email=_RECIPIENT, language=self.language)
        return Letter(
            template=TEMPLATES[state],
            audience=Audience.CUSTOMER,
            cause=f"sample:{state.value}",
            recipient=_RECIPIENT,
            language=self.language,
            shop=self.shop,
            context=notice_context(self.shop, self._return(state), customer, self.now),
        )

    def alert(self) -> Letter:
        """Return the alert of a story."""
        text = _QUOTE.get(self.language, _QUOTE["en"])
        mention = Mention(
            id=1,
            url="https://reviews.example.com/1",
            title="",
            text=text,
            rating=1.0,
            best_rating=5.0,
            label=Label.NEGATIVE,
            negative=0.97,
            evidence=[],
            topics=[],
            language=self.language,
            copies=1,
            is_baseline=False,
            source=self._source(),
            found_at=self.now,
            published_at=self.now,
        )
        story = Story(
            id=1,
            shop=self.shop,
            key="sample",
            title=text,
            why="",
            level=Level.CRISIS,
            severity=80.0,
            state=StoryState.OPEN,
            opened_at=self.now,
            updated_at=self.now,
            items=[StoryItem(mention=mention)],
            order=self._order(),
            returned=self._return(ReturnState.RECEIVED),
        )
        found = Assessment(
            80.0, Level.CRISIS, (Reason(ReasonKind.STARS, 20, numbers=(1.0,)), Reason(ReasonKind.REFUND_OPEN, 10))
        )
        return alert_letter(story, self.shop, self._staff(), found, cause="sample:alert", story_url=self.links.story(1))

    def digest(self, session: Session) -> Letter:
        """Return the digest of the last week, with the shop's own figures."""
        week = last_complete_week(self.now, zone(self.shop.time_zone))
        contents = builder.build(session, self.shop, week, self.now)
        in_words = paper(contents, self.shop, self.language, self.links)
        return digest_letter(self.shop, self._staff(), in_words, self.links.dashboard(), cause="sample:digest")

    def _reply(self) -> Mapping[str, object]:
        return {
            "subject": "Re: Lampe Aube",
            "text": _QUOTE.get(self.language, _QUOTE["en"]),
            "sender": _RECIPIENT,
            "has_attachments": True,
            "our_subject": "Lampe Aube",
            "number": "R-2041",
            "return_url": self.links.returned(1),
        }

    def _asked(self, survey: Survey) -> Asked:
        preview = Preview(self.shop.id or 0, survey, self.language)
        token = preview_token(self.settings.secret_key.get_secret_value(), preview, self.now)
        return Asked(_RECIPIENT, self.language, token, self.questionnaire)

    def _headers(self, asked: Asked) -> Mapping[str, str]:
        return survey_headers(self.shop, self.links, asked.token, self.settings)

    def _ends_at(self) -> datetime:
        return self.now + timedelta(days=self.settings.survey_valid_days)

    def _staff(self) -> Staff:
        return Staff(id=0, email=_RECIPIENT, name="Camille", role=Role.ADMIN, language=self.language)

    def _order(self) -> Order:
        lamp = OrderLine(position=1, sku="LAMP", product="Lampe Aube", quantity=2, unit_price=Decimal("50.00"))
        return Order(external_id="10001", number="10001", currency=self.shop.currency, lines=[lamp])

    def _return(self, state: ReturnState) -> Return:
        lines = [
            ReturnLine(position=1, sku="LAMP", product="Lampe Aube", quantity=1, unit_price=Decimal("50.00")),
            ReturnLine(position=2, sku="CORD", product="Cordon lin", quantity=1, unit_price=Decimal("9.90")),
        ]
        closed_at = self.now - timedelta(hours=30)
        return Return(
            id=1,
            external_id="R-2041",
            order=self._order(),
            order_reference="10001",
            state=state,
            language=self.language,
            currency=self.shop.currency,
            requested_at=self.now - timedelta(days=4),
            received_at=self.now - timedelta(days=2),
            state_at=closed_at,
            closed_at=closed_at,
            refund_amount=Decimal("59.90"),
            lines=lines,
        )

    def _source(self) -> Source:
        return Source(
            url="https://reviews.example.com/shop",
            kind=SourceKind.REVIEW_PAGE,
            title="Avis Exemple",
            reach=2,
            state_since=self.now,
        )


class SurveyTests:
    """Survey mails as a customer would get them, for staff: shown, or sent to themselves through the outbox."""

    def __init__(self, outbox: Outbox, links: Links, settings: Settings) -> None:
        self._outbox = outbox
        self._links = links
        self._settings = settings

    def rendered(self, shop: Shop, questionnaire: Questionnaire, kind: str, language: str, now: datetime) -> Rendered:
        """Return the mail `kind` as a customer would read it; nothing is stored."""
        return self._outbox.rendered(self._letter(shop, questionnaire, kind, language, now))

    def send(
        self,
        session: Session,
        shop: Shop,
        questionnaire: Questionnaire,
        kind: str,
        language: str,
        recipient: str,
        now: datetime,
    ) -> OutboxMail:
        """Queue a test mail to `recipient`; `InvalidInputError` for an address that cannot be written to."""
        try:
            checked_address(recipient)
        except ValueError as error:
            sentence = f"{recipient!r} is no e-mail address: {error}"
            raise InvalidInputError(sentence, field="address") from error
        letter = self._letter(shop, questionnaire, kind, language, now)
        test = replace(
            letter,
            recipient=recipient,
            cause=f"survey-test:{secrets.token_hex(8)}",
            context={**letter.context, "subject": _MARK + self._outbox.rendered(letter).subject},
            expires_at=now + _VALID,
        )
        mail = self._outbox.post(session, test, now)
        assert mail is not None  # noqa: S101 - says it to the type checker: the cause of a test is random
        return mail

    def _letter(self, shop: Shop, questionnaire: Questionnaire, kind: str, language: str, now: datetime) -> Letter:
        return Sampler(shop, self._settings, self._links, language, now, questionnaire).to_customer(kind)


CUSTOMER_KINDS: tuple[str, ...] = (SURVEY, REMINDER, PERIODIC, *TEMPLATES.values())
"""The mails to customers by the name of their template, as a preview offers them."""
