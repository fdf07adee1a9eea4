"""The stage: a fresh installation of the fictional shop, and everything around it, on this computer only.

    this process    the service's web application, the mail server, the sites and the start page
    one process     `feedback-service jobs`, at first a copy of this one, started afresh when it dies
    before that     one process that makes the history and ends

Everything is thrown away at the end. On both clocks of the stage it is Monday, 10:30 in Paris: surveys
are sent in daytime and digests on Monday.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from feedback_service import logs
from feedback_service.app import create_app
from feedback_service.bootstrap import Services, build
from feedback_service.clock import SystemClock
from feedback_service.demo.front import Front, create_front
from feedback_service.demo.mailbox import Mailbox, MailServer
from feedback_service.demo.platform import report_this_morning
from feedback_service.demo.serving import HOST, LocalServer, address, listen, port_of
from feedback_service.demo.sites import Sites
from feedback_service.errors import OutsideError
from feedback_service.processes import Child, ChildFailedError
from feedback_service.settings import PREFIX, load_settings
from feedback_service.twins import Twin

_PARIS = ZoneInfo("Europe/Paris")
_HALF_PAST_TEN = time(10, 30)
_LOOK_SECONDS = 0.3
_PATIENCE_SECONDS = 5.0
_PACE = 150  # Mails every second, surveys every two, digests every six.
_POLL_SECONDS = 3
_LEASE_SECONDS = 5
_SMTP_SECONDS = 1.0
_FETCH_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the parts of the stage listen."""

    front: int
    product: int
    smtp: int


def monday_morning(now: datetime) -> datetime:
    """Return Monday, 10:30 in Paris, of the week in which `now` lies there; in UTC."""
    today = now.astimezone(_PARIS).date()
    monday = today - timedelta(days=today.weekday())
    return datetime.combine(monday, _HALF_PAST_TEN, _PARIS).astimezone(UTC)


class Stage:
    """From `start` to `stop`.

    Args:
        folder: where the installation is made.
        port: where the start page should be (the next free one if taken).
        twin: a copy of this process for the jobs.
    """

    def __init__(self, folder: Path, port: int, twin: Twin | None = None) -> None:
        real_now = datetime.now(UTC)
        self.begun_at = monday_morning(real_now)
        offset = timedelta(seconds=round((self.begun_at - real_now).total_seconds()))
        clock = SystemClock(offset)
        self.mailbox = Mailbox(clock)
        self.sites = Sites(clock, self.begun_at)
        self._mail_server = MailServer(self.mailbox)
        self._front = listen(port)
        self._product = listen(port_of(self._front) + 1)
        ports = Ports(port_of(self._front), port_of(self._product), self._mail_server.port)
        self.start_page = address(ports.front)
        self.environ = _environment(folder, ports, offset)
        self.settings = load_settings({key: self.environ[key] for key in self.environ if key.startswith(PREFIX)})
        self.services: Services = build(self.settings)
        self.jobs = Child(["jobs"], self.environ, twin)
        self.events_reported = 0
        self.failure: ChildFailedError | None = None
        self._servers: list[LocalServer | MailServer] = []
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._look_after_jobs, name="jobs-watch")

    def start(self) -> None:
        """Make the history, then serve everything and run the jobs."""
        logs.configure("warning", "text")
        self._serve(self._mail_server)
        self._make_history()
        front = Front(self.services.clock, self.mailbox, self.sites, self.settings.public_url)
        self._serve(LocalServer(create_front(front), self._front))
        self._serve(LocalServer(create_app(self.services), self._product))
        self.events_reported = report_this_morning(self.services)
        self.jobs.start()
        self._watch.start()

    def stop(self) -> None:
        """End everything that was started; nothing runs on."""
        self._stopping.set()
        self.jobs.ask_to_end()
        if self._watch.is_alive():
            self._watch.join()
        self.jobs.end(_PATIENCE_SECONDS)
        for server in reversed(self._servers):
            server.stop()
        for listener in (self._front, self._product):
            listener.close()
        self.services.close()

    def _serve(self, server: LocalServer | MailServer) -> None:
        server.start()
        self._servers.append(server)

    def _make_history(self) -> None:
        """Make it in a process of its own, which answers for the sites meanwhile on the socket it inherits."""
        descriptor = self._front.fileno()
        made = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "feedback_service.demo", self.begun_at.isoformat(), str(descriptor)],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=2,
            pass_fds=(descriptor,),
            check=False,
        )
        if made.returncode:
            sentence = "The history of the demo's shop could not be made; the reason stands above."
            raise OutsideError(sentence, subject="demo", permanent=True)

    def _look_after_jobs(self) -> None:
        try:
            while not self._stopping.wait(_LOOK_SECONDS):
                self.jobs.look_after()
        except ChildFailedError as error:
            self.failure = error


def temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    """Return a fresh folder for the stage's run-time data, removed at the end."""
    return tempfile.TemporaryDirectory(prefix="feedback-demo-", ignore_cleanup_errors=True)


def _environment(folder: Path, ports: Ports, offset: timedelta) -> dict[str, str]:
    """Return the environment of every process of the stage: what the user set for a real installation is left out."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    settings: Mapping[str, object] = {
        "instance": folder,
        # The history ends a day before its morning: nobody is to be told of a scan that was missed in between.
        "scan_missed_after": timedelta(days=7) // timedelta(seconds=1),
        "database_url": os.environ.get(f"{PREFIX}DATABASE_URL", ""),
        "secret_key": secrets.token_urlsafe(48),
        "public_url": address(ports.product),
        "web_port": ports.product,
        "smtp_host": HOST,
        "smtp_port": ports.smtp,
        "smtp_timeout": _SMTP_SECONDS,
        "fetch_timeout": _FETCH_SECONDS,
        "fetch_allow_private": "127.0.0.0/8",
        "fetch_allow_ports": f"80,443,{ports.front}",
        "poll_interval": _POLL_SECONDS,
        "poll_interval_max": _POLL_SECONDS,
        "lease_seconds": _LEASE_SECONDS,
        "jobs_pace": _PACE,
        "clock_offset_seconds": int(offset.total_seconds()),
        "log_level": "warning",
    }
    return inherited | {f"{PREFIX}{key.upper()}": str(value) for key, value in settings.items()}
