"""The port to the DNS: what may be asked, and what an answer says."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """The kinds of records that are asked for."""

    A = "A"
    AAAA = "AAAA"
    MX = "MX"
    PTR = "PTR"
    TXT = "TXT"


class Outcome(StrEnum):
    """What became of a question. `FAILED` says nothing about the name: the servers gave no usable answer."""

    FOUND = "found"
    NO_NAME = "no such name"
    NO_RECORD = "no such record"
    FAILED = "no answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; aliases (CNAME) are followed.

    `values` are addresses, names without their final dot, texts with their pieces joined (RFC 7208 3.3), or for MX
    "preference name", where the name of a null MX is ".". `why` says what went wrong when the outcome is `FAILED`.
    """

    outcome: Outcome
    values: tuple[str, ...] = ()
    why: str = ""

    @property
    def is_void(self) -> bool:
        """Tell whether there is certainly nothing (RFC 7208 4.6.4)."""
        return self.outcome in {Outcome.NO_NAME, Outcome.NO_RECORD}


class Names(Protocol):
    """Something that can be asked about names."""

    def ask(self, name: str, kind: Kind) -> Answer:
        """Return what is known of `name`; it never raises."""
        ...


def normal(name: str) -> str:
    """Return a name as it is compared: in lower case, without its final dot."""
    return name.strip().rstrip(".").lower()


def parents(name: str) -> list[str]:
    """Return `name` and the names above it, from the longest to the single label."""
    labels = normal(name).split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]
