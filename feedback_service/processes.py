"""Processes of our own: started, watched, started again when they die, ended together with us."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence

from feedback_service.errors import FeedbackError
from feedback_service.twins import Twin, TwinProcess

WRONG_START = 2  # Exit status of a process whose settings or surroundings do not allow a start.
_STEADY_SECONDS = 60
_LONGEST_PAUSE_SECONDS = 30.0
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux's prctl(2).


class ChildFailedError(FeedbackError):
    """A process of ours cannot be started, and trying again would not help."""


class Child:
    """One process of ours that has to run: `feedback-service` with `arguments`.

    It is started again when it dies, at once at first, then after growing pauses. When it ends with
    the status 2 (wrong settings) a restart is pointless and `look_after` raises `ChildFailedError`.

    Args:
        arguments: the name of the command and its arguments.
        environ: its environment; ours where none is given.
        twin: a copy of this process that runs it the first time; later ones start afresh.
    """

    def __init__(
        self, arguments: Sequence[str], environ: Mapping[str, str] | None = None, twin: Twin | None = None
    ) -> None:
        self.name = arguments[0]
        self.restarts = 0
        self._arguments = [*arguments, "--parent", str(os.getpid())]
        self._environ = None if environ is None else dict(environ)
        self._twin = twin
        self._process: subprocess.Popen[bytes] | TwinProcess | None = None
        self._started_at = 0.0
        self._quick_deaths = 0
        self._start_after = 0.0

    @property
    def pid(self) -> int | None:
        """Process id of the present process, if there is one."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process; standard output goes to our standard error, which is for diagnostics."""
        twin, self._twin = self._twin, None
        if twin is None:
            self._process = self._afresh()
        else:
            self._process = twin.begin(self._arguments, os.environ if self._environ is None else self._environ)
        self._started_at = time.monotonic()

    def look_after(self) -> bool:
        """Start the process again if it has died and its pause is over; True when it was started again."""
        if self._process is not None:
            status = self._process.poll()
            if status is None:
                return False
            self._has_died(status)
        if time.monotonic() < self._start_after:
            return False
        self.restarts += 1
        self.start()
        return True

    def ask_to_end(self) -> None:
        """Send SIGTERM if the process still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def end(self, patience_seconds: float) -> None:
        """End the process: SIGTERM, then SIGKILL once the patience is over; returns when it is gone."""
        if self._process is None:
            return
        self.ask_to_end()
        try:
            self._process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _afresh(self) -> "subprocess.Popen[bytes]":
        # A process group of its own: Ctrl-C reaches us alone, and we end it in good order.
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "feedback_service", *self._arguments],
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=2,
            process_group=0,
        )

    def _has_died(self, status: int) -> None:
        self._process = None
        if status == WRONG_START:
            sentence = f"`feedback-service {self.name}` cannot start; its message stands above."
            raise ChildFailedError(sentence)
        now = time.monotonic()
        steady = now - self._started_at > _STEADY_SECONDS
        self._quick_deaths = 0 if steady else self._quick_deaths + 1
        self._start_after = now + pause_before_restart(self._quick_deaths)


def pause_before_restart(quick_deaths: int) -> float:
    """Return the seconds to wait after so many deaths in a row: none at first, then 1, 2, 4... up to 30."""
    return 0.0 if quick_deaths <= 2 else min(_LONGEST_PAUSE_SECONDS, 2.0 ** min(quick_deaths - 3, 10))  # noqa: PLR2004 - as the docstring says


def stop_on_signals(stopping: threading.Event) -> None:
    """Set `stopping` at SIGTERM or SIGINT instead of being killed by it. Main thread only."""

    def stop(_number: int, _frame: object) -> None:
        # Not here: `set` takes a lock that the interrupted main thread may hold in `wait`.
        threading.Thread(target=stopping.set, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def end_with_parent(parent: int) -> None:
    """From now on be sent SIGTERM once the process `parent`, which started us, is gone."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    threading.Thread(target=_watch_parent, args=(parent,), name="parent-watch", daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
