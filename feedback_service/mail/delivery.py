"""Delivery: claims a batch of the outbox, hands each mail to the server, and settles it.

The order is what keeps the promises. `SENDING` is committed when the server has agreed to everything
and only waits for the content, and the result right after its answer. A process that dies in between
leaves a row that says so: a customer's mail found like that is flagged and never sent again, a staff
mail is sent again. A process that dies before leaves a mail that is simply due again.
"""

import contextlib
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session, selectinload

from feedback_service import claims
from feedback_service.clock import Clock
from feedback_service.db import Database
from feedback_service.errors import DatabaseUnavailableError
from feedback_service.mail import addresses, rules
from feedback_service.mail.errors import MailError, OutcomeUnknownError, ServerUnavailableError
from feedback_service.mail.headers import UNSUBSCRIBE
from feedback_service.mail.models import UNSENT, Audience, MailImage, MailState, OutboxMail, SuppressionReason
from feedback_service.mail.rules import Opening, Verdict
from feedback_service.mail.suppression import is_suppressed, matching, suppress
from feedback_service.mail.transport import Connection
from feedback_service.mail.wire import message_bytes

BATCH = 20
CLAIM_SECONDS = 60.0
"""How long a claimed row waits for its turn; another worker may take it afterwards, at no risk."""

_PAUSES = (0.2, 1.0, 5.0)
_FINAL: dict[str, Any] = {"due_at": None, "text": None, "html": None, "headers": {}}
_CLOSINGS = {
    Opening.FLAG: (MailState.AMBIGUOUS, "The process ended while this mail was with the server: it may have arrived."),
    Opening.DROP: (MailState.DROPPED, "It expired before it could be sent."),
    Opening.WITHHOLD: (MailState.DROPPED, "The recipient objected, or the address is dead."),
    Opening.GIVE_UP: (MailState.FAILED, f"Given up after {rules.MAX_ATTEMPTS} attempts that never came to an end."),
}

log = structlog.get_logger()


@dataclass(slots=True)
class Tally:
    """What became of a batch; `refusals` are policy refusals in words, for the operator (R28)."""

    claimed: int = 0
    sent: int = 0
    refusals: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is to be written about one mail; `suppress` puts its address on the shop's list."""

    mail: OutboxMail
    values: dict[str, Any]
    suppress: bool = False


class _NotOursError(Exception):
    """Another worker took the mail over, or it must not be sent any more."""


