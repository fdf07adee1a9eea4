"""Threads that ask sites: each walks the sources of one host, one after the other, and comes back with answers.

Queues hand the work over: futures, which a round would have to wait for one by one, cost more than a site that says
"not modified".
"""

import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self, TypeAlias

from feedback_service.arenas import share_arenas
from feedback_service.scanning.pipeline import poll
from feedback_service.scanning.ports import ScanServices
from feedback_service.scanning.stages import Claimed, Failed
from feedback_service.sources.adapters import Polled

# A walker comes back with what it has after so long, or so much: what is read early is stored early.
_WALK_SECONDS = 0.5
_WALK_BYTES = 2_000_000

Answer: TypeAlias = tuple[Claimed, Polled | Failed]


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walker came back with from one host: answers of the first of its sources, in their order."""

    host: str
    answers: Sequence[Answer] = ()
    fault: BaseException | None = None


class Walkers:
    """A number of walkers; they end with the `with` block, each after the source in hand."""

    def __init__(self, services: ScanServices, count: int) -> None:
        self._services = services
        self._todo: queue.SimpleQueue[tuple[str, Sequence[Claimed]] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Walk] = queue.SimpleQueue()
        self._out = 0
        self._count = count
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        share_arenas()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join()

    def send(self, host: str, chain: Sequence[Claimed]) -> None:
        """Send somebody to `host`, at which nobody is."""
        self._out += 1
        self._todo.put((host, chain))
        if self._out > len(self._threads) and len(self._threads) < self._count:
            thread = threading.Thread(target=self._work, name=f"scan-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def wait(self, seconds: float, together: float) -> list[Walk]:
        """Wait for the first who comes back, at most `seconds`, and then for those who come within `together`."""
        walks: list[Walk] = []
        until = time.monotonic() + seconds
        while self._out:
            try:
                walk = self._done.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if walk.fault:
                raise walk.fault
            until = until if walks else time.monotonic() + together
            walks.append(walk)
            self._out -= 1
        return walks

    def _work(self) -> None:
        while (task := self._todo.get()) is not None:
            host, chain = task
            try:
                self._done.put(Walk(host, _walk(self._services, chain)))
            except BaseException as fault:  # noqa: BLE001 - raised again by who waits for it
                self._done.put(Walk(host, fault=fault))


def _walk(services: ScanServices, chain: Sequence[Claimed]) -> list[Answer]:
    """Poll the sources of one host one after the other, for as long as that is quick; return those that were."""
    answers: list[Answer] = []
    size, began = 0, time.monotonic()
    for claimed in chain:
        polled = poll(services, claimed)
        if isinstance(polled, Polled):
            size += len(polled.page.body)
            # It has been read, and may wait for long until it is settled.
            polled = replace(polled, page=replace(polled.page, body=b""))
        answers.append((claimed, polled))
        if size > _WALK_BYTES or time.monotonic() - began > _WALK_SECONDS or services.stopping.is_set():
            break
    return answers
