"""The periodic survey (NPS, R34): whoever ordered a while ago is asked from time to time, where a shop wants it.

It counts in the same caps as the surveys after returns, and it steps back for them: nobody is asked who has a
return under way, or one that closed so lately that its own survey may still come.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import Database
from feedback_service.hashing import new_token, token_digest
from feedback_service.links import Links
from feedback_service.mail.headers import survey_headers
from feedback_service.mail.outbox import Outbox
from feedback_service.returns.consents import Standing
from feedback_service.returns.customers import written_language
from feedback_service.returns.models import Customer, Order, Return
from feedback_service.settings import Settings
from feedback_service.shops.configuration import list_shops
from feedback_service.shops.models import Shop
from feedback_service.surveys.facts import PersonFacts, one_at_a_time, person_facts, terms_of
from feedback_service.surveys.letter import Asked, periodic_letter
from feedback_service.surveys.models import Invitation
from feedback_service.surveys.questions import Survey
from feedback_service.surveys.rules import Terms, is_daytime, is_within, is_writable, needs_consent
from feedback_service.surveys.versions import Questionnaires

# An opinion of a shop needs time to form, and fades.
_ORDERED_FROM, _ORDERED_UNTIL = timedelta(days=14), timedelta(days=90)
_DELIVERY = timedelta(days=4)
_MOST_A_RUN = 200
_RETURN_REST = timedelta(days=14)


class PeriodicSurveys:
    """Queues the periodic surveys that are due; idempotent, safe in several processes."""

    def __init__(
        self, database: Database, outbox: Outbox, links: Links, settings: Settings, questionnaires: Questionnaires
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._links = links
        self._settings = settings
        self._secret = settings.secret_key.get_secret_value()
        self._questionnaires = questionnaires

    def queue_due(self, now: datetime, stopping: Callable[[], bool] = lambda: False) -> int:
        """Queue the periodic surveys due at `now`; the rest of a long list is left to the next run."""
        queued = 0
        with self._database.reading() as session:
            shops = [shop for shop in list_shops(session) if shop.nps_enabled and shop.surveys_enabled]
        for shop in shops:
            with self._database.reading() as session:
                terms = terms_of(session, shop, self._settings, now)
            if is_daytime(now, terms) and not terms.complained_of:
                queued += self._queue_of(shop, terms, now, stopping)
        return queued

    def _queue_of(self, shop: Shop, terms: Terms, now: datetime, stopping: Callable[[], bool]) -> int:
        queued = last_id = 0
        while queued < _MOST_A_RUN and not stopping():
            with self._database.reading() as session:
                customers = session.scalars(_candidates(shop, now, last_id)).all()
                due = [customer.id for customer in customers if self._is_due(session, shop, customer, terms, now)]
            if not customers:
                break
            last_id = customers[-1].id
            queued += sum(self._ask(shop, terms, customer_id, now) for customer_id in due)
        return queued

    def _is_due(self, session: Session, shop: Shop, customer: Customer, terms: Terms, now: datetime) -> bool:
        person = person_facts(session, shop, customer, self._secret)
        return may_be_asked(person, customer.country or shop.country, terms, now)

    def _ask(self, shop: Shop, terms: Terms, customer_id: int, now: datetime) -> bool:
        with self._database.writing() as session:
            customer = session.get_one(Customer, customer_id)
            key = person_facts(session, shop, customer, self._secret).key
            one_at_a_time(session, customer_id, key)
            person = person_facts(session, shop, customer, self._secret)
            if not may_be_asked(person, customer.country or shop.country, terms, now):
                return False
            return self._post(session, shop, customer, person, now)

    def _post(self, session: Session, shop: Shop, customer: Customer, person: PersonFacts, now: datetime) -> bool:
        token = new_token()
        invitation = Invitation(
            shop_id=shop.id,
            survey=Survey.PERIODIC,
            customer_id=customer.id,
            token_digest=token_digest(token),
            recipient_key=person.key,
            has_consent=person.consent is Standing.GIVEN,
            language=written_language(shop, customer.language),
            created_at=now,
            expires_at=now + timedelta(days=self._settings.survey_valid_days),
        )
        session.add(invitation)
        session.flush()
        asked = Asked(
            person.address or "", invitation.language, token, self._questionnaires.current(session, shop),
            has_consent=invitation.has_consent,
        )  # fmt: skip
        headers = survey_headers(shop, self._links, token, self._settings)
        letter = periodic_letter(shop, invitation.id, asked, self._settings, headers, now + _DELIVERY)
        mail = self._outbox.post(session, letter, now)
        if mail is None:
            session.rollback()
            return False
        invitation.mail_id = mail.id
        return True


def may_be_asked(person: PersonFacts, country: str, terms: Terms, now: datetime) -> bool:
    """Tell whether a person may get a survey that no return calls for."""
    return not (
        person.objected
        or person.suppressed
        or not is_writable(person.address or "")
        or (needs_consent(country, terms) and person.consent is not Standing.GIVEN)
        or is_within(person.last_asked_at, terms.quarantine, now)
        or is_within(person.last_asked_anywhere_at, terms.cap, now)
    )


def _candidates(shop: Shop, now: datetime, after: int) -> sa.Select[Customer]:
    """Select a batch of customers: an order neither fresh nor old, no return of late, and no survey."""
    ordered = sa.exists().where(
        Order.customer_id == Customer.id, Order.ordered_at.between(now - _ORDERED_UNTIL, now - _ORDERED_FROM)
    )
    returning = sa.exists().where(
        Return.customer_id == Customer.id,
        sa.or_(Return.closed_at.is_(None), Return.closed_at > now - _RETURN_REST),
    )
    asked = sa.exists().where(
        Invitation.shop_id == shop.id,
        Invitation.recipient_key == Customer.email_key,
        sa.or_(
            sa.and_(
                Invitation.survey == Survey.PERIODIC, Invitation.created_at > now - timedelta(days=shop.nps_every_days)
            ),
            Invitation.created_at > now - timedelta(days=shop.quarantine_days),
        ),
    )
    return (
        sa.select(Customer)
        .where(Customer.shop_id == shop.id, Customer.id > after, Customer.email.is_not(None))
        .where(ordered, ~returning, ~asked)
        .order_by(Customer.id)
        .limit(_MOST_A_RUN)
    )
