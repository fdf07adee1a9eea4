"""What to do with a mail: pure decisions on replies, retries and rows that a dead worker left behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from feedback_service.mail.models import Audience, MailState

FIRST_RETRY = timedelta(minutes=30)
LONGEST_PAUSE = timedelta(hours=24)
LAST_RETRY = timedelta(days=5)
MAX_ATTEMPTS = 40
"""Claims after which a mail is given up; the retries of R29 need fewer than 15, a crash loop has no end."""

URGENT = 10
"""The priority of what is worth waking the sender for, and waits for no rate; smaller is more urgent."""
LEAST_BATCH = 20
LARGEST_BATCH = 500

_CLOSED_DOOR = frozenset({530, 534, 535, 538})
_TOO_LARGE = frozenset({"5.2.3", "5.3.4"})
_OUR_ADDRESS = frozenset({"5.1.7", "5.1.8"})


class Stage(StrEnum):
    """What the server had been told when it answered."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    MESSAGE = "message"


class Verdict(StrEnum):
    """What a refusal means."""

    TEMPORARY = "temporary"
    BAD_ADDRESS = "bad_address"
    REFUSED = "refused"
    POLICY = "policy"


class Opening(StrEnum):
    """What to do with a row that has just been claimed."""

    SEND = "send"
    FLAG = "flag"
    DROP = "drop"
    WITHHOLD = "withhold"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Fate:
    """Where a mail goes after it was not accepted: its next state and, if it is tried again, when."""

    state: MailState
    due_at: datetime | None = None


def batch_size(sent: int, seconds: float) -> int:
    """Return how many mails to claim after a batch of `sent` took so long: about what a second sends.

    A claim is short, so that an alert is never behind many surveys, and large enough to cost little.
    """
    return max(LEAST_BATCH, min(LARGEST_BATCH, int(sent / max(seconds, 0.001))))


def judge(code: int, status: str, stage: Stage) -> Verdict:
    """Read a refusal: `code` of RFC 5321 and `status` ('x.y.z' of RFC 3463, may be empty), by R28.

    Anything that is no 5xx reply is temporary, and so is a full mailbox. What concerns our own sender or
    the server's policy is `POLICY`: the recipient is not at fault and the operator must act.
    """
    if code // 100 != 5:  # noqa: PLR2004 - the class of permanent replies
        return Verdict.TEMPORARY
    if status in _TOO_LARGE:
        return Verdict.REFUSED
    if status.startswith("5.7.") or status in _OUR_ADDRESS or code in _CLOSED_DOOR:
        return Verdict.POLICY
    if stage is Stage.SENDER:
        return Verdict.REFUSED if code == 552 else Verdict.POLICY  # noqa: PLR2004 - the announced size is too large
    if status == "5.2.2" or (code == 552 and not status and stage is Stage.RECIPIENT):  # noqa: PLR2004 - over quota
        return Verdict.TEMPORARY
    return Verdict.BAD_ADDRESS if status.startswith("5.1.") else Verdict.REFUSED


def after_failure(verdict: Verdict, *, first_tried_at: datetime, now: datetime, expires_at: datetime | None) -> Fate:
    """Decide on a mail that was not accepted.

    A policy refusal is tried again like a temporary one: the operator gets days to mend the set-up
    before a mail is lost by it.
    """
    if verdict in {Verdict.BAD_ADDRESS, Verdict.REFUSED}:
        return Fate(MailState.FAILED)
    due_at = next_try(first_tried_at=first_tried_at, now=now, expires_at=expires_at)
    return Fate(MailState.QUEUED, due_at) if due_at else Fate(MailState.FAILED)


def after_unknown(audience: Audience, *, first_tried_at: datetime, now: datetime, expires_at: datetime | None) -> Fate:
    """Decide on a mail that may have arrived: a customer must not get it twice, staff rather twice than never."""
    if audience is Audience.CUSTOMER:
        return Fate(MailState.AMBIGUOUS)
    return after_failure(Verdict.TEMPORARY, first_tried_at=first_tried_at, now=now, expires_at=expires_at)


def next_try(*, first_tried_at: datetime, now: datetime, expires_at: datetime | None) -> datetime | None:
    """Return when to try again, None when to give up (R29).

    The pause is as long as the mail has been tried so far: at least 30 minutes, then doubling, at most
    a day; the tries end after 4 to 5 days, or when the mail expires.
    """
    elapsed = now - first_tried_at
    due_at = now + min(max(elapsed, FIRST_RETRY), LONGEST_PAUSE)
    if due_at > first_tried_at + LAST_RETRY or (expires_at is not None and due_at >= expires_at):
        return None
    return due_at


def on_claim(
    state: MailState, audience: Audience, *, attempts: int, now: datetime, expires_at: datetime | None
) -> Opening:
    """Decide on a row just claimed; `state` SENDING means that a worker died with it in hand."""
    if state is MailState.SENDING and audience is Audience.CUSTOMER:
        return Opening.FLAG
    if expires_at is not None and expires_at <= now:
        return Opening.DROP
    return Opening.GIVE_UP if attempts > MAX_ATTEMPTS else Opening.SEND
