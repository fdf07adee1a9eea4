"""What the decision on the periodic survey needs of each customer beside what is known of any person (`facts`)."""

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback_service.returns.models import Order, Return
from feedback_service.surveys.models import Invitation
from feedback_service.surveys.periodic_rules import ORDERED_FROM, PeriodicFacts
from feedback_service.surveys.questions import Survey
from feedback_service.surveys.rules import Person


def facts_of(session: Session, people: Mapping[int, Person], now: datetime) -> dict[int, PeriodicFacts]:
    """Return the facts of the customers in `people`, by their id."""
    ordered_at = _latest(session, Order.customer_id, Order.ordered_at, people, Order.ordered_at <= now - ORDERED_FROM)
    returned_at = _latest(session, Return.customer_id, Return.closed_at, people)
    asked_at = _latest(
        session, Invitation.customer_id, Invitation.created_at, people, Invitation.survey == Survey.PERIODIC
    )
    still_open = sa.select(Return.customer_id).where(Return.customer_id.in_(people), Return.closed_at.is_(None))
    returning = set(session.scalars(still_open))
    return {
        id_: PeriodicFacts(
            person=person,
            ordered_at=ordered_at.get(id_),
            is_returning=id_ in returning,
            returned_at=returned_at.get(id_),
            last_periodic_at=asked_at.get(id_),
        )
        for id_, person in people.items()
    }


def _latest(
    session: Session,
    whose: InstrumentedAttribute[int | None],
    when: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    customer_ids: Collection[int],
    *which: sa.ColumnElement[bool],
) -> dict[int | None, datetime]:
    """Return the latest instant of each of the customers who have one."""
    latest = sa.select(whose, sa.func.max(when, type_=when.type)).where(whose.in_(customer_ids), when.is_not(None))
    rows = session.execute(latest.where(*which).group_by(whose))
    return {id_: at for id_, at in rows if at is not None}
