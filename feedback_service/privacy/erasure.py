"""Erasure: the person goes, the figures stay, and the keyed hash keeps them from being asked again (R16)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import Story, StoryItem
from feedback_service.digest.models import Digest
from feedback_service.learning.desk import learn_anew
from feedback_service.mail.models import (
    UNSENT,
    IncomingMail,
    MailState,
    OutboxMail,
    Suppression,
    SuppressionReason,
)
from feedback_service.mail.wiping import wipe
from feedback_service.mentions.models import Document, DocumentVersion, version_digest
from feedback_service.privacy.person import Person, Traces, find_traces, names
from feedback_service.privacy.redaction import redacted
from feedback_service.shops.models import AuditEntry, Shop
from feedback_service.sources.models import Source
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.replies import CustomerReply


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows were changed or removed; `staff` accounts of the address are left to `staff`."""

    customers: int = 0
    invitations: int = 0
    answers: int = 0
    replies: int = 0
    stories: int = 0
    mentions: int = 0
    mails: int = 0
    suppressions: int = 0
    staff: int = 0

    def __add__(self, other: "Erased") -> "Erased":
        theirs = asdict(other)
        return Erased(**{key: value + theirs[key] for key, value in asdict(self).items()})


def erase(session: Session, person: Person, shops: Iterable[Shop], now: datetime) -> Erased:
    """Erase `person` from `shops` in this transaction, and suppress the address there. Repeatable."""
    total = Erased()
    for shop in shops:
        total += _erase_from(session, person, find_traces(session, person, shop), now)
    session.add(AuditEntry(at=now, staff_id=None, action="privacy.erase", subject=person.key, detail=""))
    return total


def _erase_from(session: Session, person: Person, traces: Traces, now: datetime) -> Erased:
    stories = _erase_stories(session, traces)
    anonymise_answers(session, traces.answers, now)
    anonymise_replies(session, traces.replies, now)
    _close_invitations(session, traces.invitations, now)
    forget_recipients(session, traces.mails)
    mentions = _redact_mentions(session, person, traces)
    _redact_digests(session, person, traces.shop)
    if traces.answers or traces.mentions:
        learn_anew(session, traces.shop.id, now)
    for row in (*traces.customers, *traces.consents):
        session.delete(row)
    _suppress(session, traces, person, now)
    return Erased(
        customers=len(traces.customers),
        invitations=len(traces.invitations),
        answers=len(traces.answers),
        replies=len(traces.replies),
        stories=stories,
        mentions=mentions,
        mails=len(traces.mails),
        suppressions=1,
        staff=len(traces.staff),
    )


def anonymise_answers(session: Session, answers: Sequence[Answer], now: datetime) -> None:
    """Cut the answers from invitation and return and drop their texts; rating and reasons stay as figures."""
    ids = [answer.id for answer in answers]
    # The title of their story quotes them; its page says the rating in words.
    told = sa.select(StoryItem.story_id).where(StoryItem.answer_id.in_(ids))
    session.execute(
        sa.update(Story).where(Story.id.in_(told)).values(title="–").execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(Answer)
        .where(Answer.id.in_(ids))
        .values(
            invitation_id=None,
            return_id=None,
            text=None,
            other_reason=None,
            contact_permitted_at=None,
            anonymised_at=now,
        )
        .execution_options(synchronize_session=False)
    )


def anonymise_replies(session: Session, replies: Sequence[CustomerReply], now: datetime) -> None:
    """Cut the replies from return and mail and drop what they say; that one came, and its figures, stay."""
    ids = [reply.id for reply in replies]
    told = sa.select(StoryItem.story_id).where(StoryItem.reply_id.in_(ids))
    session.execute(
        sa.update(Story).where(Story.id.in_(told)).values(title="–").execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(CustomerReply)
        .where(CustomerReply.id.in_(ids))
        .values(incoming_id=None, return_id=None, text=None, evidence=[], anonymised_at=now)
        .execution_options(synchronize_session=False)
    )


