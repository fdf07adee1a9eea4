"""Who is asked: a job looks at the returns that closed lately and queues the surveys that are due.

    closed returns without invitation -> facts -> rules.decide -> invitation + mail
                                                              -> why not sent         (one row per return)

Two processes at once make one invitation: the persons are locked, across the shops, and the facts are read
again in the transaction that invites; where a database knows no such locks its writers wait for each other.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from feedback_service.batches import batched
from feedback_service.hashing import token_digest
from feedback_service.returns.customers import language_of
from feedback_service.returns.models import Return
from feedback_service.shops.configuration import list_shops
from feedback_service.shops.models import Shop
from feedback_service.surveys import not_sent, rules
from feedback_service.surveys.asking import READ_AT_ONCE, WRITTEN_AT_ONCE, Desk, Stopping, never
from feedback_service.surveys.facts import NOBODY, people, taken, terms_of
from feedback_service.surveys.letter import survey_letter
from feedback_service.surveys.models import Invitation, NotSent
from feedback_service.surveys.not_sent import Seen
from feedback_service.surveys.rules import Person
from feedback_service.surveys.subjects import Trials

# R29: a survey that could not be delivered for so long is not worth a late knock at the door.
_DELIVERY = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class _Case:
    """A closed return with all that the decision needs, and the decision."""

    returned: Return
    person: Person
    verdict: rules.Verdict


class Inviter:
    """Queues the surveys that are due; idempotent, safe in several processes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def queue_due(self, now: datetime, stopping: Stopping = never) -> int:
        """Queue every survey due at `now`, in every shop; return how many were queued.

        Once `stopping()` is true the rest is left to the next run.
        """
        with self._desk.database.reading() as session:
            shops = list_shops(session)
        return sum(self._queue_of(shop, now, stopping) for shop in shops)

    def _queue_of(self, shop: Shop, now: datetime, stopping: Stopping) -> int:
        with self._desk.database.reading() as session:
            terms = terms_of(session, shop, self._desk.settings, now)
            candidates = session.scalars(_candidates(shop, terms, now)).all()
        queued = 0
        for batch in itertools.takewhile(lambda _: not stopping(), batched(candidates, READ_AT_ONCE)):
            due = self._due(shop, terms, batch, now)
            queued += sum(self._invite(shop, terms, some, now) for some in batched(due, WRITTEN_AT_ONCE))
        return queued

    def _due(self, shop: Shop, terms: rules.Terms, return_ids: Sequence[int], now: datetime) -> list[int]:
        """Return those of the returns whose survey is due, and note why the others are not."""
        with self._desk.database.reading() as session:
            cases = list(self._cases(session, shop, terms, _load(session, Return.id.in_(return_ids)), now))
        seen = [Seen(case.returned.id, case.verdict) for case in cases if not case.verdict.is_due]
        if seen:
            with self._desk.database.writing() as session:
                not_sent.record(session, shop.id, seen, now)
        return [case.returned.id for case in cases if case.verdict.is_due]

    def _invite(self, shop: Shop, terms: rules.Terms, return_ids: Sequence[int], now: datetime) -> int:
        """Invite in one transaction those for whom nothing has changed and that no other process has in hand."""
        with self._desk.database.writing() as session:
            owners = session.scalars(sa.select(Return.customer_id).where(Return.id.in_(return_ids)))
            mine = [customer.id for customer in taken(session, {*owners} - {None}, self._desk.secret)]
            asked = sa.exists().where(Invitation.return_id == Return.id)
            returns = _load(session, Return.id.in_(return_ids), Return.customer_id.in_(mine), ~asked)
            pen = _Pen(self._desk, session, shop, now)
            seen = []
            for case in self._cases(session, shop, terms, returns, now):
                if not case.verdict.is_due:
                    seen.append(Seen(case.returned.id, case.verdict))
                else:
                    pen.invite(case.returned, case.person)
            not_sent.record(session, shop.id, seen, now)
            not_sent.forget(session, pen.invited)
            return len(pen.invited)

    def _cases(
        self, session: Session, shop: Shop, terms: rules.Terms, returns: Sequence[Return], now: datetime
    ) -> Iterator[_Case]:
        """Yield the returns with the decision on each; of one person's several the first that is due counts."""
        customers = {returned.customer.id: returned.customer for returned in returns if returned.customer}
        known = dict(people(session, shop, customers.values(), self._desk.secret, now))
        for returned in returns:
            person = known.get(returned.customer_id or 0, NOBODY)
            closed_at = returned.closed_at or returned.state_at
            facts = rules.Facts(closed_at, returned.state, person, disputed=bool(returned.flag))
            verdict = rules.decide(facts, terms, now)
            yield _Case(returned, person, verdict)
            if verdict.is_due and returned.customer_id is not None:
                known[returned.customer_id] = person.asked(now)


class _Pen:
    """Writes invitations of one shop, with their mails, in one transaction."""

    def __init__(self, desk: Desk, session: Session, shop: Shop, now: datetime) -> None:
        self._desk, self._session, self._shop, self._now = desk, session, shop, now
        self._trials = Trials(session, shop.id, now)
        self.invited: list[int] = []

    def invite(self, returned: Return, person: Person) -> None:
        """Write one invitation; nothing where the return's survey has mailed before (its cause tells)."""
        now, desk = self._now, self._desk
        language = language_of(self._shop, returned, returned.customer)
        choice = self._trials.choose(language, returned.id, desk.secret)
        invitation = Invitation(
            shop_id=self._shop.id,
            return_id=returned.id,
            recipient_key=person.key,
            has_consent=person.has_consent,
            language=language,
            subject_trial_id=choice.trial_id if choice else None,
            subject=choice.subject if choice else None,
            created_at=now,
            expires_at=desk.link_ends_at(now),
        )
        asked = desk.asked(self._session, self._shop, invitation, person.address or "", choice.text if choice else "")
        until = min(now + _DELIVERY, invitation.expires_at)
        letter = survey_letter(self._shop, returned, asked, desk.settings, desk.headers(self._shop, asked), until)
        mail = desk.outbox.post(self._session, letter, now)
        if mail is not None:
            invitation.token_digest, invitation.mail_id = token_digest(asked.token), mail.id
            self._session.add(invitation)
            self.invited.append(returned.id)


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


def _load(session: Session, *which: sa.ColumnElement[bool]) -> Sequence[Return]:
    return session.scalars(
        sa.select(Return)
        .where(Return.closed_at.is_not(None), *which)
        .options(joinedload(Return.customer), joinedload(Return.order), selectinload(Return.lines))
        .order_by(Return.closed_at, Return.id)
        .execution_options(populate_existing=True)
    ).all()
