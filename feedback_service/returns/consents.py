"""Stored consents to survey mail (R11): when and how they were given, what proves it, and their withdrawal.

Each time a consent is given it is a row of its own; a withdrawal closes the rows there are and deletes none,
because the shop must be able to show what it relied on. A platform sends the same customer again and again:
a consent that is older than its withdrawal does not come back by that.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import insert_for, table_of
from feedback_service.errors import InvalidInputError
from feedback_service.mail.dropping import drop_waiting
from feedback_service.mail.models import OutboxMail, SuppressionReason
from feedback_service.mail.suppression import suppress
from feedback_service.returns.models import SurveyConsent

FUTURE = "A consent cannot be given or withdrawn in the future."
_CLOCKS_DIFFER = timedelta(minutes=5)
_WITHDRAWN = "The consent to surveys was withdrawn before it was sent."


class Standing(StrEnum):
    """Where a person's consent to the surveys of a shop stands."""

    NONE = "none"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class How(StrEnum):
    """The way a consent or its withdrawal came in."""

    API = "api"
    CSV = "csv"
    CLI = "cli"
    OBJECTION = "objection"


@dataclass(frozen=True, slots=True)
class ConsentIn:
    """A consent that was given, with its proof, or one that was withdrawn, or both, one after the other."""

    how: How
    given_at: datetime | None = None
    withdrawn_at: datetime | None = None
    proof: str = ""

    def is_of_the_future(self, now: datetime) -> bool:
        """Tell whether it was given or withdrawn after `now`; the clocks of two machines differ a little."""
        return any(at is not None and at > now + _CLOCKS_DIFFER for at in (self.given_at, self.withdrawn_at))

    @property
    def key(self) -> str:
        """What tells two of them apart."""
        return f"{self.given_at}|{self.withdrawn_at}|{self.proof}"


def record(session: Session, shop_id: int, address_key: str, consent_in: ConsentIn, now: datetime) -> Standing:
    """Record what came in, in this transaction; return where the consent stands now. Repeatable.

    Raises `InvalidInputError` for a consent without proof, or one that lies in the future.
    """
    if consent_in.is_of_the_future(now):
        raise InvalidInputError(FUTURE, field="survey_consent")
    if consent_in.given_at is not None:
        _give(session, shop_id, address_key, consent_in, now)
    if consent_in.withdrawn_at is not None:
        withdraw(session, shop_id, address_key, consent_in.withdrawn_at, consent_in.how)
    return standing(session, shop_id, address_key)


def withdraw(session: Session, shop_id: int, address_key: str, at: datetime, how: How) -> None:
    """Close the consents given up to `at` and drop the surveys that wait; who never gave one objects by it."""
    mine = _of(shop_id, address_key)
    if session.scalar(sa.select(SurveyConsent.id).where(*mine).limit(1)) is None:
        suppress(session, shop_id, address_key, SuppressionReason.OBJECTION, at)
    session.execute(
        sa.update(SurveyConsent)
        .where(*mine, SurveyConsent.withdrawn_at.is_(None), SurveyConsent.given_at <= at)
        .values(withdrawn_at=at, withdrawn_how=how.value)
    )
    if standing(session, shop_id, address_key) is not Standing.GIVEN:
        drop_waiting(session, _WITHDRAWN, OutboxMail.shop_id == shop_id, OutboxMail.recipient_key == address_key)


def standing(session: Session, shop_id: int, address_key: str) -> Standing:
    """Return where the consent of an address (as `hashing.address_key` gives it) stands."""
    return standings(session, shop_id, [address_key]).get(address_key, Standing.NONE)


def standings(session: Session, shop_id: int, address_keys: Collection[str]) -> dict[str, Standing]:
    """Return where the consents of addresses stand; one that nothing is known of is left out."""
    is_open = sa.func.count().filter(SurveyConsent.withdrawn_at.is_(None))
    rows = session.execute(
        sa.select(SurveyConsent.address_key, is_open)
        .where(SurveyConsent.shop_id == shop_id, SurveyConsent.address_key.in_(address_keys))
        .group_by(SurveyConsent.address_key)
    )
    return {key: Standing.GIVEN if given else Standing.WITHDRAWN for key, given in rows}


def carry_withdrawn(session: Session, shop_id: int, before: str, key: str) -> None:
    """Let a consent that was taken back count so at the person's new address as well; one that is open does not."""
    if standing(session, shop_id, before) is not Standing.WITHDRAWN:
        return
    taken_back = session.scalars(sa.select(SurveyConsent).where(*_of(shop_id, before)))
    rows = [
        {name: getattr(row, name) for name in table_of(SurveyConsent).c.keys() if name != "id"} | {"address_key": key}  # noqa: SIM118
        for row in taken_back
    ]
    session.execute(insert_for(session, SurveyConsent).on_conflict_do_nothing(), rows)


def _give(session: Session, shop_id: int, address_key: str, consent_in: ConsentIn, now: datetime) -> None:
    if not consent_in.proof:
        sentence = "A consent needs its proof: the wording that was agreed to and where, or a reference to it."
        raise InvalidInputError(sentence, field="survey_consent")
    known = session.execute(
        sa.select(
            sa.func.count().filter(SurveyConsent.given_at == consent_in.given_at),
            sa.func.max(SurveyConsent.withdrawn_at),
        ).where(*_of(shop_id, address_key))
    ).one()
    if known[0] or (known[1] is not None and consent_in.given_at is not None and consent_in.given_at <= known[1]):
        return
    session.add(
        SurveyConsent(
            shop_id=shop_id,
            address_key=address_key,
            given_at=consent_in.given_at,
            how=consent_in.how.value,
            proof=consent_in.proof,
            recorded_at=now,
        )
    )
    session.flush()


def _of(shop_id: int, address_key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (SurveyConsent.shop_id == shop_id, SurveyConsent.address_key == address_key)
