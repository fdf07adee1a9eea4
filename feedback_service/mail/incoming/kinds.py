"""What an incoming mail can be, and what is found out about one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class MailClass(StrEnum):
    """What an incoming mail means for those it is about (R27, R28).

    `HARD`: the address is dead. `SOFT`: not now. `POLICY`: the server refuses us, the recipient is not at
    fault. `COMPLAINT`: the recipient called it spam. `NONE`: none of these; perhaps a person wrote.
    """

    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto-reply"
    NONE = "none"


BOUNCES = (MailClass.HARD, MailClass.POLICY, MailClass.SOFT)
"""The classes of a bounce, the gravest for the recipient first."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient that was not reached.

    Attributes:
        recipient: the address, empty where the report does not say it.
        status: 'x.y.z' of RFC 3463, empty where there is none.
        diagnosis: what the server said, in one line.
        is_delayed: True for a warning: the server goes on trying.
    """

    recipient: str
    kind: MailClass
    status: str = ""
    diagnosis: str = ""
    is_delayed: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What an incoming mail is.

    Attributes:
        failures: for a bounce, each recipient; the class of the mail is the gravest of theirs.
        recipients: whom it is about, each once: the failed addresses, or who complained, as far as it says.
        original_id: the Message-ID of our mail that it is about, as the report gives it; empty where it does not.
        sent_to: the addresses that it was sent to: one of them may carry our tag.
    """

    kind: MailClass
    failures: Sequence[Failure] = ()
    recipients: Sequence[str] = ()
    original_id: str = ""
    sent_to: Sequence[str] = ()

    @property
    def gravest(self) -> Failure | None:
        """The failure that gives the mail its class."""
        return next((failure for failure in self.failures if failure.kind is self.kind), None)

    @property
    def is_delayed(self) -> bool:
        """Tell whether every failure is only a warning."""
        return bool(self.failures) and all(failure.is_delayed for failure in self.failures)
