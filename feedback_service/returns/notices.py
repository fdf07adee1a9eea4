"""Notices: the customer is told by mail when a return is received, refunded or replaced.

Service mail about the customer's own return: an objection to surveys does not stop it, an address that
bounces for good or was erased does. It carries no promotion and no tracking (R12, R13).
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from feedback_service.formats import zone
from feedback_service.hashing import address_key
from feedback_service.mail import suppression
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import Audience, OutboxMail, SuppressionReason
from feedback_service.mail.outbox import Outbox
from feedback_service.returns.customers import language_of
from feedback_service.returns.deadlines import refund_due_on
from feedback_service.returns.models import Customer, Return, ReturnState
from feedback_service.returns.products import product_of
from feedback_service.shops.models import Shop

FRESH = timedelta(days=7)
"""An older step is history: an import of last year's returns must not write to last year's customers."""

TEMPLATES = {
    ReturnState.RECEIVED: "return_received",
    ReturnState.REFUNDED: "return_refunded",
    ReturnState.REPLACED: "return_replaced",
}
_PRIORITY = 30
_VALID = timedelta(days=5)
_UNREACHABLE = (SuppressionReason.HARD_BOUNCE, SuppressionReason.ERASURE)


def is_news(state_at: datetime, now: datetime) -> bool:
    """Tell whether a step is recent enough to write to the customer about."""
    return now - state_at <= FRESH


def tell_customer(
    session: Session, outbox: Outbox, shop: Shop, returned: Return, secret: str, now: datetime
) -> OutboxMail | None:
    """Queue the mail about the state the return has just reached; None where there is nothing to say.

    Call it once the state has changed. The cause is the return and its state: no state mails twice.
    """
    template = TEMPLATES.get(returned.state)
    if template is None or not shop.notices_enabled or not is_news(returned.state_at, now):
        return None
    customer = session.get(Customer, returned.customer_id) if returned.customer_id else None
    if customer is None or not customer.email or _is_unreachable(session, shop, customer.email, secret):
        return None
    letter = Letter(
        template=template,
        audience=Audience.CUSTOMER,
        cause=f"return:{returned.id}:{returned.state.value}",
        recipient=customer.email,
        language=language_of(shop, returned, customer),
        shop=shop,
        context=notice_context(shop, returned, customer, now),
        priority=_PRIORITY,
        expires_at=now + _VALID,
    )
    return outbox.post(session, letter, now)


def _is_unreachable(session: Session, shop: Shop, email: str, secret: str) -> bool:
    return suppression.reason_of(session, shop.id, address_key(secret, email)) in _UNREACHABLE


def notice_context(shop: Shop, returned: Return, customer: Customer, now: datetime) -> dict[str, object]:
    """Return what the templates of notices may use."""
    tz = zone(shop.time_zone)
    due_on = refund_due_on(returned.requested_at, tz, received_at=returned.received_at, days=shop.refund_days)
    return {
        "name": customer.name or "",
        "order_number": returned.order.number if returned.order else returned.order_reference,
        "return_number": returned.external_id,
        "lines": [{"product": product_of(returned, line), "quantity": line.quantity} for line in returned.lines],
        "amount": returned.refund_amount,
        "currency": returned.currency,
        "happened_at": returned.state_at,
        "is_favour": returned.goodwill_at is not None,
        # A date that is today or over would promise nothing: the mail then says "without delay".
        "refund_by": due_on if due_on and due_on > now.astimezone(tz).date() else None,
    }
