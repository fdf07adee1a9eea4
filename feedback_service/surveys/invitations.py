"""Who is asked: a job looks at the returns that closed lately and queues the surveys that are due.

    closed returns without invitation -> facts -> rules.decide -> invitation + mail   (one transaction)
                                                              -> why not sent         (one row per return)

Two processes at once make one invitation: the person's row is locked and the facts are read again in
the transaction that invites; where a database knows no row locks its writers wait for each other.
"""

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from feedback_service.batches import batched
from feedback_service.db import Database
from feedback_service.formats import zone
from feedback_service.hashing import address_key, new_token, token_digest
from feedback_service.links import Links
from feedback_service.mail import suppression
from feedback_service.mail.headers import survey_headers
from feedback_service.mail.models import SuppressionReason
from feedback_service.mail.outbox import Outbox
from feedback_service.returns.customers import language_of
from feedback_service.returns.models import Customer, Return
from feedback_service.settings import Settings
from feedback_service.shops.configuration import list_shops
from feedback_service.shops.models import Shop
from feedback_service.surveys import not_sent, rules
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
        self._questionnaires = questionnaires

    def queue_due(self, now: datetime, stopping: Callable[[], bool] = lambda: False) -> int:
        """Queue every survey due at `now`, in every shop; return how many were queued.

        Once `stopping()` is true the rest is left to the next run.
        """
        with self._database.reading() as session:
            shops = list_shops(session)
        return sum(self._queue_of(shop, now, stopping) for shop in shops)

    def _queue_of(self, shop: Shop, now: datetime, stopping: Callable[[], bool]) -> int:
        terms = terms_of(shop)
        with self._database.reading() as session:
            candidates = session.scalars(_candidates(shop, terms, now)).all()
        batches = itertools.takewhile(lambda _: not stopping(), batched(candidates, _BATCH))
        return sum(self._queue_batch(shop, terms, batch, now) for batch in batches)

    def _queue_batch(self, shop: Shop, terms: rules.Terms, return_ids: Sequence[int], now: datetime) -> int:
        due: list[int] = []
        seen: list[Seen] = []
        with self._database.reading() as session:
            for returned in _load(session, return_ids):
                verdict = rules.decide(self._facts(session, shop, returned), terms, now)
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
        # The person is locked, not the return: quarantine is per person, and two returns may be due at once.
        session.execute(
            sa.select(Customer.id).join(Return, Return.customer_id == Customer.id).where(Return.id == return_id)
            .with_for_update(of=Customer)
        )  # fmt: skip
        returned = next(iter(_load(session, [return_id])), None)
        if returned is None or session.scalar(sa.select(Invitation.id).where(Invitation.return_id == return_id)):
            return False
        facts = self._facts(session, shop, returned)
        verdict = rules.decide(facts, terms, now)
        if not verdict.is_due or not facts.address:
            not_sent.record(session, shop.id, [Seen(return_id, verdict)], now)
            return False
        session.execute(sa.delete(NotSent).where(NotSent.return_id == return_id))
        return self._post(session, shop, returned, facts.address, now)

    def _post(self, session: Session, shop: Shop, returned: Return, address: str, now: datetime) -> bool:
        token = new_token()
        invitation = Invitation(
            shop_id=shop.id,
            return_id=returned.id,
            token_digest=token_digest(token),
            recipient_key=address_key(self._settings.secret_key.get_secret_value(), address),
            language=language_of(shop, returned, returned.customer),
            created_at=now,
            expires_at=now + timedelta(days=self._settings.survey_valid_days),
        )
        session.add(invitation)
        session.flush()
        letter = survey_letter(
            shop,
            returned,
            Asked(address, invitation.language, token, self._questionnaires.current(session, shop)),
            self._settings,
            survey_headers(shop, self._links, token, self._settings),
            expires_at=min(now + _DELIVERY, invitation.expires_at),
        )
        mail = self._outbox.post(session, letter, now)
        if mail is None:
            # The cause has mailed before: without the old token this invitation could never be answered.
            session.rollback()
            return False
        invitation.mail_id = mail.id
        return True

    def _facts(self, session: Session, shop: Shop, returned: Return) -> rules.Facts:
        """Gather what the decision needs; `returned` is closed and has its customer loaded."""
        customer = returned.customer
        address = (customer.email or "").strip() or None if customer else None
        key = address_key(self._settings.secret_key.get_secret_value(), address) if address else None
        suppressed = suppression.reason_of(session, shop.id, key) if key else None
        return rules.Facts(
            closed_at=returned.closed_at or returned.state_at,
            state=returned.state,
            disputed=bool(returned.flag),
            address=address,
            country=(customer.country if customer else None) or shop.country,
            has_consent=False,  # Nothing stores a consent yet: where one is needed, nobody is asked.
            objected=suppressed is SuppressionReason.OBJECTION,
            suppressed=suppressed is not None,
            last_asked_at=_last_asked_at(session, shop, key),
        )


def terms_of(shop: Shop) -> rules.Terms:
    """Return the shop's terms of asking, as the rules read them."""
    return rules.Terms(
        enabled=shop.surveys_enabled,
        delay=timedelta(hours=shop.survey_delay_hours),
        window=timedelta(hours=shop.survey_window_hours),
        daytime_from=shop.daytime_from,
        daytime_until=shop.daytime_until,
        zone=zone(shop.time_zone),
        quarantine=timedelta(days=shop.quarantine_days),
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
    ).all()


def _last_asked_at(session: Session, shop: Shop, key: str | None) -> datetime | None:
    if key is None:
        return None
    return session.scalar(
        sa.select(sa.func.max(Invitation.created_at)).where(
            Invitation.recipient_key == key, Invitation.shop_id == shop.id
        )
    )
