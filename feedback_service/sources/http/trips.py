"""One fetch on its way: how much time is left, how much an answer's head has cost, and where it has been.

A fetch is one thread's work from its first request to the last redirect's body, so it is kept in a context
variable: what reads the wire far below need not be handed it, and a fetch inside a fetch (robots.txt) has its own.
"""

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

from feedback_service.sources.http.addresses import AddressPolicy, RefusedAddressError, Resolver, Route

_MOST_HEAD_BYTES = 300_000


class DeadlineError(Exception):
    """The fetch has used up its time."""


class EndlessHeadError(Exception):
    """The answer goes on and on before its body begins: header lines, or interim answers (1xx)."""

    def __init__(self) -> None:
        super().__init__("the head of the answer has no end")


@dataclass(slots=True)
class Trip:
    """One fetch.

    Attributes:
        deadline: by `time.monotonic`.
        routes: of the hosts it asked, the first of them first.
        head_bytes: how much of the answer's head has come; None where no head is awaited.
        has_connected: a connection was opened for the request under way; else one that stood open is used.
    """

    deadline: float
    routes: dict[tuple[str, int], Route] = field(default_factory=dict)
    head_bytes: int | None = None
    has_connected: bool = False

    def route(self, host: str, port: int, policy: AddressPolicy, resolve: Resolver) -> Route:
        """Return where `host` leads, resolved and checked once a fetch; raise `RefusedAddressError` if not there.

        A site on the internet may not send us into a private network that is allowed for other sources.
        """
        known = self.routes.get((host, port))
        if known:
            return known
        route = policy.route(host, port, resolve)
        first = next(iter(self.routes.values()), route)
        if not first.may_lead_to(route):
            message = f"leads to {route.addresses[0]}, where a site outside that network may not send us"
            raise RefusedAddressError(message)
        self.routes[host, port] = route
        return route

    def came(self, count: int) -> None:
        """Count bytes off the wire; raise `EndlessHeadError` when the head alone is longer than any page needs."""
        if self.head_bytes is not None:
            self.head_bytes += count
            if self.head_bytes > _MOST_HEAD_BYTES:
                raise EndlessHeadError


_trip: ContextVar[Trip] = ContextVar("fetch_trip")


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Make everything inside one fetch of `seconds` in all; then `DeadlineError` or a timeout of httpcore."""
    token = _trip.set(Trip(time.monotonic() + seconds))
    try:
        yield
    finally:
        _trip.reset(token)


def under_way() -> Trip:
    """Return the fetch that this thread is at."""
    return _trip.get()


def seconds_left() -> float:
    """Return the seconds left of the fetch under way; raise `DeadlineError` when there are none."""
    left = _trip.get().deadline - time.monotonic()
    if left <= 0:
        raise DeadlineError
    return left


@contextlib.contextmanager
def awaiting_head() -> Iterator[Trip]:
    """Count what comes off the wire inside as the head of an answer."""
    trip = _trip.get()
    trip.head_bytes, trip.has_connected = 0, False
    try:
        yield trip
    finally:
        trip.head_bytes = None
