"""What came in, in the one form that consequences are drawn from: a mail that was read, or a provider's event. Pure."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from feedback_service.hashing import content_digest
from feedback_service.mail.incoming.kinds import Failure, Finding, MailClass
from feedback_service.mail.incoming.message import Message, addresses_in

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_UNSUBSCRIBE = re.compile(r"\s*unsubscribe\s+([\w-]{16,100})\s*", re.IGNORECASE)
_MAX_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that came in.

    Attributes:
        key: what comes twice has the same key.
        channel: 'mailbox', 'pipe', or the name of a provider.
        diagnosis: what the server said, in one line.
        message_ids: of our mails that it may be about, in the order in which they count.
        sent_to: addresses it was sent to; one may be the return path of our mail.
        failures: each address that a report names, with its own class.
        recipient: whom our mail went to, as a provider says; empty where the mail itself is the proof.
        is_objection: a provider says that the recipient wants no more of these mails.
        unsubscribe_token: of a mail that asks for no more surveys (RFC 8058's mailto sibling, RFC 2369).
    """

    key: str
    channel: str
    kind: MailClass
    status: str = ""
    diagnosis: str = ""
    is_delayed: bool = False
    message_ids: tuple[str, ...] = ()
    sent_to: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = field(default=(), repr=False)
    recipient: str = ""
    is_objection: bool = False
    unsubscribe_token: str = ""
    message: Message | None = field(default=None, repr=False)


def arrival_of(raw: bytes, message: Message, finding: Finding, channel: str) -> Arrival:
    """Return what a mail says, ready to be matched."""
    gravest = finding.gravest
    return Arrival(
        key=_key(raw, message),
        channel=channel,
        kind=finding.kind,
        status=gravest.status if gravest else "",
        diagnosis=gravest.diagnosis if gravest else "",
        is_delayed=finding.is_delayed,
        message_ids=_referred_to(message, finding),
        sent_to=tuple(finding.sent_to),
        failures=tuple(finding.failures),
        unsubscribe_token=_unsubscribe_token(message, finding),
        message=message,
    )


def about_recipient(arrival: Arrival, is_the_one: Callable[[str], bool]) -> Arrival:
    """Return the arrival with the class of the one we wrote to, where a report names them beside others."""
    failure = next((one for one in arrival.failures if one.recipient and is_the_one(one.recipient)), None)
    if failure is None:
        return arrival
    return replace(
        arrival, kind=failure.kind, status=failure.status, diagnosis=failure.diagnosis, is_delayed=failure.is_delayed
    )


def sender_of(message: Message) -> str:
    """Return the address that a reply would go to; empty where there is none."""
    found = addresses_in(message.headers.get("reply-to")) or addresses_in(message.headers.get("from"))
    return found[0] if found else ""


def _key(raw: bytes, message: Message) -> str:
    """Return a digest that is the same for two copies of a mail, whatever way each has come."""
    headers = message.headers
    named = [headers.get(name) for name in ("message-id", "from", "date", "subject")]
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    return content_digest(*named, hashlib.sha256(body).hexdigest())


def _referred_to(message: Message, finding: Finding) -> tuple[str, ...]:
    found = [finding.original_id] if finding.original_id else []
    if finding.kind in (MailClass.NONE, MailClass.AUTO_REPLY):
        # The latest is the last of the references.
        references = _MESSAGE_ID.findall(message.headers.get("references"))[-_MAX_REFERENCES:]
        found += [*_MESSAGE_ID.findall(message.headers.get("in-reply-to")), *reversed(references)]
    return tuple(dict.fromkeys(found))


def _unsubscribe_token(message: Message, finding: Finding) -> str:
    if finding.kind not in (MailClass.NONE, MailClass.AUTO_REPLY):
        return ""
    match = _UNSUBSCRIBE.fullmatch(message.headers.get("subject"))
    return match[1] if match else ""
