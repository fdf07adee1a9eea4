"""The one reminder of a survey: a job looks at the surveys sent some days ago and queues those that are due (R38).

    sent, unanswered invitations -> facts -> reminding.decide -> a second link + mail   (one transaction)

The first link is known only as a digest, so the reminder carries one of its own; both open the same survey.
"""

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback_service.batches import batched
from feedback_service.db import Database
from feedback_service.hashing import new_token, token_digest
from feedback_service.links import Links
from feedback_service.mail.headers import survey_headers
from feedback_service.mail.models import MailState, OutboxMail
from feedback_service.mail.outbox import Outbox
from feedback_service.returns.models import Return
from feedback_service.settings import Settings
from feedback_service.shops.configuration import list_shops
from feedback_service.shops.models import Shop
from feedback_service.surveys import reminding
from feedback_service.surveys.facts import hold, one_at_a_time, person_facts, terms_of
from feedback_service.surveys.letter import Asked, reminder_letter
from feedback_service.surveys.models import Invitation
from feedback_service.surveys.questions import Survey
from feedback_service.surveys.reminding import NotReminded, ReminderFacts
from feedback_service.surveys.versions import Questionnaires

_BATCH = 200
_DELIVERY = timedelta(days=2)


class Reminders:
    """Queues the reminders that are due; idempotent, safe in several processes."""

    def __init__(
        self, database: Database, outbox: Outbox, links: Links, settings: Settings, questionnaires: Questionnaires
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._links = links
        self._settings = settings
        self._questionnaires = questionnaires

    def queue_due(self, now: datetime, stopping: Callable[[], bool] = lambda: False) -> int:
        """Queue every reminder due at `now`, in every shop; return how many were queued."""
        with self._database.reading() as session:
            shops = [shop for shop in list_shops(session) if shop.reminder_days]
            candidates = {shop: session.scalars(_candidates(shop, now)).all() for shop in shops}
        batches = itertools.chain.from_iterable(
            ((shop, batch) for batch in batched(ids, _BATCH)) for shop, ids in candidates.items()
        )
        return sum(
            self._queue(shop, batch, now) for shop, batch in itertools.takewhile(lambda _: not stopping(), batches)
        )

    def why_not(self, session: Session, invitation: Invitation, now: datetime) -> NotReminded | None:
        """Return why a survey has no reminder (yet); None: it goes out at the next run.

        Needs `invitation.shop`, `mail` and `returned` with its customer.
        """
        shop = invitation.shop
        terms = terms_of(session, shop, self._settings, now)
        return reminding.decide(self._facts(session, shop, invitation, now), terms, now)

    def _queue(self, shop: Shop, invitation_ids: Sequence[int], now: datetime) -> int:
        with self._database.reading() as session:
            due = [
                invitation.id
                for invitation in session.scalars(_loaded(invitation_ids))
                if self.why_not(session, invitation, now) is None
            ]
        return sum(self._remind(shop, invitation_id, now) for invitation_id in due)

    def _remind(self, shop: Shop, invitation_id: int, now: datetime) -> bool:
        """Remind in one transaction, unless something changed meanwhile or another process was first."""
        with self._database.writing() as session:
            invitation = session.scalars(_loaded([invitation_id])).one()
            returned = invitation.returned
            one_at_a_time(session, returned.customer_id if returned else None, invitation.recipient_key)
            session.scalar(sa.select(Invitation.id).where(Invitation.id == invitation_id).with_for_update())
            invitation = session.scalars(_loaded([invitation_id])).one()
            if self.why_not(session, invitation, now) is not None:
                return False
            return self._post(session, shop, invitation, now)

    def _post(self, session: Session, shop: Shop, invitation: Invitation, now: datetime) -> bool:
        returned = invitation.returned
        customer = returned.customer if returned else None
        if returned is None or customer is None or not customer.email:
            return False
        token = new_token()
        asked = Asked(
            customer.email.strip(), invitation.language, token, self._questionnaires.current(session, shop),
            has_consent=invitation.has_consent,
        )  # fmt: skip
        letter = reminder_letter(
            shop,
            invitation,
            asked,
            self._settings,
            survey_headers(shop, self._links, token, self._settings),
            expires_at=min(now + _DELIVERY, invitation.expires_at),
        )
        mail = self._outbox.post(session, letter, now)
        if mail is None:
            session.rollback()
            return False
        invitation.reminder_digest = token_digest(token)
        invitation.reminder_mail_id = mail.id
        invitation.reminded_at = now
        return True

    def _facts(self, session: Session, shop: Shop, invitation: Invitation, now: datetime) -> ReminderFacts:
        returned = invitation.returned
        secret = self._settings.secret_key.get_secret_value()
        person = person_facts(session, shop, returned.customer if returned else None, secret, but=invitation.id)
        held = hold(session, shop, returned, now) if returned else None
        mail = invitation.mail
        anywhere = person.last_asked_anywhere_at if self._settings.survey_cap_days else person.last_asked_at
        return ReminderFacts(
            sent_at=mail.sent_at if mail is not None and mail.state is MailState.SENT else None,
            expires_at=invitation.expires_at,
            reminded=invitation.reminded_at is not None,
            answered=invitation.answered_at is not None,
            objected=person.objected or invitation.objected_at is not None,
            suppressed=person.suppressed is not None,
            # A new address is another person's mailbox until somebody says otherwise.
            address=person.address if person.key == invitation.recipient_key else None,
            asked_since=anywhere is not None and anywhere > invitation.created_at,
            held=held is not None and (held.disputed or held.refund_late),
        )


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


def _loaded(invitation_ids: Sequence[int]) -> sa.Select[Invitation]:
    returned = joinedload(Invitation.returned)
    return (
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
    )
