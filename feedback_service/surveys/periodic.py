"""The periodic survey (NPS, R34): whoever ordered a while ago is asked from time to time, where a shop wants it.

    customers with such an order -> facts -> periodic_rules.decide -> invitation + mail
                                                                   -> why not            (one row per customer)

It counts in the same caps as the surveys after returns, and it steps back for them. Each customer is looked at once a
day, so that a run costs what is new, however many customers there are.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.batches import batched
from feedback_service.hashing import token_digest
from feedback_service.returns.customers import written_language
from feedback_service.returns.models import Customer, Order
from feedback_service.shops.configuration import list_shops
from feedback_service.shops.models import Shop
from feedback_service.surveys import periodic_not_sent, periodic_rules
from feedback_service.surveys.asking import READ_AT_ONCE, WRITTEN_AT_ONCE, Desk, Stopping, never
from feedback_service.surveys.facts import people, taken, terms_of
from feedback_service.surveys.letter import periodic_cause, periodic_letter
from feedback_service.surveys.models import Invitation, NotSentReason, PeriodicNotSent
from feedback_service.surveys.periodic_facts import facts_of
from feedback_service.surveys.periodic_not_sent import PeriodicStanding
from feedback_service.surveys.questions import Survey
from feedback_service.surveys.rules import Person, Terms, is_daytime

_DELIVERY = timedelta(days=4)
_MOST_A_RUN = 200
_MOST_LOOKED_AT = 5_000
_LOOK_AGAIN = timedelta(hours=20)
"""Shorter than a day, so that who was looked at this morning is looked at tomorrow morning."""


class PeriodicSurveys:
    """Queues the periodic surveys that are due; idempotent, safe in several processes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def queue_due(self, now: datetime, stopping: Stopping = never) -> int:
        """Queue the periodic surveys due at `now`; the rest of a long list is left to the next run."""
        with self._desk.database.reading() as session:
            shops = [shop for shop in list_shops(session) if shop.nps_enabled and shop.surveys_enabled]
        return sum(self._queue_of(shop, now, stopping) for shop in shops)

    def standing(self, session: Session, shop: Shop, customer: Customer, now: datetime) -> PeriodicStanding:
        """Return whether a customer of the shop got the periodic survey, and why none goes out now."""
        terms = terms_of(session, shop, self._desk.settings, now)
        ((_, _, reason),) = self._judged(session, shop, terms, [customer], now)
        return periodic_not_sent.standing_of(session, customer.id, reason)

    def _queue_of(self, shop: Shop, now: datetime, stopping: Stopping) -> int:
        with self._desk.database.reading() as session:
            terms = terms_of(session, shop, self._desk.settings, now)
            if not is_daytime(now, terms) or terms.complained_of:
                return 0
            candidates = session.scalars(_candidates(shop, now).limit(_MOST_LOOKED_AT)).all()
        queued = 0
        for batch in batched(candidates, READ_AT_ONCE):
            if queued >= _MOST_A_RUN or stopping():
                break
            due = self._due(shop, terms, batch, now)
            queued += sum(self._ask(shop, terms, some, now) for some in batched(due, WRITTEN_AT_ONCE))
        return queued

    def _due(self, shop: Shop, terms: Terms, customer_ids: Sequence[int], now: datetime) -> list[int]:
        """Return those of the customers who are to be asked, and note why the others are not."""
        with self._desk.database.reading() as session:
            customers = session.scalars(sa.select(Customer).where(Customer.id.in_(customer_ids))).all()
            judged = list(self._judged(session, shop, terms, customers, now))
        reasons = {customer.id: reason for customer, _, reason in judged if reason is not None}
        if reasons:
            with self._desk.database.writing() as session:
                periodic_not_sent.record(session, shop.id, reasons, now)
        return [customer.id for customer, _, reason in judged if reason is None]

    def _ask(self, shop: Shop, terms: Terms, customer_ids: Sequence[int], now: datetime) -> int:
        """Ask in one transaction those for whom nothing has changed and that no other process has in hand."""
        with self._desk.database.writing() as session:
            customers = taken(session, customer_ids, self._desk.secret)
            judged = list(self._judged(session, shop, terms, customers, now))
            periodic_not_sent.record(
                session, shop.id, {who.id: reason for who, _, reason in judged if reason is not None}, now
            )
            due = [(customer, person) for customer, person, reason in judged if reason is None]
            asked = [who.id for who, person in due if self._post(session, shop, who, person, now)]
            periodic_not_sent.forget(session, asked)
            return len(asked)

    def _judged(
        self, session: Session, shop: Shop, terms: Terms, customers: Collection[Customer], now: datetime
    ) -> Iterator[tuple[Customer, Person, NotSentReason | None]]:
        """Yield the customers, each with what is known and why they are not asked (None: they are asked now)."""
        known = people(session, shop, customers, self._desk.secret, now)
        facts = facts_of(session, known, now)
        for customer in customers:
            reason = periodic_rules.decide(facts[customer.id], terms, now)
            yield customer, known[customer.id], reason

    def _post(self, session: Session, shop: Shop, customer: Customer, person: Person, now: datetime) -> bool:
        """Write the survey; nothing where this customer has got one today (its cause tells)."""
        desk = self._desk
        invitation = Invitation(
            shop_id=shop.id,
            survey=Survey.PERIODIC,
            customer_id=customer.id,
            recipient_key=person.key,
            has_consent=person.has_consent,
            language=written_language(shop, customer.language),
            created_at=now,
            expires_at=desk.link_ends_at(now),
        )
        asked = desk.asked(session, shop, invitation, person.address or "")
        cause, until = periodic_cause(customer.id, now.date()), min(now + _DELIVERY, invitation.expires_at)
        letter = periodic_letter(shop, cause, asked, desk.settings, desk.headers(shop, asked), until)
        mail = desk.outbox.post(session, letter, now)
        if mail is None:
            return False
        invitation.token_digest, invitation.mail_id = token_digest(asked.token), mail.id
        session.add(invitation)
        return True


def _candidates(shop: Shop, now: datetime) -> sa.Select[int]:
    """Select the customers to look at: an order neither fresh nor old, and not looked at today."""
    ordered = sa.exists().where(
        Order.customer_id == Customer.id,
        Order.ordered_at > now - periodic_rules.ORDERED_UNTIL,
        Order.ordered_at <= now - periodic_rules.ORDERED_FROM,
    )
    looked_at = sa.exists().where(
        PeriodicNotSent.customer_id == Customer.id, PeriodicNotSent.looked_at > now - _LOOK_AGAIN
    )
    return sa.select(Customer.id).where(Customer.shop_id == shop.id, ordered, ~looked_at).order_by(Customer.id)
