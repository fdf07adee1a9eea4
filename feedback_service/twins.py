"""A copy of this process, made early: what both have loaded takes its memory once.

Two of our processes load the same libraries, and each would hold some seventy megabytes of them. One that is forked
from the other shares these pages until either writes to them, which leaves about half of them shared for good.
"""

import ctypes
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess

_SET_NAME = 15  # PR_SET_NAME of Linux's prctl(2); top and ps show it.
_STDIN, _STDOUT, _STDERR = 0, 1, 2
_ENDING = {signal.SIGTERM, signal.SIGINT}

Command = Callable[[Sequence[str]], None]


class Twin:
    """One copy, which waits for its orders; it ends with this process if it never gets any.

    To be made while this process has one thread and nothing open: neither outlives a fork.

    Args:
        command: what the copy runs with the arguments that it is given.
    """

    def __init__(self, command: Command) -> None:
        # What is loaded by now stays: the collector must not write to its pages in order to look at them.
        gc.collect()
        gc.freeze()
        fork = multiprocessing.get_context("fork")
        theirs, self._orders = fork.Pipe(duplex=False)
        self._process = fork.Process(target=_wait_for_orders, args=(theirs, self._orders, command), daemon=True)
        # A signal that came before the copy has handlers of its own would meet ours, be lost, and leave it waiting.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    def begin(self, arguments: Sequence[str], environ: Mapping[str, str]) -> "TwinProcess":
        """Let the copy run its command in that environment; return its process."""
        self._orders.send((list(arguments), dict(environ)))
        self._orders.close()
        return TwinProcess(self._process)


class TwinProcess:
    """The process of a copy, handled as `subprocess.Popen` is."""

    def __init__(self, process: ForkProcess) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal; None while the process runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit status; raise `subprocess.TimeoutExpired` after so many seconds."""
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise subprocess.TimeoutExpired([self._process.name], timeout or 0)
        return status

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._process.terminate()

    def kill(self) -> None:
        """Send SIGKILL."""
        self._process.kill()


def twin_of_this_process(command: Command) -> Twin | None:
    """Return a copy; None where the system or the threads of this process do not allow one."""
    return Twin(command) if sys.platform == "linux" and threading.active_count() == 1 else None


def _wait_for_orders(orders: Connection, ours: Connection, command: Command) -> None:
    # As in a process that has just begun, whatever the one that was copied does with them.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    # A process group of its own: Ctrl-C reaches the one that was copied, which ends this one in good order.
    os.setpgid(0, 0)
    ours.close()  # Or we would never see that the other end is gone.
    try:
        arguments, environ = orders.recv()
    except EOFError:
        return
    orders.close()
    _stand_apart(arguments[0])
    os.environ.clear()
    os.environ.update(environ)
    command(arguments)


def _stand_apart(name: str) -> None:
    """Take the streams and the name that a process of our own has."""
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
        os.dup2(nothing.fileno(), _STDIN)
    os.dup2(_STDERR, _STDOUT)
    ctypes.CDLL(None).prctl(_SET_NAME, f"feedback-{name}".encode())
