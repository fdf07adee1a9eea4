"""Postfix's `smtp-sink`: a mail server that takes everything and keeps nothing, as fast as one can be."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

from tests.support.commands import free_port

PROGRAM = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
"""Where it is; None where Debian's package `postfix` is not installed."""

_START_SECONDS = 10


@contextlib.contextmanager
def smtp_sink() -> Iterator[int]:
    """Run it for the length of the block; yield its port."""
    assert PROGRAM is not None, "smtp-sink is not installed: it comes with Debian's package postfix"
    port = free_port()
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([PROGRAM, *as_user, f"127.0.0.1:{port}", "256"]) as sink:
        try:
            _wait_for(port)
            yield port
        finally:
            sink.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
