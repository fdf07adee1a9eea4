"""A bound on the processor time of a piece of work that cannot be asked to stop.

A parser that somebody else wrote is in a loop of its own, and a thread cannot be ended from outside. What
CPython offers is to have an exception raised in another thread, between two of its instructions
(`PyThreadState_SetAsyncExc`). It is raised only while that thread stands in the parser's own code: the garbage
collector runs destructors of everybody in any thread, and one that is broken off there is lost.
"""

import ctypes
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")

_AGAIN_AFTER = 0.01
_INSTRUCTIONS = 100


class TooSlowError(Exception):
    """The work took more processor time than it was given."""


def within(seconds: float, work: Callable[[], Result], packages: frozenset[str]) -> Result:
    """Return what `work` returns; raise `TooSlowError` when it takes more of this thread's processor time.

    It is stopped while it stands in code of `packages` (names of the top level), and when it spends its time in
    one call into C, as that call returns.
    """
    watch = _Watch(seconds, packages)
    try:
        try:
            return work()
        finally:
            watch.end()
    except TooSlowError:
        # It may have come while the watch was being ended.
        watch.end()
        raise


class _Watch:
    """Looks at the clock of the thread that made it, from a thread of its own."""

    def __init__(self, seconds: float, packages: frozenset[str]) -> None:
        self._packages = packages
        self._watched = threading.get_ident()
        self._clock = _clock_of_this_thread()
        self._until = self._clock() + seconds
        self._ended = threading.Event()
        self._raised = False
        self._lock = threading.Lock()
        threading.Thread(target=self._look, args=(seconds,), name="cpu-limit", daemon=True).start()

    def end(self) -> None:
        """Stop looking, and let what was raised arrive."""
        self._ended.set()
        with self._lock:
            raised = self._raised
        if raised:
            with suppress(TooSlowError):
                for _ in range(_INSTRUCTIONS):
                    pass

    def _look(self, pause: float) -> None:
        while not self._ended.wait(max(_AGAIN_AFTER, pause)):
            with self._lock:
                if self._ended.is_set():
                    return
                # The thread that is watched cannot have ended: it waits for the lock before.
                pause = self._until - self._clock()
                if pause <= 0 and _package_of(self._watched) in self._packages:
                    self._raised = True
                    _raise_in(self._watched, TooSlowError)


def _package_of(thread: int) -> str:
    """Return the package whose code a thread stands in; it cannot go on while this one runs."""
    frame = sys._current_frames().get(thread)  # noqa: SLF001 - documented, in spite of its name
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] if frame else ""


def _clock_of_this_thread() -> Callable[[], float]:
    if not hasattr(time, "pthread_getcpuclockid"):
        # Not every system lets one thread read the processor time of another.
        return time.monotonic
    clock = time.pthread_getcpuclockid(threading.get_ident())
    return lambda: time.clock_gettime(clock)


def _raise_in(thread: int, error: type[Exception]) -> None:
    # Never with nothing, which would take back what has not arrived: CPython 3.11 then stays on the alert for good.
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))
