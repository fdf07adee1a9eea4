"""Why a survey was sent or not, line by line (`survey why`): of returns, and of customers asked periodically."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback_service.bootstrap import Services
from feedback_service.errors import NotFoundError
from feedback_service.hashing import address_key
from feedback_service.returns.models import Customer, Order, Return
from feedback_service.shops.models import Shop
from feedback_service.surveys.models import Invitation
from feedback_service.surveys.not_sent import why_not_sent
from feedback_service.surveys.periodic_not_sent import PeriodicStanding
from feedback_service.web.staff.words import not_sent, return_state


def why_lines(services: Services, session: Session, shop: Shop, named: str) -> Iterator[str]:
    """Yield a line for each return, and for each customer where the shop asks periodically.

    `named` is an order's number, a return's, or a customer's address; `NotFoundError` where there is nothing of it.
    """
    returns = _returns(session, shop, named, services.secret)
    customers = _customers(session, shop, named, returns, services.secret)
    if not returns and not customers:
        sentence = f"There is no return, order or customer {named!r}."
        raise NotFoundError(sentence)
    for returned in returns:
        yield f"{returned.external_id} ({return_state(returned.state, 'en').lower()}): " + _of_return(
            services, session, returned
        )
    for customer in customers if shop.nps_enabled or "@" in named else ():
        standing = services.periodic.standing(session, shop, customer, services.clock.now())
        yield f"{customer.email or 'The customer'}, periodic survey: " + _of_customer(standing)


def _returns(session: Session, shop: Shop, named: str, secret: str) -> Sequence[Return]:
    of_order = sa.select(Order.id).where(
        Order.shop_id == shop.id, sa.or_(Order.number == named, Order.external_id == named)
    )
    of_customer = _by_address(shop, named, secret)
    wanted = sa.select(Return).where(
        Return.shop_id == shop.id,
        sa.or_(
            Return.external_id == named,
            Return.order_reference == named,
            Return.order_id.in_(of_order),
            Return.customer_id.in_(of_customer),
        ),
    )
    return session.scalars(wanted.order_by(Return.id)).all()


def _customers(session: Session, shop: Shop, named: str, returns: Sequence[Return], secret: str) -> Sequence[Customer]:
    of_order = sa.select(Order.customer_id).where(
        Order.shop_id == shop.id, sa.or_(Order.number == named, Order.external_id == named)
    )
    wanted = sa.select(Customer).where(
        sa.or_(
            Customer.id.in_([returned.customer_id for returned in returns if returned.customer_id]),
            Customer.id.in_(of_order),
            Customer.id.in_(_by_address(shop, named, secret)),
        )
    )
    return session.scalars(wanted.order_by(Customer.id)).all()


def _by_address(shop: Shop, address: str, secret: str) -> sa.Select[int]:
    return sa.select(Customer.id).where(Customer.shop_id == shop.id, Customer.email_key == address_key(secret, address))


def _of_return(services: Services, session: Session, returned: Return) -> str:
    now = services.clock.now()
    reason = why_not_sent(session, returned, now)
    if reason is not None:
        return f"not asked. {not_sent(reason, 'en')}"
    invitation = session.scalars(
        sa.select(Invitation)
        .where(Invitation.return_id == returned.id)
        .options(joinedload(Invitation.shop), joinedload(Invitation.mail), joinedload(Invitation.returned))
    ).one()
    parts = [_asked(invitation)]
    if invitation.reminded_at:
        parts.append(f"reminded {_instant(invitation.reminded_at)}")
    elif why_not := services.reminders.why_not(session, invitation, now):
        parts.append(f"no reminder: {why_not.value.replace('_', ' ')}")
    return ", ".join([*parts, *_answered(invitation)]) + "."


def _of_customer(standing: PeriodicStanding) -> str:
    said = []
    if standing.undelivered is not None:
        said.append(not_sent(standing.undelivered, "en"))
    elif standing.invitation is not None:
        said.append(", ".join([_asked(standing.invitation), *_answered(standing.invitation)]) + ".")
    if standing.last_reason is not None:
        said.append(f"Not sent while there was time. {not_sent(standing.last_reason, 'en')}")
    due = "Due at the next run of `send_surveys`."
    said.append(due if standing.reason is None else f"Not now. {not_sent(standing.reason, 'en')}")
    return " ".join(said)


def _asked(invitation: Invitation) -> str:
    sent_at = invitation.mail.sent_at if invitation.mail else None
    return f"asked {_instant(sent_at or invitation.created_at)}"


def _answered(invitation: Invitation) -> list[str]:
    return [f"answered {_instant(invitation.answered_at)}"] if invitation.answered_at else []


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
