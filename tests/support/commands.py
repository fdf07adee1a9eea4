"""Our own command in processes of its own, on the settings of a test."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from feedback_service.settings import PREFIX, Settings

SECONDS = 60.0


def environment(settings: Settings, **changes: object) -> dict[str, str]:
    """Return an environment that gives a process these settings, with `changes`."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    values: dict[str, object] = {
        "instance": settings.instance,
        "database_url": settings.database_url,
        "secret_key": settings.secret_key.get_secret_value(),
        "public_url": settings.public_url,
        "smtp_timeout": 2,
        "lease_seconds": 5,
        "jobs_pace": 3600,
        "log_level": "warning",
    }
    return inherited | {f"{PREFIX}{key.upper()}": str(value) for key, value in (values | changes).items()}


def run(*arguments: str, environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "feedback_service", *arguments],
        env=environ,
        capture_output=True,
        text=True,
        timeout=4 * SECONDS,
        check=False,
    )


@contextlib.contextmanager
def running(*arguments: str, environ: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Keep the command running while open; kill it at the end if the test has not ended it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "feedback_service", *arguments],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ended(process: "subprocess.Popen[str]", number: int = signal.SIGTERM) -> int:
    """Send the signal and return the exit status."""
    process.send_signal(number)
    return process.wait(SECONDS)


def eventually(look: Callable[[], object], seconds: float = SECONDS) -> None:
    """Wait until `look` finds something; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
