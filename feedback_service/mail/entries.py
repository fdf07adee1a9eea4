"""The two entries that every mail has in the outbox: that its content may go out, and that it was sent.

They stand between a connection and its server, so they are compiled once and put to the driver as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import Database, table_of
from feedback_service.mail import settling
from feedback_service.mail.claiming import unwanted_among
from feedback_service.mail.held import HeldMail
from feedback_service.mail.models import MailState, OutboxMail, Suppression
from feedback_service.mail.rules import Opening
from feedback_service.mail.settling import Settlement
from feedback_service.prepared import PreparedStatement

_MAIL = table_of(OutboxMail)
_LISTED = table_of(Suppression).c
# The claim is our own word, so its type need not clean it.
_HELD_CLAIM = sa.bindparam("held_claim", type_=sa.Text())
_IS_HELD = (_MAIL.c.id == sa.bindparam("held_id")) & (_MAIL.c.claim == _HELD_CLAIM)
_IS_WANTED = ~sa.exists().where(_LISTED.shop_id == _MAIL.c.shop_id, _LISTED.address_key == _MAIL.c.recipient_key)
_BEGIN = sa.update(_MAIL).where(_IS_HELD).values(state=MailState.SENDING, claimed_until=sa.bindparam("until"))
_SENT = (
    sa.update(_MAIL)
    .where(_IS_HELD)
    .values(
        state=MailState.SENT,
        sent_at=sa.bindparam("at"),
        due_at=None,
        claim=None,
        claimed_until=None,
        last_error=None,
        headers={},
    )
)


@dataclass(slots=True)
class Beginning:
    """A mail whose content waits for its entry; `is_ours` once it is written."""

    mail: HeldMail
    is_written: bool = False
    is_ours: bool = False
    error: BaseException | None = None


class Entries:
    """Writes the entries of a ledger, each guarded by the mail's claim."""

    def __init__(self, database: Database) -> None:
        dialect = database.engine.dialect
        self._sent = PreparedStatement(dialect, _SENT)
        self._begin = PreparedStatement(dialect, _BEGIN)
        self._begin_wanted = PreparedStatement(dialect, _BEGIN.where(_IS_WANTED))

    def write_sent(self, connection: sa.Connection, done: Sequence[Settlement]) -> list[int]:
        """Write the mails that were sent; return those that still were ours."""
        rows = [_held(one.mail) | {"at": one.values["sent_at"]} for one in done]
        if self._sent.execute(connection, rows) == len(rows):
            return [one.mail.id for one in done]
        ours = _in_state(connection, [one.mail for one in done], MailState.SENT)
        for one in done:
            if one.mail.id not in ours:
                settling.lost(one.mail, one.state)
        return list(ours)

    def write_begun(self, connection: sa.Connection, beginnings: Sequence[Beginning], until: datetime) -> None:
        """Write that the content of these mails may go out, but for those that are not ours, or wanted, any more."""
        optional = [one for one in beginnings if one.mail.is_optional]
        for one in _not_written(self._begin_wanted, connection, optional, until):
            _withhold(connection, one.mail, until)
        _not_written(self._begin, connection, [one for one in beginnings if not one.mail.is_optional], until)


def _not_written(
    write: PreparedStatement, connection: sa.Connection, beginnings: Sequence[Beginning], until: datetime
) -> list[Beginning]:
    """Write the beginnings, note which are ours, and return the others."""
    rows = [_held(one.mail) | {"until": until} for one in beginnings]
    if write.execute(connection, rows) == len(rows):
        for one in beginnings:
            one.is_ours = True
        return []
    claims = _in_state(connection, [one.mail for one in beginnings], MailState.SENDING)
    for one in beginnings:
        one.is_ours = claims.get(one.mail.id) == one.mail.claim
    return [one for one in beginnings if not one.is_ours]


def _in_state(connection: sa.Connection, mails: Sequence[HeldMail], state: MailState) -> dict[int, str | None]:
    """Return the claims of those of `mails` that are in `state` now."""
    ids = [mail.id for mail in mails]
    rows = connection.execute(sa.select(_MAIL.c.id, _MAIL.c.claim).where(_MAIL.c.id.in_(ids), _MAIL.c.state == state))
    return {row.id: row.claim for row in rows}


def _withhold(connection: sa.Connection, mail: HeldMail, now: datetime) -> None:
    with Session(connection, join_transaction_mode="rollback_only") as session:
        if unwanted_among(session, [mail.id]):
            settling.write(session, settling.closing(mail, Opening.WITHHOLD), now)


def _held(mail: HeldMail) -> dict[str, Any]:
    return {"held_id": mail.id, "held_claim": mail.claim}
