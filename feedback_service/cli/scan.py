"""The command `scan`: reads the sources that are due, now."""

from datetime import datetime

import click

from feedback_service.cli.source_list import line
from feedback_service.cli.start import started
from feedback_service.sources import registry
from feedback_service.sources.models import Source


@click.command("scan")
@click.option("--all", "everything", is_flag=True, help="Read every source now, due or not.")
def scan_command(everything: bool) -> None:  # noqa: FBT001 - an option
    """Read the sources that are due, and say how each stands."""
    from jobs import scan_sources

    with started() as services:
        began = services.clock.now()
        if everything:
            with services.database.writing() as session:
                registry.make_all_due(session, began)
        read = scan_sources.run(services)
        with services.database.reading() as session:
            sources = [source for source in registry.list_sources(session) if _was_read(source, began)]
        for source in sources:
            click.echo(line(source))
        click.echo(f"{read} source{'s' if read != 1 else ''} read.")


def _was_read(source: Source, began: datetime) -> bool:
    return source.last_polled_at is not None and source.last_polled_at >= began
