"""Retention (R15): what is removed, and when, without anybody asking for it.

Each rule runs in a transaction of its own and takes a batch at a time, so that no writer waits long.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import CLOSED, Story
from feedback_service.mail.models import (
    KEPT,
    UNSENT,
    IncomingMail,
    MailContent,
    MailPace,
    OutboxMail,
    Suppression,
    SuppressionReason,
)
from feedback_service.mail.wiping import wipe
from feedback_service.mentions.models import Document, Mention
from feedback_service.privacy.erasure import anonymise_answers, anonymise_replies, forget_recipients
from feedback_service.returns.models import Customer, Order, Return, SurveyConsent
from feedback_service.settings import Settings
from feedback_service.shops.models import AuditEntry
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.replies import CustomerReply
from feedback_service.ticks import JobRun, JobTick

BATCH = 500
_TICK_DAYS = 3  # Longer than the longest slot, or a slot could be taken twice.
_RUN_DAYS = 90
_UNSENT_DAYS = 14
_PACE_DAYS = 3  # Longer than the longest limit and the longest pause.
_AUDIT_DAYS = 365

Rule = Callable[[Session, Settings, datetime], int]


@dataclass(frozen=True, slots=True)
class Retention:
    """One rule: `apply` handles a batch of up to `BATCH` rows and returns how many there were."""

    name: str
    apply: Rule


def pseudonymise_customers(session: Session, settings: Settings, now: datetime) -> int:
    """Forget name and address once the last return is closed, and the last order placed, that long ago."""
    limit = now - timedelta(days=settings.retention_address_days)
    mine = Return.customer_id == Customer.id
    busy = sa.exists().where(mine, sa.or_(Return.closed_at.is_(None), Return.closed_at > limit))
    fresh = sa.exists().where(Order.customer_id == Customer.id, Order.ordered_at > limit)
    ids = session.scalars(
        sa.select(Customer.id)
        .where(Customer.pseudonymised_at.is_(None), Customer.created_at <= now, ~busy, ~fresh)
        .where(sa.or_(Customer.email.is_not(None), Customer.name.is_not(None)))
        .limit(BATCH)
    ).all()
    gone = {"email": None, "name": None, "pseudonymised_at": now}
    session.execute(sa.update(Customer).where(Customer.id.in_(ids)).values(**gone))
    return len(ids)


def forget_mail_recipients(session: Session, settings: Settings, now: datetime) -> int:
    """Forget whom a mail went to, that long after it was written; its cause and dates stay as figures."""
    limit = now - timedelta(days=settings.retention_address_days)
    mails = session.scalars(
        sa.select(OutboxMail)
        .where(OutboxMail.recipient.is_not(None), OutboxMail.created_at <= limit, OutboxMail.state.not_in(UNSENT))
        .limit(BATCH)
    ).all()
    forget_recipients(session, mails)
    return len(mails)


def wipe_mails(session: Session, settings: Settings, now: datetime) -> int:
    """Wipe what failed or doubtful mails said, once nobody has sent them again for so long.

    That of a mail that was sent goes with it; here goes what a process that died meanwhile has left.
    """
    del settings
    limit = now - timedelta(days=_UNSENT_DAYS)
    has_ended = OutboxMail.state.not_in((*UNSENT, *KEPT))
    is_old = sa.and_(OutboxMail.state.in_(KEPT), OutboxMail.created_at <= limit)
    found = sa.select(OutboxMail.id).join(MailContent).where(sa.or_(has_ended, is_old))
    ids = session.scalars(found.limit(BATCH)).all()
    wipe(session.connection(), ids)
    return len(ids)


def remove_paces(session: Session, settings: Settings, now: datetime) -> int:
    """Remove what is noted about domains that have had no mail and no pause for days."""
    del settings
    limit = now - timedelta(days=_PACE_DAYS)
    session.execute(sa.delete(MailPace).where(MailPace.changed_at <= limit))
    return 0  # machinery, not data: not worth a line to the operator


def forget_invited(session: Session, settings: Settings, now: datetime) -> int:
    """Forget the keyed hash of whom an invitation went to, when the answer to it is anonymised as well."""
    limit = now - timedelta(days=settings.retention_answer_days)
    ids = session.scalars(
        sa.select(Invitation.id).where(Invitation.recipient_key != "", Invitation.created_at <= limit).limit(BATCH)
    ).all()
    session.execute(sa.update(Invitation).where(Invitation.id.in_(ids)).values(recipient_key=""))
    return len(ids)


def anonymise_old_answers(session: Session, settings: Settings, now: datetime) -> int:
    """Anonymise the answers that are that old."""
    limit = now - timedelta(days=settings.retention_answer_days)
    old = (Answer.anonymised_at.is_(None), Answer.created_at <= limit)
    answers = session.scalars(sa.select(Answer).where(*old).limit(BATCH)).all()
    anonymise_answers(session, answers, now)
    return len(answers)


def anonymise_old_replies(session: Session, settings: Settings, now: datetime) -> int:
    """Anonymise the replies that are that old."""
    limit = now - timedelta(days=settings.retention_answer_days)
    old = (CustomerReply.anonymised_at.is_(None), CustomerReply.came_at <= limit)
    replies = session.scalars(sa.select(CustomerReply).where(*old).limit(BATCH)).all()
    anonymise_replies(session, replies, now)
    return len(replies)


def remove_incoming(session: Session, settings: Settings, now: datetime) -> int:
    """Remove what is kept of a mail that came back, when nobody will hand it in again."""
    limit = now - timedelta(days=settings.retention_answer_days)
    return _delete(session, IncomingMail, IncomingMail.came_at <= limit)


def remove_closed_stories(session: Session, settings: Settings, now: datetime) -> int:
    """Remove the stories closed that long ago: they quote answers. The digests keep their figures."""
    limit = now - timedelta(days=settings.retention_answer_days)
    return _delete(session, Story, Story.state.in_(CLOSED), Story.closed_at <= limit)


def remove_objections(session: Session, settings: Settings, now: datetime) -> int:
    """Remove the proof of an objection or a bounce that is that old; an erasure and a complaint stay (R27)."""
    limit = now - timedelta(days=settings.retention_objection_days)
    ends = Suppression.reason.not_in((SuppressionReason.ERASURE, SuppressionReason.COMPLAINT))
    return _delete(session, Suppression, ends, Suppression.created_at <= limit)


def remove_consents(session: Session, settings: Settings, now: datetime) -> int:
    """Remove a consent to surveys, with its proof, that long after it was given or withdrawn, whichever was last."""
    limit = now - timedelta(days=settings.retention_objection_days)
    last = sa.func.coalesce(SurveyConsent.withdrawn_at, SurveyConsent.given_at)
    return _delete(session, SurveyConsent, last <= limit)


def remove_documents(session: Session, settings: Settings, now: datetime) -> int:
    """Remove the documents that turned out not to be about the shop."""
    limit = now - timedelta(days=settings.retention_document_days)
    mentioned = sa.exists().where(Mention.document_id == Document.id)
    return _delete(session, Document, Document.fetched_at <= limit, ~mentioned)


def remove_audit_entries(session: Session, settings: Settings, now: datetime) -> int:
    """Remove audit entries after a year."""
    del settings
    return _delete(session, AuditEntry, AuditEntry.at <= now - timedelta(days=_AUDIT_DAYS))


def remove_runs(session: Session, settings: Settings, now: datetime) -> int:
    """Remove the job runs of a quarter ago."""
    del settings
    return _delete(session, JobRun, JobRun.started_at <= now - timedelta(days=_RUN_DAYS))


def remove_ticks(session: Session, settings: Settings, now: datetime) -> int:
    """Remove the slots that nobody can take any more."""
    del settings
    session.execute(sa.delete(JobTick).where(JobTick.slot <= now - timedelta(days=_TICK_DAYS)))
    return 0  # machinery, not data: not worth a line to the operator


RETENTIONS = (
    Retention("addresses", pseudonymise_customers),
    Retention("mail recipients", forget_mail_recipients),
    Retention("mail contents", wipe_mails),
    Retention("mail rates", remove_paces),
    Retention("invited", forget_invited),
    Retention("answers", anonymise_old_answers),
    Retention("replies", anonymise_old_replies),
    Retention("returned mails", remove_incoming),
    Retention("stories", remove_closed_stories),
    Retention("objections", remove_objections),
    Retention("consents", remove_consents),
    Retention("documents", remove_documents),
    Retention("audit entries", remove_audit_entries),
    Retention("job runs", remove_runs),
    Retention("job ticks", remove_ticks),
)


def _delete(session: Session, model: Any, *where: sa.ColumnElement[bool]) -> int:  # noqa: ANN401 - any mapped class
    ids = session.scalars(sa.select(model.id).where(*where).limit(BATCH)).all()
    session.execute(sa.delete(model).where(model.id.in_(ids)))
    return len(ids)
