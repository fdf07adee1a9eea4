"""The one reminder of a survey: a job looks at the surveys sent some days ago and queues those that are due (R38).

    sent, unanswered invitations -> facts -> reminding.decide -> a second link + mail   (one transaction)

The first link is known only as a digest, so the reminder carries one of its own; both open the same survey.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback_service.batches import batched
from feedback_service.hashing import token_digest
from feedback_service.mail.models import MailState, OutboxMail
from feedback_service.returns.models import Return
from feedback_service.shops.configuration import list_shops
from feedback_service.shops.models import Shop
from feedback_service.surveys import reminding
from feedback_service.surveys.asking import READ_AT_ONCE, WRITTEN_AT_ONCE, Desk, Stopping, never
from feedback_service.surveys.facts import NOBODY, people, taken, terms_of
from feedback_service.surveys.letter import reminder_letter
from feedback_service.surveys.models import Invitation
from feedback_service.surveys.questions import Survey
from feedback_service.surveys.reminding import NotReminded, ReminderFacts
from feedback_service.surveys.rules import Person, Terms

_DELIVERY = timedelta(days=2)


class Reminders:
    """Queues the reminders that are due; idempotent, safe in several processes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def queue_due(self, now: datetime, stopping: Stopping = never) -> int:
        """Queue every reminder due at `now`, in every shop; return how many were queued."""
        with self._desk.database.reading() as session:
            shops = [shop for shop in list_shops(session) if shop.reminder_days]
        return sum(self._queue_of(shop, now, stopping) for shop in shops)

    def why_not(self, session: Session, invitation: Invitation, now: datetime) -> NotReminded | None:
        """Return why a survey has no reminder (yet); None: it goes out at the next run.

        Needs `invitation.shop`, `mail` and `returned` with its customer.
        """
        terms = terms_of(session, invitation.shop, self._desk.settings, now)
        ((_, _, reason),) = self._judged(session, invitation.shop, terms, [invitation], now)
        return reason

    def _queue_of(self, shop: Shop, now: datetime, stopping: Stopping) -> int:
        with self._desk.database.reading() as session:
            terms = terms_of(session, shop, self._desk.settings, now)
            candidates = session.scalars(_candidates(shop, now)).all()
        queued = 0
        for batch in itertools.takewhile(lambda _: not stopping(), batched(candidates, READ_AT_ONCE)):
            with self._desk.database.reading() as session:
                judged = self._judged(session, shop, terms, _load(session, batch), now)
                due = [invitation.id for invitation, _, reason in judged if reason is None]
            queued += sum(self._remind(shop, terms, some, now) for some in batched(due, WRITTEN_AT_ONCE))
        return queued

    def _remind(self, shop: Shop, terms: Terms, invitation_ids: Sequence[int], now: datetime) -> int:
        """Remind in one transaction of those for whom nothing has changed and that no other process has in hand."""
        with self._desk.database.writing() as session:
            owned = sa.select(Invitation.id).join(Return, Return.id == Invitation.return_id)
            chosen = owned.where(Invitation.id.in_(invitation_ids))
            owners = session.scalars(chosen.with_only_columns(Return.customer_id))
            mine = [customer.id for customer in taken(session, {*owners} - {None}, self._desk.secret)]
            # An answer or an objection that comes at this moment has the invitation in hand: it is left out, too.
            free = chosen.where(Return.customer_id.in_(mine)).order_by(Invitation.id)
            free_ids = session.scalars(free.with_for_update(of=Invitation, skip_locked=True)).all()
            invitations = _load(session, free_ids)
            judged = self._judged(session, shop, terms, invitations, now)
            return sum(
                self._post(session, shop, invitation, person, now)
                for invitation, person, reason in judged
                if reason is None
            )

    def _judged(
        self, session: Session, shop: Shop, terms: Terms, invitations: Sequence[Invitation], now: datetime
    ) -> Iterator[tuple[Invitation, Person, NotReminded | None]]:
        """Yield the invitations, each with its person and why there is no reminder (None: it goes out now)."""
        customers = {each.returned.customer for each in invitations if each.returned and each.returned.customer}
        known = people(session, shop, customers, self._desk.secret, now)
        for invitation in invitations:
            person = _person_of(invitation, known)
            yield invitation, person, reminding.decide(self._facts(invitation, person), terms, now)

    def _post(self, session: Session, shop: Shop, invitation: Invitation, person: Person, now: datetime) -> bool:
        """Write the reminder; nothing where it has mailed before (its cause tells)."""
        desk = self._desk
        asked = desk.asked(session, shop, invitation, person.address or "")
        until = min(now + _DELIVERY, invitation.expires_at)
        letter = reminder_letter(shop, invitation, asked, desk.settings, desk.headers(shop, asked), until)
        mail = desk.outbox.post(session, letter, now)
        if mail is None:
            return False
        invitation.reminder_digest = token_digest(asked.token)
        invitation.reminder_mail_id = mail.id
        invitation.reminded_at = now
        return True

    def _facts(self, invitation: Invitation, person: Person) -> ReminderFacts:
        mail = invitation.mail
        sent_at = mail.sent_at if mail is not None and mail.state is MailState.SENT else None
        asked_at = person.last_asked_anywhere_at if self._desk.settings.survey_cap_days else person.last_asked_at
        return ReminderFacts(
            sent_at=sent_at,
            expires_at=invitation.expires_at,
            reminded=invitation.reminded_at is not None,
            answered=invitation.answered_at is not None,
            objected=person.objected or invitation.objected_at is not None,
            suppressed=person.suppressed,
            # A new address is another person's mailbox until somebody says otherwise.
            address=person.address if person.key == invitation.recipient_key else None,
            # This survey is itself among those that they were asked by.
            asked_since=asked_at is not None and sent_at is not None and asked_at > sent_at,
            held=person.disputed or person.refund_late or bool(invitation.returned and invitation.returned.flag),
        )


def _person_of(invitation: Invitation, known: Mapping[int, Person]) -> Person:
    customer_id = invitation.returned.customer_id if invitation.returned else None
    return known.get(customer_id, NOBODY) if customer_id is not None else NOBODY


def _candidates(shop: Shop, now: datetime) -> sa.Select[int]:
    return (
        sa.select(Invitation.id)
        .join(OutboxMail, OutboxMail.id == Invitation.mail_id)
        .where(
            Invitation.shop_id == shop.id,
            Invitation.survey == Survey.RETURN,
            Invitation.created_at > now - reminding.LAST_DAY - _DELIVERY * 2,
            Invitation.answered_at.is_(None),
            Invitation.objected_at.is_(None),
            Invitation.reminded_at.is_(None),
            OutboxMail.state == MailState.SENT,
            OutboxMail.sent_at <= now - timedelta(days=shop.reminder_days),
            OutboxMail.sent_at > now - reminding.LAST_DAY,
        )
        .order_by(Invitation.id)
    )


def _load(session: Session, invitation_ids: Sequence[int]) -> Sequence[Invitation]:
    returned = joinedload(Invitation.returned)
    return session.scalars(
        sa.select(Invitation)
        .where(Invitation.id.in_(invitation_ids))
        .options(
            joinedload(Invitation.shop),
            joinedload(Invitation.mail),
            returned.joinedload(Return.customer),
            returned.joinedload(Return.order),
            returned.selectinload(Return.lines),
        )
        .order_by(Invitation.id)
        .execution_options(populate_existing=True)
    ).all()
