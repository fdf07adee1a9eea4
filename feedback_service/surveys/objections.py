"""Objecting to surveys (R14, R24): one click, for good, also after the survey has expired or was answered."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback_service.errors import NotFoundError
from feedback_service.hashing import token_digest
from feedback_service.mail import suppression
from feedback_service.mail.models import WIPED, MailState, OutboxMail, SuppressionReason
from feedback_service.surveys.models import Invitation


def find(session: Session, token: str) -> Invitation:
    """Return the invitation of a token with its shop; `NotFoundError` when there is none."""
    invitation = session.scalar(
        sa.select(Invitation).where(Invitation.token_digest == token_digest(token)).options(joinedload(Invitation.shop))
    )
    if invitation is None:
        sentence = "There is no invitation with this link."
        raise NotFoundError(sentence)
    return invitation


def record(session: Session, token: str, now: datetime) -> Invitation:
    """Suppress the address for the shop's surveys and drop those that wait; idempotent, one transaction.

    Raises `NotFoundError` when the token is unknown.
    """
    invitation = find(session, token)
    suppression.suppress(session, invitation.shop_id, invitation.recipient_key, SuppressionReason.OBJECTION, now)
    invitation.objected_at = invitation.objected_at or now
    session.execute(
        sa.update(OutboxMail)
        .where(
            OutboxMail.shop_id == invitation.shop_id,
            OutboxMail.recipient_key == invitation.recipient_key,
            OutboxMail.kind == "survey",
            OutboxMail.state == MailState.QUEUED,
        )
        # The claim goes too, so that a worker that holds it cannot send; so do the bodies, which carry tokens.
        .values(
            state=MailState.DROPPED,
            due_at=None,
            claim=None,
            claimed_until=None,
            **WIPED,
            last_error="The recipient objected to surveys before it was sent.",
        )
    )
    return invitation
