"""The customer behind an order or a return: found again or made, never twice, and written to in one language."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service import i18n
from feedback_service.hashing import address_key
from feedback_service.mail import suppression
from feedback_service.mail.models import Suppression, SuppressionReason
from feedback_service.returns import consents
from feedback_service.returns.models import Customer, Return
from feedback_service.returns.payloads import CustomerIn
from feedback_service.shops.models import Shop

_NO = (SuppressionReason.OBJECTION, SuppressionReason.COMPLAINT)


def record_customer(
    session: Session, shop: Shop, customer_in: CustomerIn | None, secret: str, now: datetime, *, dated: datetime
) -> Customer | None:
    """Return the customer of `customer_in`, found again or made; None where nothing tells who it was.

    The address decides before the customer number: a mail must reach the address this payload names, and
    two numbers with one address are one person. What the payload leaves out stays as it was.

    `dated` is when the order or return was made. What was erased or pseudonymised after that stays so,
    however often the platform sends it again (R16); a newer order tells us anew who the person is.
    """
    if customer_in is None or not customer_in.is_known:
        return None
    key = address_key(secret, customer_in.email) if customer_in.email else None
    if key and _was_erased(session, shop, key, dated):
        return None
    by_address = _find(session, shop, Customer.email_key, key)
    by_number = _find(session, shop, Customer.external_id, customer_in.external_id)
    customer = by_address or by_number
    if customer is None:
        customer = Customer(shop_id=shop.id, created_at=now)
        session.add(customer)
    if customer.pseudonymised_at and dated <= customer.pseudonymised_at:
        return customer
    if customer_in.external_id and by_number is None and customer.external_id is None:
        customer.external_id = customer_in.external_id
    if key:
        _keep_the_no(session, shop, customer.email_key, key, now)
        customer.email, customer.email_key, customer.pseudonymised_at = customer_in.email, key, None
    customer.name = customer_in.name or customer.name
    customer.language = customer_in.language or customer.language
    customer.country = customer_in.country or customer.country
    session.flush()
    if customer_in.consent and customer.email_key:
        consents.record(session, shop.id, customer.email_key, customer_in.consent, now)
    return customer


def language_of(shop: Shop, returned: Return, customer: Customer | None) -> str:
    """Return the language to write in about a return: the order's, else the return's, the customer's, the shop's."""
    return written_language(
        shop,
        returned.order.language if returned.order else None,
        returned.language,
        customer.language if customer else None,
    )


def written_language(shop: Shop, *known: str | None) -> str:
    """Return the language to write in: the first that is known, else the shop's, as where we do not write the first."""
    default = i18n.best_language(shop.language, i18n.LANGUAGES, i18n.SOURCE_LANGUAGE)
    return i18n.best_language(next(filter(None, known), None), i18n.LANGUAGES, default)


def _keep_the_no(session: Session, shop: Shop, before: str | None, key: str, now: datetime) -> None:
    """Let the person's own no to surveys hold at the new address, too; a mailbox that is not there stays behind."""
    if before is None or before == key:
        return
    reason = suppression.reason_of(session, shop.id, before)
    if reason in _NO:
        suppression.suppress(session, shop.id, key, reason, now)
    consents.carry_withdrawn(session, shop.id, before, key)


def _was_erased(session: Session, shop: Shop, key: str, dated: datetime) -> bool:
    found = sa.select(Suppression.id).where(
        Suppression.shop_id == shop.id,
        Suppression.address_key == key,
        Suppression.reason == SuppressionReason.ERASURE,
        Suppression.created_at >= dated,
    )
    return session.scalar(found) is not None


def _find(
    session: Session, shop: Shop, column: sa.orm.InstrumentedAttribute[str | None], value: str | None
) -> Customer | None:
    if not value:
        return None
    return session.scalar(sa.select(Customer).where(Customer.shop_id == shop.id, column == value))
