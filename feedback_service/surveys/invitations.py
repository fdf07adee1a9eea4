"""Who is asked: a job looks at the returns that closed lately and queues the surveys that are due.

    closed returns without invitation -> facts -> rules.decide -> invitation + mail   (one transaction)
                                                              -> why not sent         (one row per return)

Two processes at once make one invitation: the person is locked, across the shops, and the facts are read
again in the transaction that invites; where a database knows no such locks its writers wait for each other.
"""

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from feedback_service.batches import batched
from feedback_service.db import Database
from feedback_service.hashing import address_key, new_token, token_digest
from feedback_service.links import Links
from feedback_service.mail.headers import survey_headers
from feedback_service.mail.outbox import Outbox
from feedback_service.returns.consents import Standing
from feedback_service.returns.customers import language_of
from feedback_service.returns.models import Return
from feedback_service.settings import Settings
from feedback_service.shops.configuration import list_shops
from feedback_service.shops.models import Shop
from feedback_service.surveys import not_sent, rules, subjects
from feedback_service.surveys.facts import hold, one_at_a_time, person_facts, terms_of
from feedback_service.surveys.letter import Asked, survey_letter
from feedback_service.surveys.models import Invitation, NotSent
from feedback_service.surveys.not_sent import Seen
from feedback_service.surveys.versions import Questionnaires

_BATCH = 200
# R29: a survey that could not be delivered for so long is not worth a late knock at the door.
_DELIVERY = timedelta(days=4)


