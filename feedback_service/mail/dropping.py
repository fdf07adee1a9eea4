"""Survey mails that wait: dropped when the person answers, objects or takes a consent back before they are sent."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.mail.models import MailState, OutboxMail
from feedback_service.mail.wiping import wipe

SURVEY_KINDS = ("survey", "survey_reminder", "survey_periodic")
"""The templates of the mails that ask a customer something."""


def drop_waiting(session: Session, why: str, *which: sa.ColumnElement[bool]) -> None:
    """Drop the survey mails of `which` that nobody has begun to send; `why` in words for the operator.

    The claim goes too, so that a worker that holds it cannot send; so do the bodies, which carry tokens.
    """
    dropped = session.scalars(
        sa.update(OutboxMail)
        .where(OutboxMail.kind.in_(SURVEY_KINDS), OutboxMail.state == MailState.QUEUED, *which)
        .values(
            state=MailState.DROPPED,
            due_at=None,
            claim=None,
            claimed_until=None,
            last_error=why,
        )
        .returning(OutboxMail.id)
    ).all()
    wipe(session.connection(), dropped)
