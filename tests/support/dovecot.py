"""A real IMAP server (Debian's dovecot-imapd) on a loopback port, with a mailbox for every name."""

import contextlib
import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

DOVECOT = Path("/usr/sbin/dovecot")
PASSWORD = "not-a-secret-0"  # noqa: S105 - for tests only
_PATIENCE = 20.0

_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox of a running server; `tls_port` is 0 without a certificate."""

    port: int
    tls_port: int
    user: str

    @contextlib.contextmanager
    def opened(self, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        """Give a session of our own to look into a folder."""
        imap = imaplib.IMAP4("127.0.0.1", self.port, timeout=_PATIENCE)
        imap.login(self.user, PASSWORD)
        imap.select(folder)
        yield imap
        imap.logout()

    def add(self, *mails: bytes) -> None:
        """Put mails into the inbox."""
        with self.opened() as imap:
            for mail in mails:
                kind, answer = imap.append("INBOX", "", "", mail)
                assert kind == "OK", answer

    def count(self, folder: str = "INBOX", which: str = "ALL") -> int:
        """Count the mails of a folder; 0 where there is none."""
        with self.opened(folder) as imap:
            if imap.state != "SELECTED":
                return 0
            return len(imap.search(None, which)[1][0].split())


@pytest.fixture(scope="session")
def imap_server() -> Iterator[Mailbox]:
    """A server without encryption."""
    with running_dovecot() as server:
        yield server


@pytest.fixture
def mailbox(imap_server: Mailbox) -> Mailbox:
    """An empty mailbox on it."""
    return replace(imap_server, user=f"{uuid4().hex}@mail.example.com")


@contextlib.contextmanager
def running_dovecot(certificate: tuple[Path, Path] | None = None) -> Iterator[Mailbox]:
    """Run a server; without Dovecot the test is skipped, but on CI (CI=true) it fails. `certificate`: file and key."""
    if not DOVECOT.exists():
        reason = f"needs Dovecot at {DOVECOT} (Debian: apt-get install dovecot-imapd)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    # Sockets have short paths.
    folder = Path(tempfile.mkdtemp(prefix="imap-", dir="/tmp"))
    port, tls_port = _free_ports(2)
    server = Mailbox(port, tls_port if certificate else 0, "bounces@mail.example.com")
    process = subprocess.Popen([DOVECOT, "-F", "-c", _configured(folder, server, certificate)])
    try:
        _await(process, folder, port)
        yield server
    finally:
        process.terminate()
        process.wait(_PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def _configured(folder: Path, server: Mailbox, certificate: tuple[Path, Path] | None) -> Path:
    me = pwd.getpwuid(os.geteuid())
    if me.pw_uid == 0:
        owner, internal, login = pwd.getpwnam("nobody"), "dovecot", "dovenull"
        for part in ("mail", "home"):
            (folder / part).mkdir()
            os.chown(folder / part, owner.pw_uid, owner.pw_gid)
        folder.chmod(0o755)
    else:
        owner, internal, login = me, me.pw_name, me.pw_name
    text = _CONFIGURATION.format(
        folder=folder, ssl="yes" if certificate else "no", internal=internal,
        internal_group=grp.getgrgid(pwd.getpwnam(internal).pw_gid).gr_name, login=login, password=PASSWORD,
        uid=owner.pw_uid, gid=owner.pw_gid, port=server.port, tls_port=server.tls_port,
    )  # fmt: skip
    if certificate:
        text += f"ssl_cert = <{certificate[0]}\nssl_key = <{certificate[1]}\n"
    configuration = folder / "dovecot.conf"
    configuration.write_text(text, encoding="utf-8")
    return configuration


def _await(process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    """Wait until the server greets."""
    ends_at = time.monotonic() + _PATIENCE
    while time.monotonic() < ends_at and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as greeted:
            if greeted.recv(4) == b"* OK":
                return
        time.sleep(0.02)
    log = folder / "log"
    pytest.fail(f"Dovecot does not start: {log.read_text() if log.exists() else 'no log'}")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
