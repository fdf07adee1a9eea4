"""Which class a failure has (R28): pure decisions on status codes (RFC 3463), replies and words.

Servers are careless with codes: many say "user unknown" with 5.7.1 and "blocked" with 5.1.1. So the
words count where they are clear, and of two readings the one that suppresses nobody is taken.
"""

import re

from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.incoming.phrases import Said, said_in
from feedback_service.mail.incoming.reports import first_status

_OUR_ADDRESS = frozenset({"5.1.7", "5.1.8"})
_TIME_IS_UP = frozenset({"4.4.7", "5.4.7"})
# The system takes no mail, it cannot be routed; the owner has changed (RFC 7293).
_DEAD = frozenset({"5.3.2", "5.4.4"})
_OWNER_CHANGED = frozenset({"5.7.17", "5.7.18"})
# 5.4.1 is what Exchange Online answers for an address that its directory does not know.
_CLEARLY_DEAD = frozenset({"5.4.1", "5.1.1", "5.1.2", "5.1.6", "5.1.10"})
_REPLY = re.compile(r"(?<![\d.])([245])\d\d(?:[ -]|$)")
_LONGEST = 4_000
_AFTER_CONTENT = re.compile(
    r"in reply to (?:end of )?data command|after (?:end of )?data|after i sent the message"
    r"|after sending the message|in response to (?:end of )?data",
    re.IGNORECASE,
)


def judge_failure(status: str, diagnosis: str, *, after_content: bool = False) -> MailClass:
    """Return `HARD`, `SOFT` or `POLICY` for what a server said; `status` may be empty or a generic 'x.0.0'.

    `after_content` says that the address was taken and the mail refused after its content.
    """
    status = effective_status(status, diagnosis)
    said = said_in(diagnosis)
    if Said.FULL in said or status == "5.2.2":
        return MailClass.SOFT
    if status not in _OWNER_CHANGED and _is_policy(status, said):
        return MailClass.POLICY
    if _is_temporary(status, diagnosis):
        return MailClass.SOFT
    return MailClass.HARD if _is_dead(status, said, after_content=after_content) else MailClass.SOFT


def is_after_content(words: str) -> bool:
    """Tell whether a server's account says that it was the content, not the address, that was refused."""
    return _AFTER_CONTENT.search(words[:_LONGEST]) is not None


def effective_status(status: str, diagnosis: str) -> str:
    """Return the more telling of a report's status and the one in the server's own words."""
    inner = first_status(diagnosis)
    is_generic = status.endswith(".0") or status in _TIME_IS_UP
    if not inner or (status and not is_generic):
        return status
    return inner if not status or status.endswith(".0.0") or inner[0] == status[0] else status


def _is_policy(status: str, said: frozenset[Said]) -> bool:
    if status in _OUR_ADDRESS or status.startswith("5.7."):
        return True
    if Said.POLICY not in said:
        return False
    if status[:1] == "4":
        # Waiting helps there, unless the words are about us alone.
        return Said.LATER not in said
    return not (Said.HARD in said and (status in _CLEARLY_DEAD or not status))


def _is_temporary(status: str, diagnosis: str) -> bool:
    if status:
        return status[0] == "4"
    reply = _REPLY.search(diagnosis)
    return reply is not None and reply[1] == "4"


def _is_dead(status: str, said: frozenset[Said], *, after_content: bool) -> bool:
    if status.startswith("5.1.") or status in _OWNER_CHANGED:
        return True
    if Said.ASLEEP in said:
        # A mailbox that is disabled may be opened again: three such failures silence it, too.
        return False
    if Said.HARD in said:
        # An address that was taken before may well exist: filters say this, too.
        return not after_content
    return status in _DEAD and not said & {Said.SOFT, Said.LATER}