class Delivery:
    """Sends what is due.

    Args:
        database: where the outbox is.
        clock: the time of leases, retries and the Date header.
        smtp_timeout: seconds that one answer of the server may take; a mail in hand is held for ten of them.
        stopping: when set, the mail in hand is finished and the rest of the batch given back.
        claim_seconds: how long the mails of a batch that are not yet begun are held.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        smtp_timeout: float,
        stopping: threading.Event,
        claim_seconds: float = CLAIM_SECONDS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._claim_lease = timedelta(seconds=claim_seconds)
        self._sending_lease = timedelta(seconds=10 * smtp_timeout)
        self._stopping = stopping

    def deliver_next(self, connection: Connection) -> Tally:
        """Deliver one batch; `claimed` is 0 when nothing is due.

        Raises `ServerUnavailableError` when the server cannot be used; the mails are given back then, and
        it does not count as their attempt.
        """
        tally = Tally()
        waiting = self._claim(tally)
        try:
            while waiting and not self._stopping.is_set():
                mail = waiting.pop(0)
                try:
                    self._deliver(connection, mail, tally)
                except ServerUnavailableError:
                    waiting.insert(0, mail)
                    raise
        finally:
            self._give_back(waiting)
        return tally

    def _claim(self, tally: Tally) -> list[OutboxMail]:
        now = self._clock.now()
        with self._database.writing() as session:
            order = (OutboxMail.priority.asc(), OutboxMail.due_at.asc(), OutboxMail.id.asc())
            mails = claims.claim_due(session, OutboxMail, now=now, lease=self._claim_lease, limit=BATCH, order_by=order)
            tally.claimed = len(mails)
            _load_images(session, mails)
            return [mail for mail in mails if self._is_ready(session, mail, now)]

    def _is_ready(self, session: Session, mail: OutboxMail, now: datetime) -> bool:
        opening = rules.on_claim(mail.state, mail.audience, attempts=mail.attempts, now=now, expires_at=mail.expires_at)
        if opening is Opening.SEND and _is_unwanted(session, mail):
            opening = Opening.WITHHOLD
        if opening is not Opening.SEND:
            state, why = _CLOSINGS[opening]
            _settle(session, Settlement(mail, _final(state, why)), now)
        return opening is Opening.SEND

    def _deliver(self, connection: Connection, mail: OutboxMail, tally: Tally) -> None:
        try:
            wire = message_bytes(mail, self._clock.now())
        except (MailError, ValueError) as error:
            why = _without_address(f"It cannot be written: {error}", mail)
            self._settle(Settlement(mail, _final(MailState.FAILED, why)))
            return
        with contextlib.suppress(_NotOursError):
            self._settle(self._send(connection, mail, wire, tally))

    def _send(self, connection: Connection, mail: OutboxMail, wire: bytes, tally: Tally) -> Settlement:
        return_path = mail.return_path or addresses.split(mail.sender)[1]
        try:
            connection.send(wire, return_path, mail.recipient or "", partial(self._commit_to, mail))
        except (_NotOursError, ServerUnavailableError):
            raise
        except OutcomeUnknownError as error:
            return self._unknown(mail, error)
        except MailError as error:
            return self._refused(mail, error, tally)
        except Exception as error:
            # Whatever it was, the mail may be out.
            log.exception("mail ended in an unforeseen error", mail=mail.id, kind=mail.kind)
            return self._unknown(mail, error)
        tally.sent += 1
        return Settlement(mail, _final(MailState.SENT, None) | {"sent_at": self._clock.now()})

    def _commit_to(self, mail: OutboxMail) -> None:
        """Write that from now on the mail may arrive; raise `_NotOursError` when it must not be sent any more."""
        now = self._clock.now()
        with self._database.writing() as session:
            is_ours = self._take(session, mail, now)
            if not is_ours and _is_unwanted(session, mail):
                state, why = _CLOSINGS[Opening.WITHHOLD]
                _settle(session, Settlement(mail, _final(state, why)), now)
        if not is_ours:
            raise _NotOursError

    def _take(self, session: Session, mail: OutboxMail, now: datetime) -> bool:
        unwanted = [~matching(OutboxMail.shop_id, OutboxMail.recipient_key).exists()] if _is_optional(mail) else []
        taken = session.execute(
            sa.update(OutboxMail)
            .where(OutboxMail.id == mail.id, OutboxMail.claim == mail.claim, *unwanted)
            .values(state=MailState.SENDING, claimed_until=now + self._sending_lease)
            .returning(OutboxMail.id)
            .execution_options(synchronize_session=False)
        )
        return taken.first() is not None

    def _settle(self, done: Settlement) -> None:
        """Write the result; a database that is away for a moment must not turn a sent mail into a doubtful one."""
        for pause in (*_PAUSES, None):
            try:
                with self._database.writing() as session:
                    _settle(session, done, self._clock.now())
            except DatabaseUnavailableError:
                if pause is None:
                    raise
                log.warning("result of a mail cannot be written, trying again", mail=done.mail.id, exc_info=True)
                time.sleep(pause)
            else:
                return

    def _unknown(self, mail: OutboxMail, error: Exception) -> Settlement:
        now = self._clock.now()
        fate = rules.after_unknown(
            mail.audience, first_tried_at=mail.first_tried_at or now, now=now, expires_at=mail.expires_at
        )
        return _settlement(mail, fate, error, now)

    def _refused(self, mail: OutboxMail, error: MailError, tally: Tally) -> Settlement:
        now = self._clock.now()
        verdict = rules.judge(error.code, error.status, error.stage)
        if error.permanent and not error.code:
            verdict = Verdict.REFUSED
        if verdict is Verdict.POLICY:
            tally.refusals.append(_without_address(str(error), mail))
        fate = rules.after_failure(
            verdict, first_tried_at=mail.first_tried_at or now, now=now, expires_at=mail.expires_at
        )
        suppressed = verdict is Verdict.BAD_ADDRESS and mail.audience is Audience.CUSTOMER
        return _settlement(mail, fate, error, now, suppressed=suppressed)

    def _give_back(self, mails: Sequence[OutboxMail]) -> None:
        if not mails:
            return
        with self._database.writing() as session:
            for mail in mails:
                # It was no attempt: the server never heard of it.
                values = {"state": MailState.QUEUED, "attempts": OutboxMail.attempts - 1}
                claims.settle(session, mail, values=values)


def _is_optional(mail: OutboxMail) -> bool:
    """Tell whether the customer may object to mail of this kind: it then says how (R24)."""
    return mail.audience is Audience.CUSTOMER and UNSUBSCRIBE in mail.headers


def _is_unwanted(session: Session, mail: OutboxMail) -> bool:
    """Tell whether the customer has objected to mail of this kind, or cannot be reached (R28)."""
    if not _is_optional(mail) or mail.shop_id is None:
        return False
    return is_suppressed(session, mail.shop_id, mail.recipient_key)


def _load_images(session: Session, mails: Sequence[OutboxMail]) -> None:
    if mails:
        wanted = sa.select(OutboxMail).where(OutboxMail.id.in_([mail.id for mail in mails]))
        session.scalars(wanted.options(selectinload(OutboxMail.images))).all()


def _final(state: MailState, why: str | None) -> dict[str, Any]:
    return {"state": state, "last_error": why, **_FINAL}


def _settlement(
    mail: OutboxMail, fate: rules.Fate, error: Exception, now: datetime, *, suppressed: bool = False
) -> Settlement:
    why = _without_address(str(error), mail)
    if fate.state is MailState.QUEUED:
        first = mail.first_tried_at or now
        values = {"state": fate.state, "due_at": fate.due_at, "first_tried_at": first, "last_error": why}
        return Settlement(mail, values)
    return Settlement(mail, _final(fate.state, why), suppress=suppressed)


def _without_address(text: str, mail: OutboxMail) -> str:
    # Errors are kept longer than addresses are (R15), and logs are read by more people.
    return re.sub(re.escape(mail.recipient), "the recipient", text, flags=re.IGNORECASE) if mail.recipient else text


def _settle(session: Session, done: Settlement, now: datetime) -> None:
    mail, state = done.mail, done.values["state"]
    if not claims.settle(session, mail, values=done.values):
        log.warning("mail was taken over by another worker", mail=mail.id, kind=mail.kind, result=state)
        return
    if state not in UNSENT and mail.images:
        session.execute(sa.delete(MailImage).where(MailImage.mail_id == mail.id))
    if done.suppress and mail.shop_id:
        suppress(session, mail.shop_id, mail.recipient_key, SuppressionReason.HARD_BOUNCE, now)
    why = done.values.get("last_error")
    if why:
        log.warning(
            "mail not sent", mail=mail.id, kind=mail.kind, state=state, why=why, again=done.values.get("due_at")
        )
