"""`feedback-service mail-in`: takes in what comes back from a pipe, or says what files are and stores nothing."""

import sys
from collections.abc import Iterator, Sequence
from typing import IO, Any

import click

from feedback_service.cli.json_lines import json_line
from feedback_service.errors import FeedbackError
from feedback_service.mail.incoming.classify import classify
from feedback_service.mail.incoming.message import MAX_BYTES

_TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and comes again.


@click.command("mail-in")
@click.option("--dry-run", is_flag=True, help="Store nothing; say what each FILE is, one JSON object per line.")
@click.argument("files", nargs=-1, type=click.Path(readable=False), metavar="[FILE]...")
def mail_in_command(*, dry_run: bool, files: Sequence[str]) -> None:
    """Take in a mail from standard input: a bounce, a complaint, or a customer's reply.

    Exit status 75 asks the mail server to come again later. With --dry-run nothing needs to be set up;
    a FILE that cannot be read is told in its line, and the exit status is 1 at the end.
    """
    if dry_run:
        sys.exit(_say(files))
    if files:
        message = "files are only looked at with --dry-run; a mail to take in comes by standard input"
        raise click.UsageError(message)
    _take_in(_all_of(sys.stdin.buffer))


def told(files: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield for each file what it is."""
    for file in files:
        try:
            with click.open_file(file, "rb") as stream:
                raw = stream.read(MAX_BYTES)
        except (OSError, ValueError) as error:
            yield {
                "file": file,
                "class": "none",
                "recipients": [],
                "error": getattr(error, "strerror", None) or str(error),
            }
            continue
        finding = classify(raw)
        status = finding.gravest.status if finding.gravest else ""
        line: dict[str, Any] = {"file": file, "class": finding.kind.value}
        yield line | ({"status": status} if status else {}) | {"recipients": list(finding.recipients)}


def _say(files: Sequence[str]) -> int:
    failed = False
    for line in told(files or ["-"]):
        failed |= "error" in line
        sys.stdout.buffer.write(json_line(line))
    sys.stdout.buffer.flush()
    return 1 if failed else 0


def _take_in(raw: bytes) -> None:
    from feedback_service.cli.start import started

    if not raw.strip():
        message = "there is no mail on standard input"
        raise click.UsageError(message)
    try:
        with started() as services:
            taken = services.inbound_desk.take_mail(raw, "pipe", services.clock.now())
    except FeedbackError as error:
        # Whatever is wrong here, the mail must not be lost for it.
        click.echo(f"feedback-service: {error}", err=True)
        sys.exit(_TRY_AGAIN)
    known = "" if taken.is_new else ", known already"
    about = "about a mail of ours" if taken.is_matched else "about no mail of ours"
    click.echo(f"{taken.kind.value}, {about}{known}.", err=True)


def _all_of(stream: IO[bytes]) -> bytes:
    """Return what is read of a mail; the rest is taken too, or the mail server would think that we broke."""
    raw = stream.read(MAX_BYTES)
    while stream.read(MAX_BYTES):
        pass
    return raw
