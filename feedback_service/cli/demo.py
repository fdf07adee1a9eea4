"""`demo`: the product shown on a fictional shop, on this computer only."""

import contextlib
import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedback_service.arenas import share_arenas
from feedback_service.errors import FeedbackError

if TYPE_CHECKING:
    from feedback_service.demo.stage import Stage

_PORT = 8765
_LOOK_SECONDS = 0.5


@click.command("demo")
@click.option("--once", is_flag=True, help="Play the story without a person, check it, print one JSON object and end.")
@click.option("--port", type=click.IntRange(1, 65000), default=_PORT, show_default=True, help="Start page; next free.")
def demo_command(port: int, *, once: bool) -> None:
    """Show everything on a fictional shop: mails, survey, reviews, alerts, inbox, digest. Ctrl-C ends it."""
    started_at = time.monotonic()
    share_arenas()
    click.echo("Setting up Atelier Lumen, a fictional shop with five months of history…", err=True)
    with _stage(port) as stage:
        if once:
            sys.exit(_play(stage, started_at))
        click.echo(_tour(stage))
        _wait_for_the_end(stage)


@contextlib.contextmanager
def _stage(port: int) -> Iterator["Stage"]:
    from feedback_service import app
    from feedback_service.cli import main
    from feedback_service.demo.stage import Stage, temporary_folder
    from feedback_service.twins import twin_of_this_process

    # Also where SIGINT was ignored at our start, as in a background job of a shell.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app.load()
    twin = twin_of_this_process(main)
    with temporary_folder() as folder:
        stage = Stage(Path(folder), port, twin)
        try:
            stage.start()
            yield stage
        except KeyboardInterrupt:
            click.echo("\nEnding.", err=True)
            sys.exit(0)
        finally:
            # From here on a second Ctrl-C would only leave something behind.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            stage.stop()


def _play(stage: "Stage", started_at: float) -> int:
    from feedback_service.demo import counts, once

    try:
        found = once.play(stage, started_at)
        broken = counts.broken_promises(stage, found)
    except FeedbackError as error:
        found = counts.report(stage, seconds=time.monotonic() - started_at)
        broken = [str(error)]
    click.echo(json.dumps(asdict(found)))
    for sentence in broken:
        click.echo(f"did not hold: {sentence}", err=True)
    return 1 if broken else 0


def _wait_for_the_end(stage: "Stage") -> None:
    # Short waits: on some systems a long one is not interrupted by Ctrl-C.
    never = threading.Event()
    while stage.failure is None:
        never.wait(_LOOK_SECONDS)
    raise stage.failure


def _tour(stage: "Stage") -> str:
    from feedback_service.demo.cast import STAFF

    product = stage.settings.public_url
    logins = "\n".join(f"     {player.email}  {player.password}  ({player.role.value})" for player in STAFF)
    return f"""
  Atelier Lumen is open.  Atelier Lumen est ouvert.

     {stage.start_page}

  1  Read a mail as the customer / Lire un e-mail comme la cliente       {stage.start_page}/mailbox
  2  Answer badly in it: choose 1 / Y répondre mal : choisir 1
  3  See the story and the alert mail / Voir l’affaire et l’alerte       {product}/inbox
  4  Publish a bad review / Publier un mauvais avis                      {stage.start_page}/avis/atelier-lumen
  5  Take and resolve its story / Prendre l’affaire et la régler         {product}/inbox
  6  Read the weekly digest / Lire le bilan de la semaine                {product}/digests

  Staff / Équipe:
{logins}

  Ctrl-C ends everything / Ctrl-C arrête tout.
"""
