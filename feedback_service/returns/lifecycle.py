"""The life of a return: its state follows from the set of its events. Pure.

    requested -> approved -> in transit -> received -> refunded | replaced | rejected

Platforms send events late, twice and out of order. So the order of arrival plays no part: events are read
in the order in which they happened, and the state is the furthest one reached. Steps may be left out (a
refund without "received" is a refund), and a parcel may come in after its refund. What cannot both be
true is a contradiction: a second, different end, or a step taken after a rejection.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from feedback_service.returns.models import ReturnState

STEPS: tuple[ReturnState, ...] = tuple(ReturnState)
ENDS = frozenset({ReturnState.REFUNDED, ReturnState.REPLACED, ReturnState.REJECTED})

CONFLICTS: dict[tuple[ReturnState, ReturnState], str] = {
    (ReturnState.REFUNDED, ReturnState.REPLACED): "It is said to be replaced, but it was refunded before.",
    (ReturnState.REFUNDED, ReturnState.REJECTED): "It is said to be rejected, but it was refunded before.",
    (ReturnState.REPLACED, ReturnState.REFUNDED): "It is said to be refunded, but it was replaced before.",
    (ReturnState.REPLACED, ReturnState.REJECTED): "It is said to be rejected, but it was replaced before.",
    (ReturnState.REJECTED, ReturnState.REFUNDED): "It is said to be refunded, but it was rejected before.",
    (ReturnState.REJECTED, ReturnState.REPLACED): "It is said to be replaced, but it was rejected before.",
    (ReturnState.REJECTED, ReturnState.RECEIVED): "It is said to be received, but it was rejected before.",
    (ReturnState.REJECTED, ReturnState.IN_TRANSIT): "It is said to be on its way, but it was rejected before.",
    (ReturnState.REJECTED, ReturnState.APPROVED): "It is said to be approved, but it was rejected before.",
}
"""What the later event of (earlier, later) contradicts, in words: message ids of the catalogue `returns.po`."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event, as far as the state depends on it. `key` tells it from every other event of the return."""

    kind: ReturnState
    happened_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a return stands, and which events contradict the others (key -> sentence).

    `state_at` is when the state was first reached; `closed_at` only where it is an end.
    """

    state: ReturnState
    state_at: datetime
    received_at: datetime | None
    closed_at: datetime | None
    conflicts: Mapping[str, str]

    @property
    def flag(self) -> str:
        """The first contradiction in words; empty for none."""
        return next(iter(self.conflicts.values()), "")


def standing(happenings: Iterable[Happening], requested_at: datetime) -> Standing:
    """Return where a return stands that was opened at `requested_at`; repetitions and order change nothing."""
    first: dict[ReturnState, datetime] = {}
    conflicts: dict[str, str] = {}
    end: ReturnState | None = None
    for event in sorted(set(happenings), key=_order):
        if end and (sentence := CONFLICTS.get((end, event.kind))):
            conflicts[event.key] = sentence
            continue
        if event.kind in ENDS:
            end = event.kind
        first.setdefault(event.kind, event.happened_at)
    state = end or max(first, key=STEPS.index, default=ReturnState.REQUESTED)
    state_at = first.get(state, requested_at)
    return Standing(
        state=state,
        state_at=state_at,
        received_at=first.get(ReturnState.RECEIVED),
        closed_at=state_at if end else None,
        conflicts=conflicts,
    )


def _order(event: Happening) -> tuple[datetime, int, str]:
    # Exports often carry days only: of two events at one instant the earlier step came first.
    return event.happened_at, STEPS.index(event.kind), event.key