class Inviter:
    """Queues the surveys that are due; idempotent, safe in several processes."""

    def __init__(
        self, database: Database, outbox: Outbox, links: Links, settings: Settings, questionnaires: Questionnaires
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._links = links
        self._settings = settings
        self._secret = settings.secret_key.get_secret_value()
        self._questionnaires = questionnaires

    def queue_due(self, now: datetime, stopping: Callable[[], bool] = lambda: False) -> int:
        """Queue every survey due at `now`, in every shop; return how many were queued.

        Once `stopping()` is true the rest is left to the next run.
        """
        with self._database.reading() as session:
            shops = list_shops(session)
        return sum(self._queue_of(shop, now, stopping) for shop in shops)

    def _queue_of(self, shop: Shop, now: datetime, stopping: Callable[[], bool]) -> int:
        with self._database.reading() as session:
            terms = terms_of(session, shop, self._settings, now)
            candidates = session.scalars(_candidates(shop, terms, now)).all()
        batches = itertools.takewhile(lambda _: not stopping(), batched(candidates, _BATCH))
        return sum(self._queue_batch(shop, terms, batch, now) for batch in batches)

    def _queue_batch(self, shop: Shop, terms: rules.Terms, return_ids: Sequence[int], now: datetime) -> int:
        due: list[int] = []
        seen: list[Seen] = []
        with self._database.reading() as session:
            for returned in _load(session, return_ids):
                verdict = rules.decide(self._facts(session, shop, returned, now), terms, now)
                if verdict.is_due:
                    due.append(returned.id)
                else:
                    seen.append(Seen(returned.id, verdict))
        if seen:
            with self._database.writing() as session:
                not_sent.record(session, shop.id, seen, now)
        return sum(self._invite(shop, terms, return_id, now) for return_id in due)

    def _invite(self, shop: Shop, terms: rules.Terms, return_id: int, now: datetime) -> bool:
        """Invite in one transaction, unless something changed meanwhile or another process was first."""
        try:
            with self._database.writing() as session:
                return self._invite_locked(session, shop, terms, return_id, now)
        except sa.exc.IntegrityError:
            return False

    def _invite_locked(self, session: Session, shop: Shop, terms: rules.Terms, return_id: int, now: datetime) -> bool:
        returned = next(iter(_load(session, [return_id])), None)
        if returned is None:
            return False
        # The person is locked, not the return: quarantine is per person, and two returns may be due at once.
        key = person_facts(session, shop, returned.customer, self._secret).key
        one_at_a_time(session, returned.customer_id, key)
        returned = next(iter(_load(session, [return_id])), None)
        if returned is None or session.scalar(sa.select(Invitation.id).where(Invitation.return_id == return_id)):
            return False
        facts = self._facts(session, shop, returned, now)
        verdict = rules.decide(facts, terms, now)
        if not verdict.is_due or not facts.address:
            not_sent.record(session, shop.id, [Seen(return_id, verdict)], now)
            return False
        session.execute(sa.delete(NotSent).where(NotSent.return_id == return_id))
        return self._post(session, shop, returned, facts, now)

    def _post(self, session: Session, shop: Shop, returned: Return, facts: rules.Facts, now: datetime) -> bool:
        token, address, language = new_token(), facts.address or "", language_of(shop, returned, returned.customer)
        choice = subjects.choose(session, shop.id, language, returned.id, self._secret, now)
        invitation = Invitation(
            shop_id=shop.id,
            return_id=returned.id,
            token_digest=token_digest(token),
            recipient_key=address_key(self._secret, address),
            has_consent=facts.has_consent,
            language=language,
            subject_trial_id=choice.trial_id if choice else None,
            subject=choice.subject if choice else None,
            created_at=now,
            expires_at=now + timedelta(days=self._settings.survey_valid_days),
        )
        session.add(invitation)
        session.flush()
        asked = Asked(
            address, language, token, self._questionnaires.current(session, shop),
            subject=choice.text if choice else "", has_consent=facts.has_consent,
        )  # fmt: skip
        headers = survey_headers(shop, self._links, token, self._settings)
        until = min(now + _DELIVERY, invitation.expires_at)
        mail = self._outbox.post(session, survey_letter(shop, returned, asked, self._settings, headers, until), now)
        if mail is None:
            # The cause has mailed before: without the old token this invitation could never be answered.
            session.rollback()
            return False
        invitation.mail_id = mail.id
        return True

    def _facts(self, session: Session, shop: Shop, returned: Return, now: datetime) -> rules.Facts:
        """Gather what the decision needs; `returned` is closed and has its customer loaded."""
        person = person_facts(session, shop, returned.customer, self._secret)
        held = hold(session, shop, returned, now)
        return rules.Facts(
            closed_at=returned.closed_at or returned.state_at,
            state=returned.state,
            disputed=held.disputed,
            refund_late=held.refund_late,
            address=person.address,
            country=(returned.customer.country if returned.customer else None) or shop.country,
            has_consent=person.consent is Standing.GIVEN,
            objected=person.objected,
            suppressed=person.suppressed is not None,
            last_asked_at=person.last_asked_at,
            last_asked_anywhere_at=person.last_asked_anywhere_at,
        )


def _candidates(shop: Shop, terms: rules.Terms, now: datetime) -> sa.Select[int]:
    """Select the returns to look at: closed lately, not invited, and not yet decided for good.

    A return that waits for its delay to pass has its row already and is not looked at before.
    """
    return (
        sa.select(Return.id)
        .outerjoin(Invitation, Invitation.return_id == Return.id)
        .outerjoin(NotSent, NotSent.return_id == Return.id)
        .where(
            Return.shop_id == shop.id,
            Return.closed_at > now - max(not_sent.LOOKBACK, terms.delay + terms.window + 2 * rules.NIGHT_GRACE),
            Return.closed_at <= now,
            Invitation.id.is_(None),
            sa.or_(
                NotSent.return_id.is_(None),
                sa.and_(NotSent.is_final.is_(False), Return.closed_at <= now - terms.delay),
            ),
        )
        .order_by(Return.closed_at, Return.id)
    )


def _load(session: Session, return_ids: Sequence[int]) -> Sequence[Return]:
    return session.scalars(
        sa.select(Return)
        .where(Return.id.in_(return_ids), Return.closed_at.is_not(None))
        .options(joinedload(Return.customer), joinedload(Return.order), selectinload(Return.lines))
        .order_by(Return.closed_at, Return.id)
        .execution_options(populate_existing=True)
    ).all()
