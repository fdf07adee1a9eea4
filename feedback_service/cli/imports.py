"""`feedback-service import orders|returns|reviews FILE`: a shop's own export comes in."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback_service.cli.start import chosen_shop, shop_option, started
from feedback_service.formats import number
from feedback_service.returns.connectors.csv_import import CsvImport, Desk, Kind, Totals
from feedback_service.returns.connectors.csv_map import read_map, read_map_as
from feedback_service.returns.connectors.csv_reader import Problem

if TYPE_CHECKING:
    from feedback_service.scanning.review_files import Complaint
    from feedback_service.scanning.review_import import ReviewTotals


_NAMELESS = {
    Kind.ORDERS: "Rows that name no customer",
    Kind.RETURNS: "Rows that name no customer (the order's is taken)",
}
_STOPPED = "Stopped. What was read so far is kept; import the file again, and the rest comes in."


@click.group("import")
def import_command() -> None:
    """Take in orders, returns or reviews from a file (docs/import.md tells the columns)."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(
        (
            click.argument("file", type=click.Path(path_type=Path)),
            click.option(
                "--map", "map_path", type=click.Path(path_type=Path), help="TOML file that tells how to read it."
            ),
            shop_option,
            click.option("--encoding", help="Encoding of the file; wins over the map."),
            click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing."),
        )
    ):
        command = option(command)
    return command


@import_command.command("orders")
@_options
def orders(**options: Any) -> None:  # noqa: ANN401 - click's options, spread below
    """Import orders: one row per line of an order."""
    _run(Kind.ORDERS, notify=False, **options)


@import_command.command("returns")
@_options
@click.option("--no-notices", is_flag=True, help="Write to no customer, even about steps of the last days.")
def returns(*, no_notices: bool, **options: Any) -> None:  # noqa: ANN401 - click's options, spread below
    """Import returns: one row per line of a return."""
    _run(Kind.RETURNS, notify=not no_notices, **options)


@import_command.command("reviews")
@_options
@click.option("--source", "name", default="reviews", show_default=True, help="What they are filed under; one per site.")
@click.option("--tell", is_flag=True, help="Alert staff of bad reviews of the last 7 days; else all of it is history.")
def reviews(
    *,
    file: Path,
    map_path: Path | None,
    slug: str | None,
    encoding: str | None,
    dry_run: bool,
    name: str,
    tell: bool,
) -> None:
    """Import reviews: CSV, JSON or JSON lines, one row or object per review."""
    from feedback_service.scanning.review_import import ReviewDesk, ReviewImport
    from feedback_service.scanning.review_map import ReviewMap

    review_map = read_map_as(ReviewMap, map_path, **({"encoding": encoding} if encoding else {}))
    with started() as services:
        shop = chosen_shop(services, slug)
        export = ReviewImport(file, review_map)
        totals = export.run(ReviewDesk(services, shop, name, tells=tell, dry_run=dry_run, tell=_tell))
    click.echo(review_summary(totals, dry_run=dry_run))
    if totals.problems:
        sys.exit(1)


def review_summary(totals: "ReviewTotals", *, dry_run: bool) -> str:
    """Return what an import of reviews did, in lines for a person; parts that are zero are left out."""
    head = "Dry run, nothing is changed. This would be done:\n" if dry_run else ""
    taken = totals.taken
    facts = [
        ("About the shop, of the new ones", taken.mentions),
        ("Rows left out by the map (no reviews)", totals.other_rows),
        ("Problems, told one by one (those rows are left out)", totals.problems),
    ]
    lines = [
        f"{head}Rows read: {_n(totals.rows)}.",
        f"Reviews: {_n(taken.new)} new, {_n(taken.known)} known.",
        *(f"{text}: {_n(count)}." for text, count in facts if count),
    ]
    return "\n".join(lines)


def _run(
    kind: Kind,
    *,
    notify: bool,
    file: Path,
    map_path: Path | None,
    slug: str | None,
    encoding: str | None,
    dry_run: bool,
) -> None:
    csv_map = read_map(map_path, **({"encoding": encoding} if encoding else {}))
    with started() as services:
        shop = chosen_shop(services, slug)
        source = CsvImport(file, csv_map, kind)
        with click.progressbar(
            length=source.rows, label=f"Importing {kind}", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            desk = Desk(
                services.database,
                services.intake,
                shop,
                services.clock.now(),
                notify=notify,
                dry_run=dry_run,
                tell=_tell,
                advance=bar.update,
            )
            totals = _until_stopped(source, desk)
    click.echo(summary(kind, totals, dry_run=dry_run))
    if totals.problems:
        sys.exit(1)


def _until_stopped(source: CsvImport, desk: Desk) -> Totals:
    try:
        return source.run(desk)
    except KeyboardInterrupt:
        click.echo("\nStopped. Nothing is changed." if desk.dry_run else f"\n{_STOPPED}", err=True)
        sys.exit(1)


def _tell(problem: "Problem | Complaint") -> None:
    click.echo(str(problem), err=True)


def summary(kind: Kind, totals: Totals, *, dry_run: bool) -> str:
    """Return what an import did, in lines for a person; parts that are zero are left out."""
    noun = "order" if kind is Kind.ORDERS else "return"
    head = "Dry run, nothing is changed. This would be done:\n" if dry_run else ""
    facts = [
        (f"Rows left out by the map (no {kind})", totals.other_rows),
        (f"Rows whose line is left out by the map (the {noun} is kept)", totals.lines_left_out),
        (_NAMELESS[kind], totals.rows_without_customer),
        ("Returns of unknown order (kept, and linked when the order comes)", totals.unknown_orders),
        ("Returns flagged, because their events contradict each other", totals.flagged),
        ("Mails to customers", totals.mails),
        ("Problems, told line by line (those rows are left out)", totals.problems),
    ]
    outcomes = f"{_n(totals.created)} created, {_n(totals.updated)} updated, {_n(totals.unchanged)} unchanged"
    lines = [
        f"{head}Rows read: {_n(totals.rows)}.",
        f"{kind.value.capitalize()}: {outcomes}.",
        *(f"{text}: {_n(count)}." for text, count in facts if count),
    ]
    return "\n".join(lines)


def _n(value: int) -> str:
    return number(value, "en")
