"""`source list|pause|resume|reread|remove`: the sources that are there."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from feedback_service.alerts import removal
from feedback_service.bootstrap import Services
from feedback_service.cli.start import chosen_shop, started
from feedback_service.errors import InvalidInputError
from feedback_service.sources import registry
from feedback_service.sources.models import Source, SourceKind


@click.command("list")
@click.option("--shop", "slug", help="Only the sources of this shop.")
def list_command(slug: str | None) -> None:
    """List the sources with their state in words."""
    with started() as services:
        shop = chosen_shop(services, slug) if slug else None
        with services.database.reading() as session:
            sources = registry.list_sources(session, shop.id if shop else None)
        for source in sources:
            click.echo(line(source))
        if not sources:
            click.echo("There are no sources yet: `feedback-service source add URL` adds one.")


@click.command("pause")
@click.argument("number", type=int)
def pause(number: int) -> None:
    """Read the source NUMBER, as `source list` shows it, no more until `resume`."""
    with _found(number) as (_, session, source):
        registry.pause(session, source)
    click.echo(f"Paused {source.id}: {source.url}")


@click.command("resume")
@click.argument("number", type=int)
def resume(number: int) -> None:
    """Read the source NUMBER again, from now on."""
    with _found(number) as (services, session, source):
        registry.resume(session, source, services.clock.now())
    click.echo(f"Resumed {source.id}: {source.url}")


@click.command("reread")
@click.argument("number", type=int)
def reread(number: int) -> None:
    """Read the source NUMBER in full at the next scan, as if it had changed: its validators are forgotten."""
    with _found(number) as (services, session, source):
        registry.reread(session, source, services.clock.now())
    click.echo(f"Due now, and read in full, {source.id}: {source.url}")


@click.command("remove")
@click.argument("number", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(number: int, yes: bool) -> None:  # noqa: FBT001 - an option
    """Remove the source NUMBER with its documents and the mentions found there."""
    with started() as services:
        with services.database.reading() as session:
            source = registry.find_source(session, number)
            belongings = removal.belongings(session, source)
        question = f"Remove {source.id}: {source.url}, with {_in_words(belongings)}?"
        if not yes:
            if not sys.stdin.isatty():
                sentence = f"{question} Nobody is there to ask: say --yes."
                raise InvalidInputError(sentence, field="yes")
            click.confirm(question, abort=True)
        with services.database.writing() as session:
            source = registry.find_source(session, number)
            gone = removal.remove_source(session, source, services.clock.now())
        click.echo(f"Removed {number}: {source.url}, with {_in_words(gone)}.")


def line(source: Source) -> str:
    """Return two lines about a source: what it is, and how it stands."""
    due = f"next poll {source.due_at:%Y-%m-%d %H:%M} UTC" if source.due_at else _undue(source)
    first = f"{source.id:>4}  {source.state.value:<8} {source.kind.value:<12} {source.url}"
    terms = f"; terms checked {source.terms_checked_on}" if source.terms_checked_on else ""
    return f"{first}\n      {source.state_reason} ({due}{terms})"


def _undue(source: Source) -> str:
    return "never polled" if source.kind is SourceKind.PUSHED else "paused or gone: `source resume` reads it again"


@contextmanager
def _found(number: int) -> Iterator[tuple[Services, Session, Source]]:
    with started() as services, services.database.writing() as session:
        yield services, session, registry.find_source(session, number)


def _in_words(gone: removal.Belongings) -> str:
    told = f"{_counted(gone.documents, 'document', 'documents')} and {_counted(gone.mentions, 'mention', 'mentions')}"
    return f"{told} ({_counted(gone.stories, 'story', 'stories')} told there only)" if gone.stories else told


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
