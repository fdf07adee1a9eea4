"""An invited customer: a shop, an order, a refunded return, and the token from the mail."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.bootstrap import Services
from feedback_service.hashing import token_digest
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.models import Return
from feedback_service.shops.models import Shop
from feedback_service.surveys.models import Answer, Invitation
from tests.support.builders import make_customer, make_order, make_return, make_shop


@dataclass
class RecordingStoryDesk:
    """Notes the low ratings it is told of, within the transaction that stores them."""

    ratings: list[int] = field(default_factory=list)

    def low_ratings_came_in(self, session: Session, at: Mapping[int, datetime]) -> None:
        """Note the ratings; the answers must be stored already."""
        assert session.in_transaction()
        chosen = sa.select(Answer.rating).where(Answer.invitation_id.in_(at)).order_by(Answer.id)
        ratings = session.scalars(chosen).all()
        assert len(ratings) == len(at)
        self.ratings += [rating for rating in ratings if rating is not None]


def refunded_return(
    session: Session,
    shop: Shop,
    number: int = 1,
    language: str | None = "fr",
    **values: Any,  # noqa: ANN401 - any column
) -> Return:
    """Add a customer with an order and a return refunded 30 hours ago; `values` are columns of the return."""
    customer = make_customer(session, shop, f"client{number}@example.com", language=language)
    order = make_order(session, shop, f"AL-{10000 + number}", customer_id=customer.id, language=language)
    return make_return(session, shop, order, **({"external_id": f"R-{number}", "language": language} | values))


def invite(services: Services, language: str = "fr", **shop_values: Any) -> str:  # noqa: ANN401 - any column
    """Make a shop and one invited customer; return the survey's token, as the mail carries it."""
    with services.database.writing() as session:
        refunded_return(session, make_shop(session, **shop_values), language=language)
    assert services.inviter.queue_due(services.clock.now()) == 1
    with services.database.reading() as session:
        return token_of(session.scalars(sa.select(OutboxMail).where(OutboxMail.kind == "survey")).one())


def token_of(mail: OutboxMail) -> str:
    """Return the token of a survey mail."""
    found = re.search(r"/s/([\w-]+)\?r=1", mail.text or "")
    assert found
    return found[1]


def the_invitation(session: Session, token: str) -> Invitation:
    """Return the invitation of a token."""
    return session.scalars(sa.select(Invitation).where(Invitation.token_digest == token_digest(token))).one()
