"""Findings: what a look at the installation has shown, in words, with what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a finding stands: `ADVICE` can wait, `WRONG` cannot."""

    OK = "ok"
    ADVICE = "advice"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `to_do` is empty when nothing is to be done."""

    subject: str
    found: str
    to_do: str = ""
    is_advice: bool = False

    @property
    def state(self) -> State:
        """How it stands."""
        if not self.to_do:
            return State.OK
        return State.ADVICE if self.is_advice else State.WRONG


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is not as it should be, and what to do about it."""

    found: str
    to_do: str
    is_advice: bool = False


def summed_up(subject: str, found: str, remarks: Sequence[Remark]) -> Finding:
    """Return one finding of all remarks on a subject, the grave ones first; without any it is `found` alone."""
    ordered = sorted(remarks, key=lambda remark: remark.is_advice)
    sentences = [found, *(remark.found for remark in ordered)]
    return Finding(
        subject,
        " ".join(filter(None, sentences)),
        # What is to be published may end without a full stop, so that it can be copied: each stands on its own line.
        "\n".join(dict.fromkeys(remark.to_do for remark in ordered)),
        is_advice=bool(ordered) and all(remark.is_advice for remark in ordered),
    )
