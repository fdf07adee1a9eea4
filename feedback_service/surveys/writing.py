"""Answers on their way into the database: several at once, by as few statements as there are kinds of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import table_of
from feedback_service.prepared import PreparedForSeveral, inserting, several
from feedback_service.surveys.invited import Invited
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.signs import Flag

_ANSWERS, _INVITATIONS = table_of(Answer), table_of(Invitation)
_EDIT = sa.update(_ANSWERS).where(_ANSWERS.c.id == sa.bindparam("answer_id"))
_STORED = [column.name for column in _ANSWERS.c if column.name not in {"id", "anonymised_at"}]
"""The columns of a new answer."""


def _answered(count: int) -> sa.Update:
    ids = several("invitation_id", _INVITATIONS.c.id.type, count)
    answered_at = sa.select(_ANSWERS.c.created_at).where(_ANSWERS.c.invitation_id == _INVITATIONS.c.id)
    return sa.update(_INVITATIONS).where(_INVITATIONS.c.id.in_(ids)).values(answered_at=answered_at.scalar_subquery())


_NEW = inserting(_ANSWERS, _STORED)
_ANSWERED = PreparedForSeveral(_answered)


@dataclass(frozen=True, slots=True)
class Writing:
    """One answer as it will be stored: `values` are columns of `Answer`."""

    invited: Invited
    values: dict[str, Any]
    now: datetime

    @property
    def is_fallen(self) -> bool:
        """Tell whether the rating has become low, which it was not before."""
        given = self.invited.given
        return self._is_low(self.values["rating"]) and not (given is not None and self._is_low(given.rating))

    @property
    def waiting_reminder(self) -> int | None:
        """The mail of the reminder, which a first answer makes needless; None where there is none."""
        return self.invited.reminder_mail_id if self.invited.given is None else None

    def _is_low(self, rating: int | None) -> bool:
        return rating is not None and rating <= self.invited.shop.low_rating


def store(session: Session, writings: Sequence[Writing]) -> None:
    """Insert or edit the answers, each of another invitation; plain statements, with no object of the session."""
    # What waits in the session may be what these statements refer to.
    session.flush()
    connection = session.connection()
    new = [writing for writing in writings if writing.invited.given is None]
    if new:
        _NEW.execute(connection, [_new_row(writing) for writing in new])
        _ANSWERED.execute(connection, [{"invitation_id": writing.invited.id} for writing in new])
    edited = [writing.values | {"answer_id": writing.invited.given.id} for writing in writings if writing.invited.given]
    if edited:
        connection.execute(_EDIT, edited)


def add_flag(session: Session, digests: Collection[str], flag: Flag) -> None:
    """Add a flag to the answers of the surveys whose tokens have these digests, where there are any."""
    if not digests:
        return
    named = sa.or_(Invitation.token_digest.in_(digests), Invitation.reminder_digest.in_(digests))
    chosen = sa.select(Answer.id, Answer.flags).join(Invitation, Invitation.id == Answer.invitation_id).where(named)
    rows = session.execute(chosen.order_by(Answer.id).with_for_update(of=Answer)).all()
    flagged = [{"answer_id": id_, "flags": sorted({*flags, flag})} for id_, flags in rows if flag not in flags]
    if flagged:
        session.connection().execute(_EDIT, flagged)


def _new_row(writing: Writing) -> dict[str, Any]:
    invited = writing.invited
    return writing.values | {
        "shop_id": invited.shop.id,
        "invitation_id": invited.id,
        "return_id": invited.return_id,
        "language": invited.language,
        "created_at": writing.now,
    }
