"""The commands `stats` and `digest`."""

import json
from datetime import date, datetime

import click

from feedback_service.bootstrap import Services
from feedback_service.cli.start import chosen_shop, shop_option, started
from feedback_service.digest.periods import Week, last_complete_week, midnight, week_on
from feedback_service.errors import InvalidInputError
from feedback_service.formats import zone
from feedback_service.reports import export
from feedback_service.reports.drawings import Table
from feedback_service.reports.figures import Figures, Span
from feedback_service.reports.queries import figures_of
from feedback_service.reports.section import View
from feedback_service.reports.sections import sections
from feedback_service.reports.words import Words
from feedback_service.shops.models import Shop

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command("stats")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with stable keys (docs/figures.md).")
@shop_option
@click.option("--from", "first", type=_DAY, help="First day, YYYY-MM-DD in the shop's zone; the beginning if left out.")
@click.option("--until", "end", type=_DAY, help="Day before which to stop, YYYY-MM-DD; now if left out.")
def stats_command(slug: str | None, first: datetime | None, end: datetime | None, *, as_json: bool) -> None:
    """Print the figures of a shop: orders, returns, rates, reasons, satisfaction, mentions, stories."""
    with started() as services:
        shop = chosen_shop(services, slug)
        span = _span(shop, first, end)
        with services.database.reading() as session:
            figures = figures_of(session, shop.id, span, services.clock.now())
        if as_json:
            click.echo(json.dumps(export.as_json(shop.slug, figures), ensure_ascii=False, indent=2))
        else:
            click.echo(_readable(shop, figures))


@click.command("digest")
@shop_option
@click.option("--week", "day", type=_DAY, help="A day of the week, YYYY-MM-DD; the last complete week if left out.")
@click.option("--send", is_flag=True, help="Also queue the mails for the managers who have not got it yet.")
def digest_command(slug: str | None, day: datetime | None, *, send: bool) -> None:
    """Print the weekly digest of a shop as its managers get it."""
    with started() as services:
        shop = chosen_shop(services, slug)
        week = _week(services, shop, day.date() if day else None)
        now = services.clock.now()
        queued = services.digest_desk.queue(shop, week, now) if send else None
        rendered = services.digest_desk.preview(shop, week, shop.language, now)
        click.echo(f"{rendered.subject}\n\n{rendered.text}", nl=False)
        if queued is not None:
            click.echo(f"{queued} mail(s) queued.", err=True)


def _span(shop: Shop, first: datetime | None, end: datetime | None) -> Span:
    tz = zone(shop.time_zone)
    span = Span(midnight(first.date(), tz) if first else None, midnight(end.date(), tz) if end else None)
    if span.start and span.end and span.start >= span.end:
        sentence = "--from must be a day before --until."
        raise InvalidInputError(sentence, field="until")
    return span


def _week(services: Services, shop: Shop, day: date | None) -> Week:
    last = last_complete_week(services.clock.now(), zone(shop.time_zone))
    week = week_on(day) if day else last
    if week > last:
        sentence = f"The week of {week.monday} is not over yet; the last complete one begins on {last.monday}."
        raise InvalidInputError(sentence, field="week")
    return week


def _readable(shop: Shop, figures: Figures) -> str:
    words = Words("en", zone(shop.time_zone))
    view = View(figures, None, (), words.short_day)
    parts = [shop.name]
    for section in sections(view, words):
        parts += ["", section.title, f"  {section.number} {section.caption}"]
        parts += [f"  {sentence}" for sentence in section.sentences]
        parts += [
            line for table in (section.facts, section.chart and section.chart.table) if table for line in _table(table)
        ]
    return "\n".join(parts)


def _table(table: Table) -> list[str]:
    rows = [table.head, *table.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.head))]
    lines = ["  ".join(_cells(row, widths)).rstrip() for row in rows]
    return ["", *(f"  {line}" for line in lines)]


def _cells(row: tuple[str, ...], widths: list[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
