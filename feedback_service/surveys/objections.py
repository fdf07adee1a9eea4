"""Objecting to surveys (R14, R24): one click, for good, also after the survey has expired or was answered."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback_service.errors import NotFoundError
from feedback_service.hashing import token_digest
from feedback_service.mail import suppression
from feedback_service.mail.dropping import drop_waiting
from feedback_service.mail.models import Audience, OutboxMail, SuppressionReason
from feedback_service.returns import consents
from feedback_service.returns.consents import How
from feedback_service.surveys.models import Invitation

_OBJECTED = "The recipient objected to surveys before it was sent."


def find(session: Session, token: str) -> Invitation:
    """Return the invitation of a token, that of the survey or of its reminder, with its shop.

    Raises `NotFoundError` when there is none.
    """
    digest = token_digest(token)
    invitation = session.scalar(
        sa.select(Invitation)
        .where(sa.or_(Invitation.token_digest == digest, Invitation.reminder_digest == digest))
        .options(joinedload(Invitation.shop))
    )
    if invitation is None:
        sentence = "There is no invitation with this link."
        raise NotFoundError(sentence)
    return invitation


def record(session: Session, token: str, now: datetime) -> Invitation:
    """Suppress the person for the shop's surveys and drop those that wait; idempotent, one transaction.

    A stored consent is withdrawn by it. Raises `NotFoundError` when the token is unknown.
    """
    invitation = find(session, token)
    _record(session, invitation, invitation.shop_id, _addresses(invitation), now)
    return invitation


def record_of_mail(session: Session, mail: OutboxMail, now: datetime) -> None:
    """Do the same for whom a customer mail went to, whatever it was about: the objection was made elsewhere."""
    if mail.audience is not Audience.CUSTOMER or mail.shop_id is None or not mail.recipient_key:
        return
    about = sa.or_(Invitation.mail_id == mail.id, Invitation.reminder_mail_id == mail.id)
    invitation = session.scalar(sa.select(Invitation).where(about))
    keys = {mail.recipient_key} | (_addresses(invitation) if invitation else set())
    _record(session, invitation, mail.shop_id, keys, now)


def _record(
    session: Session, invitation: Invitation | None, shop_id: int, keys: Collection[str], now: datetime
) -> None:
    # First the invitation, then its mails, as an answer that comes at the same time does: neither waits for the other.
    if invitation is not None:
        invitation.objected_at = invitation.objected_at or now
        session.flush()
    for key in sorted(keys):
        suppression.suppress(session, shop_id, key, SuppressionReason.OBJECTION, now)
        consents.withdraw(session, shop_id, key, now, How.OBJECTION)
        drop_waiting(session, _OBJECTED, OutboxMail.shop_id == shop_id, OutboxMail.recipient_key == key)


def _addresses(invitation: Invitation) -> set[str]:
    """Return the keys of the address that was asked and of the one that the person has by now."""
    customer = invitation.customer or (invitation.returned.customer if invitation.returned else None)
    return {key for key in (invitation.recipient_key, customer.email_key if customer else None) if key}
