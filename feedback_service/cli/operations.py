"""`backup FILE`."""

import contextlib
import os
import shlex
import shutil
import sqlite3
import subprocess
from pathlib import Path

import click
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.cli.start import started
from feedback_service.errors import InvalidInputError, OutsideError


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup_command(file: Path) -> None:
    """Copy the database to FILE while the service runs. FILE must not exist yet."""
    with started() as services:
        if file.exists():
            sentence = f"{file} exists already; a backup never overwrites another."
            raise InvalidInputError(sentence, field="file")
        partial = file.with_name(f".{file.name}.partial")
        try:
            _copy(services, partial)
            partial.replace(file)
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or error
            sentence = f"The backup cannot be written to {file}: {reason}."
            raise OutsideError(sentence, subject=str(file), permanent=True) from error
        finally:
            partial.unlink(missing_ok=True)
    click.echo(f"{file}: {file.stat().st_size:,} bytes.")


def _copy(services: Services, target: Path) -> None:
    # Names and addresses of customers are in it: for the owner's eyes only.
    target.touch(mode=0o600)
    if services.database.is_sqlite:
        _copy_sqlite(str(services.database.url.database), target)
    else:
        _dump_postgresql(services.database.url, target)


def _copy_sqlite(source: str, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(source)) as live, contextlib.closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        damage = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if damage != "ok":
        raise sqlite3.DatabaseError(damage)


def _dump_postgresql(url: sa.URL, target: Path) -> None:
    """Run pg_dump where it is installed, else say with which command to run it elsewhere."""
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    command = ["pg_dump", "--format=custom", f"--file={target}", plain]
    program = shutil.which("pg_dump")
    if program is None:
        asked = shlex.join([*command[:2], "--file=FILE", plain])
        sentence = f"pg_dump is not installed here. On a machine that has it, run: {asked}"
        raise OutsideError(sentence, subject="pg_dump", permanent=True)
    environ = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    done = subprocess.run([program, *command[1:]], env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        sentence = f"pg_dump failed: {done.stderr.strip()}"
        raise OutsideError(sentence, subject=str(url.host or url.database), permanent=False)
