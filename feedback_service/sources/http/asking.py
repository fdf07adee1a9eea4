"""One request, politely: it waits for the turn of its host and says who asks (R54); what goes wrong has a name."""

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence

from feedback_service import __version__
from feedback_service.settings import Settings
from feedback_service.sources.http.named_errors import left_of, named_errors, timeout
from feedback_service.sources.http.received import Received
from feedback_service.sources.http.transport import Header, PinnedTransport
from feedback_service.sources.http.urls import Address

AGENT_NAME = "feedback-service"


def user_agent(settings: Settings) -> str:
    """Return who we say we are: `Name/version (+contact)` (R54)."""
    contact = settings.fetch_contact or settings.public_url
    shown = "".join(character for character in contact if " " <= character <= "~")
    return f"{AGENT_NAME}/{__version__} (+{shown})"


class Asker:
    """Sends requests inside a `time_limit`; threads may share it."""

    def __init__(self, transport: PinnedTransport, agent: str) -> None:
        self._transport = transport
        self._headers: list[Header] = [
            (b"User-Agent", agent.encode()),
            (b"Accept-Encoding", b"gzip"),
            (b"Connection", b"keep-alive"),
        ]
        self._turns: defaultdict[bytes, threading.Lock] = defaultdict(threading.Lock)
        self._turns_lock = threading.Lock()

    def admit(self, address: Address) -> None:
        """Raise `FetchError` where the host of `address` may not be fetched, or is not known."""
        with named_errors(address):
            self._transport.admit(address)

    @contextlib.contextmanager
    def ask(self, method: str, address: Address, headers: Sequence[Header], content: bytes = b"") -> Iterator[Received]:
        """Give the answer to one request, whatever its status; raise `FetchError` for none."""
        with (
            self._turn(address),
            named_errors(address),
            self._transport.answer(method, address, [*self._headers, *headers], content) as answer,
        ):
            yield Received(answer)

    @contextlib.contextmanager
    def _turn(self, address: Address) -> Iterator[None]:
        with self._turns_lock:
            lock = self._turns[address.netloc]
        if not lock.acquire(timeout=max(0.0, left_of(address.url))):
            raise timeout(address.url)
        try:
            yield
        finally:
            lock.release()
