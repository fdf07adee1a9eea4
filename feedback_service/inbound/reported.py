"""What a provider reports of a mail, as an arrival: its word on permanence, the server's on the reason. Pure."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from feedback_service.hashing import content_digest
from feedback_service.inbound.events import Arrival
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.incoming.phrases import Said, said_in
from feedback_service.mail.incoming.reports import first_status
from feedback_service.mail.incoming.rules import judge_failure

_LONGEST = 500


class Wish(Enum):
    """What a recipient told the provider: no more of these mails (R14)."""

    NO_MORE = "no more"


Told = MailClass | Wish
"""What an event says: the class of what came back, or a wish."""


def failure_class(*, permanent: bool, status: str = "", said: str = "") -> MailClass:
    """Return the class of a failure; what the server said may soften the provider's "permanent", never harden it."""
    judged = judge_failure(status, said)
    if judged is MailClass.POLICY or not permanent:
        return MailClass.POLICY if judged is MailClass.POLICY else MailClass.SOFT
    return MailClass.SOFT if Said.FULL in said_in(said) or status.startswith("4") else MailClass.HARD


def reported(
    provider: str,
    event_id: str,
    told: Told,
    *,
    message_ids: tuple[str, ...] = (),
    sent_to: tuple[str, ...] = (),
    recipient: str = "",
    said: str = "",
    is_delayed: bool = False,
) -> Arrival:
    """Return a provider's event; `message_ids` with or without brackets, empty ones are left out."""
    line = " ".join(said.split())[:_LONGEST]
    return Arrival(
        key=content_digest(provider, event_id),
        channel=provider,
        kind=told if isinstance(told, MailClass) else MailClass.NONE,
        status=first_status(line),
        diagnosis=line,
        is_delayed=is_delayed,
        message_ids=tuple(f"<{one.strip('<> ')}>" for one in message_ids if one.strip("<> ")),
        sent_to=tuple(address for address in sent_to if address),
        recipient=recipient,
        is_objection=told is Wish.NO_MORE,
    )


def text(event: Mapping[str, Any], *path: str) -> str:
    """Return the text (or number) at a path of keys; empty where there is none: no payload is to be trusted.

    What no database takes, NUL and halves of letters (surrogates), becomes a space or a question mark.
    """
    value: Any = event
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)[:2000].encode(errors="replace").decode().replace("\0", " ")


def mapping(event: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the object under a key; empty where there is none."""
    value = event.get(key)
    return value if isinstance(value, Mapping) else {}
