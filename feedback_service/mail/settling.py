"""What is written about a mail that came to an end, or to a pause, and how it is written."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from feedback_service import claims
from feedback_service.mail import failures, pacing, rules
from feedback_service.mail.errors import MailError
from feedback_service.mail.held import HeldMail
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import (
    KEPT,
    UNSENT,
    Audience,
    MailState,
    OutboxMail,
    SuppressionReason,
)
from feedback_service.mail.pacing import Concern
from feedback_service.mail.rules import Opening, Stage, Verdict
from feedback_service.mail.suppression import suppress
from feedback_service.mail.wiping import wipe_content

_CLOSINGS = {
    Opening.FLAG: (MailState.AMBIGUOUS, "The process ended while this mail was with the server: it may have arrived."),
    Opening.DROP: (MailState.DROPPED, "It expired before it could be sent."),
    Opening.WITHHOLD: (MailState.DROPPED, "The recipient objected, or the address is dead."),
    Opening.GIVE_UP: (MailState.FAILED, f"Given up after {rules.MAX_ATTEMPTS} attempts that never came to an end."),
}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is to be written about one mail.

    Attributes:
        concern: whose trouble the refusal is a sign of.
        is_policy: the operator must act (R28).
    """

    mail: HeldMail
    values: dict[str, Any]
    concern: Concern = Concern.NOBODY
    is_policy: bool = False

    @property
    def state(self) -> MailState:
        """The state in which the mail will be."""
        state: MailState = self.values["state"]
        return state

    @property
    def why(self) -> str:
        """Why it was not sent, without the address; empty where it was."""
        return self.values.get("last_error") or ""


def sent(mail: HeldMail, now: datetime) -> Settlement:
    """Return what is written about a mail that the server has taken."""
    return Settlement(mail, {"state": MailState.SENT, "sent_at": now})


def closing(mail: HeldMail, opening: Opening) -> Settlement:
    """Return what is written about a mail that is not even tried."""
    return Settlement(mail, _final(*_CLOSINGS[opening]))


def unwritable(mail: HeldMail, error: Exception) -> Settlement:
    """Return what is written about a mail that no server can be given."""
    return Settlement(mail, _final(MailState.FAILED, without_address(f"It cannot be written: {error}", mail)))


def unknown(mail: HeldMail, error: Exception, now: datetime) -> Settlement:
    """Return what is written about a mail that may have arrived."""
    first = mail.first_tried_at or now
    fate = rules.after_unknown(mail.audience, first_tried_at=first, now=now, expires_at=mail.expires_at)
    return Settlement(mail, _values(mail, fate, error, now))


def refused(mail: HeldMail, error: MailError, now: datetime) -> Settlement:
    """Return what is written about a mail that the server has refused."""
    verdict = rules.judge(error.code, error.status, error.stage)
    if error.permanent and not error.code:
        verdict = Verdict.REFUSED
    first = mail.first_tried_at or now
    fate = rules.after_failure(verdict, first_tried_at=first, now=now, expires_at=mail.expires_at)
    concern = pacing.concern(verdict, error.code, error.status, error.stage)
    values = _values(mail, fate, error, now)
    if fate.state is MailState.FAILED and mail.audience is Audience.CUSTOMER:
        is_mailbox = bool(error.code) and concern is Concern.NOBODY and error.stage is not Stage.SENDER
        values["failed_as"] = _failed_as(verdict, is_mailbox=is_mailbox, is_first=mail.first_tried_at is None)
    return Settlement(mail, values, concern=concern, is_policy=verdict is Verdict.POLICY)


def _failed_as(verdict: Verdict, *, is_mailbox: bool, is_first: bool) -> MailClass | None:
    """Return what a failure for good says of the address (R28).

    Soft is what the mailbox itself was refused for, more than once: a domain or a relay that lets nobody in says
    nothing about it, nor does one try of a mail that expires before the next.
    """
    if verdict is Verdict.BAD_ADDRESS:
        return MailClass.HARD
    return MailClass.SOFT if verdict is Verdict.TEMPORARY and is_mailbox and not is_first else None


def without_address(text: str, mail: HeldMail) -> str:
    """Return `text` without the recipient: errors are kept longer than addresses (R15), and logs are read by more."""
    return re.sub(re.escape(mail.recipient), "the recipient", text, flags=re.IGNORECASE) if mail.recipient else text


def write(session: Session, done: Settlement, now: datetime) -> None:
    """Write one settlement, guarded by the claim."""
    mail = done.mail
    if not claims.settle_many(session, OutboxMail, [(mail, done.values)]):
        lost(mail, done.state)
        return
    if done.state not in (*UNSENT, *KEPT):
        wipe_content(session.connection(), [mail.id])
    if mail.shop_id is not None:
        _suppress(session, mail.shop_id, mail.recipient_key, done.values.get("failed_as"), now)
    if done.why:
        again = done.values.get("due_at")
        log.warning("mail not sent", mail=mail.id, kind=mail.kind, state=done.state, why=done.why, again=again)


def _suppress(session: Session, shop_id: int, recipient_key: str, failed_as: MailClass | None, now: datetime) -> None:
    """Let the shop send no more surveys to an address that is dead, or has failed too often (R28)."""
    if failed_as is MailClass.HARD:
        suppress(session, shop_id, recipient_key, SuppressionReason.HARD_BOUNCE, now)
    elif failed_as is MailClass.SOFT and failures.is_given_up(session, shop_id, recipient_key):
        suppress(session, shop_id, recipient_key, SuppressionReason.SOFT_BOUNCE, now)


def lost(mail: HeldMail, result: MailState) -> None:
    """Say that the mail was no longer ours when its result was to be written."""
    log.warning("mail was taken over by another worker", mail=mail.id, kind=mail.kind, result=result)


def _final(state: MailState, why: str) -> dict[str, Any]:
    return {"state": state, "last_error": why, "due_at": None, **({} if state in KEPT else {"headers": {}})}


def _values(mail: HeldMail, fate: rules.Fate, error: Exception, now: datetime) -> dict[str, Any]:
    why = without_address(str(error), mail)
    if fate.state is not MailState.QUEUED:
        return _final(fate.state, why)
    first = mail.first_tried_at or now
    return {"state": fate.state, "due_at": fate.due_at, "first_tried_at": first, "last_error": why}
