"""Delivery: claims a batch of the outbox, hands each mail to the server, and settles it.

The order is what keeps the promises. `SENDING` is committed before the server hears of a mail and the
result right after its answer; a process that dies in between leaves a row that says so. A customer's
mail found like that is flagged and never sent again, a staff mail is sent again. The result of one mail
and the start of the next share one commit: there is one commit for each mail.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session, selectinload

from feedback_service import claims
from feedback_service.clock import Clock
from feedback_service.db import Database
from feedback_service.mail import addresses, rules
from feedback_service.mail.errors import MailError, OutcomeUnknownError, ServerUnavailableError
from feedback_service.mail.headers import UNSUBSCRIBE
from feedback_service.mail.models import Audience, MailImage, MailState, OutboxMail, SuppressionReason
from feedback_service.mail.rules import Opening, Verdict
from feedback_service.mail.suppression import is_suppressed, suppress
from feedback_service.mail.transport import Connection
from feedback_service.mail.wire import message_bytes

BATCH = 20
CLAIM_LEASE = timedelta(seconds=60)
"""How long a claimed row waits for its turn; another worker may take it afterwards, at no risk."""

_PAUSES = (0.2, 1.0, 5.0)
_FINAL: dict[str, Any] = {"due_at": None, "text": None, "html": None, "headers": {}}
_CLOSINGS = {
    Opening.FLAG: (MailState.AMBIGUOUS, "The process ended while this mail was with the server: it may have arrived."),
    Opening.DROP: (MailState.DROPPED, "It expired before it could be sent."),
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


class Delivery:
    """Sends what is due.

    Args:
        database: where the outbox is.
        clock: the time of leases, retries and the Date header.
        smtp_timeout: seconds that one answer of the server may take; a mail in hand is held for ten of them.
        stopping: when set, the mail in hand is finished and the rest of the batch given back.
    """

    def __init__(self, database: Database, clock: Clock, *, smtp_timeout: float, stopping: threading.Event) -> None:
        self._database = database
        self._clock = clock
        self._sending_lease = timedelta(seconds=10 * smtp_timeout)
        self._stopping = stopping

    def deliver_next(self, connection: Connection) -> Tally:
        """Deliver one batch; `claimed` is 0 when nothing is due.

        Raises `ServerUnavailableError` when the server cannot be used; the mails are given back then, and
        it does not count as their attempt.
        """
        tally = Tally()
        mails = self._claim(tally)
        waiting = [(mail, wire) for mail in mails if (wire := self._written(mail)) is not None]
        done: Settlement | None = None
        try:
            while waiting and not self._stopping.is_set():
                # Opened before the row says SENDING: a process that dies while it waits for the server leaves no doubt.
                connection.open()
                mail, wire = waiting.pop(0)
                is_ours, done = self._turn(done, mail), None
                if is_ours:
                    done = self._send(connection, mail, wire, tally)
        finally:
            self._turn(done, None)
            self._release([mail for mail, _ in waiting])
        return tally

    def _claim(self, tally: Tally) -> list[OutboxMail]:
        now = self._clock.now()
        with self._database.writing() as session:
            order = (OutboxMail.priority.asc(), OutboxMail.due_at.asc(), OutboxMail.id.asc())
            mails = claims.claim_due(session, OutboxMail, now=now, lease=CLAIM_LEASE, limit=BATCH, order_by=order)
            tally.claimed = len(mails)
            ready = [mail for mail in mails if self._is_ready(session, mail, now)]
            _load_images(session, ready)
        return ready

    def _is_ready(self, session: Session, mail: OutboxMail, now: datetime) -> bool:
        opening = rules.on_claim(mail.state, mail.audience, attempts=mail.attempts, now=now, expires_at=mail.expires_at)
        if opening is Opening.SEND:
            return True
        state, why = _CLOSINGS[opening]
        _settle(session, Settlement(mail, _final(state, why)), now)
        return False

    def _written(self, mail: OutboxMail) -> bytes | None:
        try:
            return message_bytes(mail, self._clock.now())
        except (MailError, ValueError) as error:
            why = _without_address(f"It cannot be written: {error}", mail)
        self._turn(Settlement(mail, _final(MailState.FAILED, why)), None)
        return None

    def _turn(self, done: Settlement | None, upcoming: OutboxMail | None) -> bool:
        """Write the result of one mail and the start of the next; tell whether the next is ours to send."""
        if done is None and upcoming is None:
            return False
        for pause in _PAUSES:
            try:
                return self._turn_once(done, upcoming)
            except sa.exc.OperationalError:
                log.warning("outbox cannot be written, trying again", seconds=pause, exc_info=True)
                self._stopping.wait(pause)
        return self._turn_once(done, upcoming)

    def _turn_once(self, done: Settlement | None, upcoming: OutboxMail | None) -> bool:
        now = self._clock.now()
        with self._database.writing() as session:
            if done is not None:
                _settle(session, done, now)
            return upcoming is not None and self._start(session, upcoming, now)

    def _start(self, session: Session, mail: OutboxMail, now: datetime) -> bool:
        if _is_objectionable(mail) and mail.shop_id and is_suppressed(session, mail.shop_id, mail.recipient_key):
            why = "The recipient objected, or the address is dead."
            _settle(session, Settlement(mail, _final(MailState.DROPPED, why)), now)
            return False
        started = session.execute(
            sa.update(OutboxMail)
            .where(OutboxMail.id == mail.id, OutboxMail.claim == mail.claim)
            .values(
                state=MailState.SENDING,
                claimed_until=now + self._sending_lease,
                first_tried_at=mail.first_tried_at or now,
            )
            .returning(OutboxMail.id)
            .execution_options(synchronize_session=False)
        ).first()
        return started is not None

    def _send(self, connection: Connection, mail: OutboxMail, wire: bytes, tally: Tally) -> Settlement:
        try:
            connection.send(wire, mail.return_path or addresses.split(mail.sender)[1], mail.recipient or "")
        except ServerUnavailableError:
            self._turn(Settlement(mail, _given_back(mail)), None)
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

    def _unknown(self, mail: OutboxMail, error: Exception) -> Settlement:
        now = self._clock.now()
        fate = rules.after_unknown(
            mail.audience, first_tried_at=mail.first_tried_at or now, now=now, expires_at=mail.expires_at
        )
        return _settlement(mail, fate, error)

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
        return _settlement(mail, fate, error, suppressed=suppressed)

    def _release(self, mails: Sequence[OutboxMail]) -> None:
        if not mails:
            return
        with self._database.writing() as session:
            for mail in mails:
                claims.settle(session, mail, values=_given_back(mail))


def _is_objectionable(mail: OutboxMail) -> bool:
    return mail.audience is Audience.CUSTOMER and UNSUBSCRIBE in mail.headers


def _load_images(session: Session, mails: Sequence[OutboxMail]) -> None:
    if mails:
        wanted = sa.select(OutboxMail).where(OutboxMail.id.in_([mail.id for mail in mails]))
        session.scalars(wanted.options(selectinload(OutboxMail.images))).all()


def _given_back(mail: OutboxMail) -> dict[str, Any]:
    return {"state": MailState.QUEUED, "attempts": OutboxMail.attempts - 1, "first_tried_at": mail.first_tried_at}


def _final(state: MailState, why: str | None) -> dict[str, Any]:
    return {"state": state, "last_error": why, **_FINAL}


def _settlement(mail: OutboxMail, fate: rules.Fate, error: Exception, *, suppressed: bool = False) -> Settlement:
    why = _without_address(str(error), mail)
    if fate.state is MailState.QUEUED:
        return Settlement(mail, {"state": fate.state, "due_at": fate.due_at, "last_error": why})
    return Settlement(mail, _final(fate.state, why), suppress=suppressed)


def _without_address(text: str, mail: OutboxMail) -> str:
    # Errors are kept longer than addresses are (R15), and logs are read by more people.
    return re.sub(re.escape(mail.recipient), "the recipient", text, flags=re.IGNORECASE) if mail.recipient else text


def _settle(session: Session, done: Settlement, now: datetime) -> None:
    mail, state = done.mail, done.values["state"]
    if not claims.settle(session, mail, values=done.values):
        log.warning("mail was taken over by another worker", mail=mail.id, kind=mail.kind, result=state)
        return
    if state not in {MailState.QUEUED, MailState.SENDING}:
        session.execute(sa.delete(MailImage).where(MailImage.mail_id == mail.id))
    if done.suppress and mail.shop_id:
        suppress(session, mail.shop_id, mail.recipient_key, SuppressionReason.HARD_BOUNCE, now)
    why = done.values.get("last_error")
    if why:
        log.warning(
            "mail not sent", mail=mail.id, kind=mail.kind, state=state, why=why, again=done.values.get("due_at")
        )
