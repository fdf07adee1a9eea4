"""A person, found by e-mail address, and every row that is about them (R16)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback_service.alerts.models import Story, StoryItem
from feedback_service.db import Base
from feedback_service.hashing import address_key, normal_address
from feedback_service.mail.models import IncomingMail, OutboxMail, Suppression
from feedback_service.mentions.models import Mention
from feedback_service.returns.models import Customer, Order, Return, SurveyConsent
from feedback_service.shops.models import Shop, Staff
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.replies import CustomerReply

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks: an address, as its owner writes it and as the tables know it."""

    address: str
    key: str

    @classmethod
    def of(cls, address: str, secret: str) -> "Person":
        """Return the person of that address; `secret` is the key of keyed hashes."""
        return cls(normal_address(address), address_key(secret, address))


@dataclass(frozen=True, slots=True)
class Traces:
    """Every row of one shop about a person, by table."""

    shop: Shop
    customers: Sequence[Customer]
    orders: Sequence[Order]
    returns: Sequence[Return]
    invitations: Sequence[Invitation]
    answers: Sequence[Answer]
    incoming: Sequence[IncomingMail]
    replies: Sequence[CustomerReply]
    stories: Sequence[Story]
    mentions: Sequence[Mention]
    mails: Sequence[OutboxMail]
    consents: Sequence[SurveyConsent]
    suppressions: Sequence[Suppression]
    staff: Sequence[Staff]

    @property
    def is_empty(self) -> bool:
        """Tell whether the shop knows nothing of the person."""
        known = (self.customers, self.invitations, self.mails, self.consents, self.suppressions)
        return not any((*known, self.staff, self.mentions))


def find_traces(session: Session, person: Person, shop: Shop) -> Traces:
    """Return every row of `shop` about `person`, also after the address itself is gone (by its keyed hash)."""
    by_address = sa.or_(Customer.email_key == person.key, sa.func.lower(Customer.email) == person.address)
    customers = _rows(session, Customer, Customer.shop_id == shop.id, by_address)
    theirs = _ids(customers)
    orders = _rows(session, Order, Order.customer_id.in_(theirs))
    by_order = Return.order_id.in_(_ids(orders))
    returns = _rows(session, Return, sa.or_(Return.customer_id.in_(theirs), by_order))
    to_person = Invitation.recipient_key == person.key
    about_return = Invitation.return_id.in_(_ids(returns))
    invitations = _rows(session, Invitation, Invitation.shop_id == shop.id, sa.or_(to_person, about_return))
    answered = sa.or_(Answer.invitation_id.in_(_ids(invitations)), Answer.return_id.in_(_ids(returns)))
    answers = _rows(session, Answer, answered)
    incoming = _incoming(session, person, shop)
    written = sa.or_(CustomerReply.return_id.in_(_ids(returns)), CustomerReply.incoming_id.in_(_ids(incoming)))
    replies = _rows(session, CustomerReply, CustomerReply.shop_id == shop.id, written)
    return Traces(
        shop=shop,
        customers=customers,
        orders=orders,
        returns=returns,
        invitations=invitations,
        answers=answers,
        incoming=incoming,
        replies=replies,
        stories=_stories(session, returns, orders, answers, replies),
        mentions=_mentions(session, person, shop, orders),
        mails=_rows(session, OutboxMail, OutboxMail.shop_id == shop.id, OutboxMail.recipient_key == person.key),
        consents=_rows(
            session, SurveyConsent, SurveyConsent.shop_id == shop.id, SurveyConsent.address_key == person.key
        ),
        suppressions=_rows(session, Suppression, Suppression.shop_id == shop.id, Suppression.address_key == person.key),
        staff=_rows(session, Staff, Staff.email == person.address, Staff.shops.any(Shop.id == shop.id)),
    )


def _stories(
    session: Session,
    returns: Sequence[Return],
    orders: Sequence[Order],
    answers: Sequence[Answer],
    replies: Sequence[CustomerReply],
) -> Sequence[Story]:
    theirs = sa.or_(StoryItem.answer_id.in_(_ids(answers)), StoryItem.reply_id.in_(_ids(replies)))
    by_item = sa.select(StoryItem.story_id).where(theirs)
    linked = (Story.return_id.in_(_ids(returns)), Story.order_id.in_(_ids(orders)), Story.id.in_(by_item))
    return _rows(session, Story, sa.or_(*linked))


def _incoming(session: Session, person: Person, shop: Shop) -> Sequence[IncomingMail]:
    return _rows(session, IncomingMail, IncomingMail.shop_id == shop.id, IncomingMail.recipient_key == person.key)


def _mentions(session: Session, person: Person, shop: Shop, orders: Sequence[Order]) -> Sequence[Mention]:
    named = (names(Mention.text, person), names(Mention.title, person), names(Mention.author, person))
    return _rows(session, Mention, Mention.shop_id == shop.id, sa.or_(Mention.order_id.in_(_ids(orders)), *named))


def names(column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], person: Person) -> Any:  # noqa: ANN401 - an SQL condition
    """Return the condition that the address of `person` stands in `column`."""
    return sa.func.lower(column).contains(person.address, autoescape=True)


def _rows(session: Session, model: type[Row], *where: Any) -> Sequence[Row]:  # noqa: ANN401 - SQL conditions
    key = sa.inspect(model).primary_key[0]
    return session.scalars(sa.select(model).where(*where).order_by(key)).all()


def _ids(rows: Iterable[Any]) -> list[int]:
    return [row.id for row in rows]
