"""Rows of what came back, for pages."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import Audience, IncomingMail, MailState, OutboxMail
from feedback_service.returns.models import Return
from feedback_service.shops.models import Shop
from feedback_service.surveys.letter import cause
from feedback_service.surveys.replies import CustomerReply


def make_sent(session: Session, shop: Shop, at: datetime, **values: Any) -> OutboxMail:  # noqa: ANN401 - any column
    """Add a survey that was sent."""
    defaults: dict[str, Any] = {
        "kind": "survey", "audience": Audience.CUSTOMER, "cause": "survey:0", "message_id": "<0@example.com>",
        "state": MailState.SENT, "sender": "a@example.com", "recipient": "b@example.com", "recipient_key": "b",
        "subject": "Votre retour", "created_at": at, "sent_at": at,
    }  # fmt: skip
    mail = OutboxMail(shop_id=shop.id, **(defaults | values))
    session.add(mail)
    session.flush()
    return mail


def make_arrival(
    session: Session,
    mail: OutboxMail | None,
    at: datetime,
    kind: MailClass,
    **values: Any,  # noqa: ANN401 - any column
) -> IncomingMail:
    """Add what came back of a mail."""
    known = {"shop_id": mail.shop_id, "mail_id": mail.id, "recipient_key": mail.recipient_key} if mail else {}
    defaults: dict[str, Any] = {"key": f"{mail.id if mail else 0}:{kind}:{at}", "channel": "mailbox", "came_at": at}
    incoming = IncomingMail(kind=kind, **(defaults | known | values))
    session.add(incoming)
    session.flush()
    return incoming


def add_arrivals(session: Session, shop: Shop, returned: Return, at: datetime) -> None:
    """Add one of each class, with words that do not want to break, and a reply about a return."""
    survey = make_sent(session, shop, at, cause=cause(returned.id))
    words = "550-5.7.26_Unauthenticated_email_from_a_very_long_name_of_a_domain_is_not_accepted " * 2
    for kind in MailClass:
        make_arrival(session, survey, at, kind, diagnosis=words if kind is MailClass.POLICY else "")
    make_arrival(session, survey, at, MailClass.SOFT, key="delayed", is_delayed=True, status="4.4.7", channel="ses")
    make_arrival(session, None, at, MailClass.HARD, key="strange")
    alert = make_sent(session, shop, at, cause="alert:1", message_id="<1@example.com>", audience=Audience.STAFF)
    make_arrival(session, alert, at, MailClass.HARD, key="alert", diagnosis="550 5.1.1 user unknown")
    session.add(
        CustomerReply(
            shop_id=shop.id, return_id=returned.id, text="Toujours rien reçu.\n\nC’est long !", language="fr",
            is_negative=True, negative=0.8, evidence=[], came_at=at,
        )
    )  # fmt: skip
    session.flush()