def forget_recipients(session: Session, mails: Sequence[OutboxMail]) -> None:
    """Wipe whom and what `mails` were about; unsent ones are dropped. Cause and dates stay: nothing is sent twice.

    What came back of them stays as a figure.
    """
    ids = [mail.id for mail in mails]
    session.execute(
        sa.update(IncomingMail)
        .where(IncomingMail.mail_id.in_(ids))
        .values(recipient_key="", diagnosis="")
        .execution_options(synchronize_session=False)
    )
    wipe(session.connection(), ids)
    gone: dict[str, Any] = {
        "recipient": None,
        "recipient_key": "",
        "domain": "",
        "subject": "",
    }
    session.execute(
        sa.update(OutboxMail)
        .where(OutboxMail.id.in_(ids))
        .values(**gone, last_error=None, return_path="")
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(OutboxMail)
        .where(OutboxMail.id.in_(ids), OutboxMail.state.in_(UNSENT))
        .values(state=MailState.DROPPED, due_at=None, claim=None, claimed_until=None)
        .execution_options(synchronize_session=False)
    )


def _close_invitations(session: Session, invitations: Sequence[Invitation], now: datetime) -> None:
    session.execute(
        sa.update(Invitation)
        .where(Invitation.id.in_([invitation.id for invitation in invitations]))
        .values(recipient_key="", expires_at=now)
        .execution_options(synchronize_session=False)
    )


def _erase_stories(session: Session, traces: Traces) -> int:
    """Remove the stories that are the person's alone; cut the person from those that others tell too."""
    theirs = {answer.id for answer in traces.answers}
    written = {reply.id for reply in traces.replies}
    for story in traces.stories:
        said = sa.or_(StoryItem.answer_id.in_(theirs), StoryItem.reply_id.in_(written))
        session.execute(sa.delete(StoryItem).where(StoryItem.story_id == story.id, said))
        left = session.scalar(sa.select(sa.func.count()).where(StoryItem.story_id == story.id))
        alerts = session.scalars(
            sa.select(OutboxMail).where(OutboxMail.cause.startswith(f"alert:story:{story.id}:", autoescape=True))
        ).all()
        forget_recipients(session, alerts)
        session.expire(story)
        if left:
            session.execute(sa.update(Story).where(Story.id == story.id).values(return_id=None, order_id=None))
        else:
            session.delete(story)
    session.flush()
    return len(traces.stories)


def _redact_mentions(session: Session, person: Person, traces: Traces) -> int:
    """Cut public texts from the order, and blacken the address where it stands in them."""
    for mention in traces.mentions:
        mention.order_id = None
        mention.text = redacted(mention.text, person.address)
        mention.title = redacted(mention.title, person.address)
        mention.author = redacted(mention.author, person.address)
        mention.evidence = [
            piece | {"text": redacted(str(piece.get("text", "")), person.address)} for piece in mention.evidence
        ]
        mention.clues = redacted(mention.clues, person.address)
    named = sa.or_(names(Document.text, person), names(Document.title, person), names(Document.author, person))
    documents = session.scalars(sa.select(Document).where(Document.source.has(shop_id=traces.shop.id), named)).all()
    for document in documents:
        document.text = redacted(document.text, person.address)
        document.title = redacted(document.title, person.address)
        document.author = redacted(document.author, person.address)
    _redact_versions(session, person, traces.shop)
    return len(traces.mentions)


def _redact_versions(session: Session, person: Person, shop: Shop) -> None:
    """Blacken the address in what documents said before they were edited; their digests are those of what is left."""
    mine = sa.select(Document.id).join(Document.source).where(Source.shop_id == shop.id)
    named = sa.or_(names(DocumentVersion.text, person), names(DocumentVersion.title, person))
    for version in session.scalars(sa.select(DocumentVersion).where(DocumentVersion.document_id.in_(mine), named)):
        version.text = redacted(version.text, person.address)
        version.title = redacted(version.title, person.address)
        version.digest = version_digest(version.title, version.text)


def _redact_digests(session: Session, person: Person, shop: Shop) -> None:
    for digest in session.scalars(sa.select(Digest).where(Digest.shop_id == shop.id)):
        contents = redacted(digest.contents, person.address)
        if contents != digest.contents:
            digest.contents = contents


def _suppress(session: Session, traces: Traces, person: Person, now: datetime) -> None:
    if traces.suppressions:
        for suppression in traces.suppressions:
            suppression.reason = SuppressionReason.ERASURE
        return
    session.add(
        Suppression(shop_id=traces.shop.id, address_key=person.key, reason=SuppressionReason.ERASURE, created_at=now)
    )
