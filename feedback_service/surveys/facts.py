"""What is known of a person when it is decided whether to ask: address, objection, consent, earlier surveys."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.formats import zone
from feedback_service.hashing import address_key
from feedback_service.mail import suppression
from feedback_service.mail.models import SuppressionReason
from feedback_service.mail.returned import Reputation, reputation
from feedback_service.returns import consents
from feedback_service.returns.consents import Standing
from feedback_service.returns.deadlines import refund_due_on, refund_late
from feedback_service.returns.models import Customer, Return
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.surveys import rules
from feedback_service.surveys.models import Invitation

_LOCK = 0x5EED  # First half of the advisory lock's name; the second is taken from the person's key.
_KEY_DIGITS = 8


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person as a shop may ask them; `key` is None where there is no address."""

    address: str | None
    key: str | None
    suppressed: SuppressionReason | None
    consent: Standing
    last_asked_at: datetime | None
    last_asked_anywhere_at: datetime | None

    @property
    def objected(self) -> bool:
        """Tell whether the person said no: by an objection, or by taking a consent back."""
        return self.suppressed is SuppressionReason.OBJECTION or self.consent is Standing.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Hold:
    """What keeps a person from being asked for the moment (R37)."""

    disputed: bool
    refund_late: bool


def terms_of(session: Session, shop: Shop, settings: Settings, now: datetime) -> rules.Terms:
    """Return the shop's terms of asking at `now`, as the rules read them."""
    return rules.Terms(
        enabled=shop.surveys_enabled,
        delay=timedelta(hours=shop.survey_delay_hours),
        window=timedelta(hours=shop.survey_window_hours),
        daytime_from=shop.daytime_from,
        daytime_until=shop.daytime_until,
        zone=zone(shop.time_zone),
        quarantine=timedelta(days=shop.quarantine_days),
        complained_of=reputation(session, shop.id, now) is not Reputation.GOOD,
        cap=timedelta(days=settings.survey_cap_days),
        consent_countries=frozenset(country.upper() for country in settings.survey_consent_countries),
        remind_after=timedelta(days=shop.reminder_days),
    )


def person_facts(
    session: Session, shop: Shop, customer: Customer | None, secret: str, *, but: int | None = None
) -> PersonFacts:
    """Return what is known of a customer; the invitation `but` does not count among the earlier ones."""
    address = (customer.email or "").strip() or None if customer else None
    if address is None:
        return PersonFacts(None, None, None, Standing.NONE, None, None)
    key = address_key(secret, address)
    here, anywhere = _last_asked(session, shop.id, key, but)
    return PersonFacts(
        address=address,
        key=key,
        suppressed=suppression.reason_of(session, shop.id, key),
        consent=consents.standing(session, shop.id, key),
        last_asked_at=here,
        last_asked_anywhere_at=anywhere,
    )


def hold(session: Session, shop: Shop, returned: Return, now: datetime) -> Hold:
    """Return what speaks against asking about a return now: it, or an open one of the same person.

    Somebody who waits for one refund is not asked how well another one went.
    """
    disputed, late = bool(returned.flag), False
    if returned.customer_id is None:
        return Hold(disputed, late)
    tz = zone(shop.time_zone)
    others = session.execute(
        sa.select(Return.flag, Return.requested_at, Return.received_at).where(
            Return.customer_id == returned.customer_id, Return.id != returned.id, Return.closed_at.is_(None)
        )
    )
    for flag, requested_at, received_at in others:
        due_on = refund_due_on(requested_at, tz, received_at=received_at, days=shop.refund_days)
        disputed, late = disputed or bool(flag), late or refund_late(due_on, now, tz)
    return Hold(disputed, late)


def one_at_a_time(session: Session, customer_id: int | None, key: str | None) -> None:
    """Let no other process ask this person until this transaction ends.

    The customer is locked, and the person across the shops: the caps are per person, not per return.
    """
    if customer_id is not None:
        session.execute(sa.select(Customer.id).where(Customer.id == customer_id).with_for_update())
    if key and session.get_bind().dialect.name == "postgresql":
        number = int(key[:_KEY_DIGITS], 16) - 2**31
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, number)))


def _last_asked(session: Session, shop_id: int, key: str, but: int | None) -> tuple[datetime | None, datetime | None]:
    at = sa.func.max(sa.func.coalesce(Invitation.reminded_at, Invitation.created_at), type_=Invitation.created_at.type)
    wanted = sa.select(Invitation.shop_id, at).where(Invitation.recipient_key == key).group_by(Invitation.shop_id)
    rows = session.execute(wanted if but is None else wanted.where(Invitation.id != but))
    found = {shop: asked_at for shop, asked_at in rows if asked_at is not None}
    return found.get(shop_id), max(found.values(), default=None)
