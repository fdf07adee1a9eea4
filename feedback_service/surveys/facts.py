"""What is known of people when it is decided whether to ask: address, objection, consent, surveys, open returns.

customers of one shop -> people(...) -> {customer's id: Person}      (so many statements, however many customers)
"""

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from feedback_service.formats import zone
from feedback_service.hashing import address_key
from feedback_service.mail.models import OutboxMail, Suppression, SuppressionReason
from feedback_service.mail.returned import Reputation, reputation
from feedback_service.returns import consents
from feedback_service.returns.consents import Standing
from feedback_service.returns.deadlines import refund_due_on, refund_late
from feedback_service.returns.models import Customer, Return
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.surveys import rules
from feedback_service.surveys.models import Invitation
from feedback_service.surveys.rules import Person

_LOCK = 0x5EED  # First half of the advisory lock's name; the second is taken from the person's key.
_KEY_DIGITS = 8
_MAIL, _REMINDER = aliased(OutboxMail), aliased(OutboxMail)
# A mail that waited for its server knocked when it was sent: the rest that follows begins there.
_ASKED_AT = sa.func.coalesce(_REMINDER.sent_at, Invitation.reminded_at, _MAIL.sent_at, Invitation.created_at)


NOBODY = Person()


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
        periodic=timedelta(days=shop.nps_every_days if shop.nps_enabled else 0),
    )


def people(
    session: Session, shop: Shop, customers: Collection[Customer], secret: str, now: datetime
) -> Mapping[int, Person]:
    """Return what is known of customers of `shop`, by their id."""
    addresses = {customer.id: (customer.email or "").strip() or None for customer in customers}
    keys = {id_: address_key(secret, address) for id_, address in addresses.items() if address}
    listed = _suppressed(session, shop.id, keys.values())
    agreed = consents.standings(session, shop.id, keys.values())
    asked = _last_asked(session, keys)
    held = _held(session, shop, addresses, now)
    found = {}
    for customer in customers:
        key, by_shop = keys.get(customer.id, ""), asked[customer.id]
        why, consent = listed.get(key), agreed.get(key, Standing.NONE)
        disputed, late = held.get(customer.id, (False, False))
        found[customer.id] = Person(
            address=addresses[customer.id],
            key=key or None,
            country=customer.country or shop.country,
            has_consent=consent is Standing.GIVEN,
            objected=why is SuppressionReason.OBJECTION or consent is Standing.WITHDRAWN,
            suppressed=why is not None,
            disputed=disputed,
            refund_late=late,
            last_asked_at=by_shop.get(shop.id),
            last_asked_anywhere_at=max(by_shop.values(), default=None),
        )
    return found


def taken(session: Session, customer_ids: Collection[int], secret: str) -> Sequence[Customer]:
    """Return those of the customers that no other process has in hand, locked until this transaction ends.

    The person is locked across the shops as well: the caps are per person, not per return. Who is left out is in
    good hands, or comes at the next run; nobody waits, so that no two wait for each other.
    """
    chosen = sa.select(Customer).where(Customer.id.in_(customer_ids)).order_by(Customer.id)
    customers = session.scalars(
        chosen.with_for_update(skip_locked=True), execution_options={"populate_existing": True}
    ).all()
    if session.get_bind().dialect.name != "postgresql":  # The transaction of a writer is alone there.
        return customers
    return [customer for customer in customers if _is_taken(session, address_key(secret, customer.email or ""))]


def _is_taken(session: Session, key: str) -> bool:
    number = int(key[:_KEY_DIGITS], 16) - 2**31
    return bool(session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK, number))))


def _suppressed(session: Session, shop_id: int, keys: Collection[str]) -> dict[str, SuppressionReason]:
    listed = sa.select(Suppression.address_key, Suppression.reason).where(
        Suppression.shop_id == shop_id, Suppression.address_key.in_(keys)
    )
    return dict(session.execute(listed).all())


def _last_asked(session: Session, keys: Mapping[int, str]) -> defaultdict[int, dict[int, datetime]]:
    """Return for each customer when each shop last asked: at this address, or at one that they had before."""
    latest: defaultdict[int, dict[int, datetime]] = defaultdict(dict)
    of_key = {key: id_ for id_, key in keys.items()}
    at_address = _asked(session, Invitation.recipient_key, of_key)
    of_returns, of_customers = (
        _asked(session, column, keys) for column in (Return.customer_id, Invitation.customer_id)
    )
    rows = itertools.chain(((of_key[key], *rest) for key, *rest in at_address), of_returns, of_customers)
    for customer_id, shop_id, at in rows:
        latest[customer_id][shop_id] = max(at, latest[customer_id].get(shop_id, at))
    return latest


def _asked(session: Session, who: InstrumentedAttribute[Any], whom: Collection[Any]) -> Iterator[Any]:
    """Yield who was asked, by which shop and when last; `who` tells one from another, and is one of `whom`."""
    at = sa.func.max(_ASKED_AT, type_=Invitation.created_at.type)
    asked = (
        sa.select(who, Invitation.shop_id, at)
        .select_from(Invitation)
        .outerjoin(_MAIL, _MAIL.id == Invitation.mail_id)
        .outerjoin(_REMINDER, _REMINDER.id == Invitation.reminder_mail_id)
        .where(who.in_(whom))
        .group_by(who, Invitation.shop_id)
    )
    if who.class_ is Return:
        asked = asked.join(Return, Return.id == Invitation.return_id)
    yield from session.execute(asked)


def _held(session: Session, shop: Shop, customer_ids: Collection[int], now: datetime) -> dict[int, tuple[bool, bool]]:
    """Return of the customers with open returns whether one of those is disputed, and whether a refund is late."""
    tz = zone(shop.time_zone)
    still_open = session.execute(
        sa.select(Return.customer_id, Return.flag, Return.requested_at, Return.received_at).where(
            Return.customer_id.in_(customer_ids), Return.closed_at.is_(None)
        )
    )
    held: dict[int, tuple[bool, bool]] = {}
    for customer_id, flag, requested_at, received_at in still_open:
        if customer_id is None:
            continue
        disputed, late = held.get(customer_id, (False, False))
        due_on = refund_due_on(requested_at, tz, received_at=received_at, days=shop.refund_days)
        held[customer_id] = (disputed or bool(flag), late or refund_late(due_on, now, tz))
    return held
