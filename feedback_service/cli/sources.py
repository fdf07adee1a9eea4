"""Commands around sources: `source add|list|check|pause|resume` and `scan`."""

import json
import sys
from datetime import date, datetime
from typing import Any

import click

from feedback_service.bootstrap import Services
from feedback_service.cli.start import chosen_shop, shop_option, started
from feedback_service.errors import FeedbackError
from feedback_service.mentions import identity
from feedback_service.shops.models import Shop
from feedback_service.sources import registry, rules
from feedback_service.sources.http import user_agent
from feedback_service.sources.models import Source, SourceKind
from feedback_service.sources.places import check_place
from feedback_service.sources.reading import Found

_KIND_WORDS = {
    SourceKind.FEED: "feed (RSS or Atom)",
    SourceKind.REVIEW_PAGE: "review page (schema.org)",
    SourceKind.ARTICLE: "article and its comments",
    SourceKind.TRUSTPILOT: "Trustpilot Business API",
    SourceKind.GOOGLE_REVIEWS: "Google Business Profile API",
    SourceKind.AVIS_VERIFIES: "Avis Vérifiés (Skeepers) API or files",
    SourceKind.APP_STORE: "App Store Connect API",
    SourceKind.GOOGLE_PLAY: "Google Play Developer API",
    SourceKind.PUSHED: "handed in from outside",
}
_READABLE = [kind.value for kind in SourceKind if kind is not SourceKind.PUSHED]
_SAMPLE = 5
_SHOWN = 70
_FAILURE = 1


@click.group("source")
def source_command() -> None:
    """Add, list and check the places where mentions may appear."""


@source_command.command("add")
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@shop_option
@click.option("--kind", type=click.Choice(_READABLE), help="How it is read (found out).")
@click.option("--about-us/--not-about-us", default=None, help="Everything there is about the shop: no term is needed.")
@click.option("--reach", type=click.IntRange(1, 3), default=1, show_default=True, help="1 blog, 2 known site, 3 press.")
@click.option("--terms-checked", type=click.DateTime(["%Y-%m-%d"]), help="Day on which you read the site's terms.")
def add(
    *,
    urls: tuple[str, ...],
    slug: str | None,
    kind: str | None,
    about_us: bool | None,
    reach: int,
    terms_checked: datetime | None,
) -> None:
    """Add sources. Each is read once to see what it is; the first scan only takes stock."""
    known = {"about_us": about_us, "reach": reach}
    checked_on = terms_checked.date() if terms_checked else None
    with started() as services:
        shop = chosen_shop(services, slug)
        failed = 0
        for url in urls:
            try:
                _add(services, shop, url, SourceKind(kind) if kind else None, checked_on, **known)
            except FeedbackError as error:
                failed += 1
                click.echo(f"Not added: {url}\n  {error}", err=True)
    if failed:
        sys.exit(_FAILURE)


def _add(
    services: Services,
    shop: Shop,
    url: str,
    kind: SourceKind | None,
    terms_checked_on: date | None,
    **known: Any,  # noqa: ANN401 - options of `registry.add_source`
) -> None:
    found = services.source_reader.find(check_place(url, kind), kind)
    now = services.clock.now()
    with services.database.writing() as session:
        source = registry.add_source(session, shop, found.url, found.kind, now, title=found.reading.title, **known)
        source.terms_checked_on = terms_checked_on
    items = len(found.reading.items)
    click.echo(f"Added {source.id}: {source.url}")
    click.echo(f"  {_KIND_WORDS[source.kind]}, {items} items now. The first scan takes stock and alerts nobody.")
    if not source.about_us and not shop.terms_any and not shop.terms_all:
        click.echo(f"  {shop.name} has no terms to watch yet: nothing here will be found to be about it.", err=True)


@source_command.command("list")
@click.option("--shop", "slug", help="Only the sources of this shop.")
def list_command(slug: str | None) -> None:
    """List the sources with their state in words."""
    with started() as services:
        shop = chosen_shop(services, slug) if slug else None
        with services.database.reading() as session:
            sources = registry.list_sources(session, shop.id if shop else None)
        for source in sources:
            click.echo(_line(source))
        if not sources:
            click.echo("There are no sources yet: `feedback-service source add URL` adds one.")


@source_command.command("pause")
@click.argument("number", type=int)
def pause(number: int) -> None:
    """Read the source NUMBER, as `source list` shows it, no more until `resume`."""
    with started() as services, services.database.writing() as session:
        source = registry.find_source(session, number)
        registry.pause(session, source)
    click.echo(f"Paused {source.id}: {source.url}")


@source_command.command("resume")
@click.argument("number", type=int)
def resume(number: int) -> None:
    """Read the source NUMBER again, from now on."""
    with started() as services, services.database.writing() as session:
        source = registry.find_source(session, number)
        registry.resume(session, source, services.clock.now())
    click.echo(f"Resumed {source.id}: {source.url}")


def _line(source: Source) -> str:
    due = "paused or gone" if source.kind is not SourceKind.PUSHED else "never polled"
    due = f"next poll {source.due_at:%Y-%m-%d %H:%M} UTC" if source.due_at else due
    first = f"{source.id:>4}  {source.state.value:<8} {source.kind.value:<12} {source.url}"
    terms = f"; terms checked {source.terms_checked_on}" if source.terms_checked_on else ""
    return f"{first}\n      {source.state_reason} ({due}{terms})"


@source_command.command("check")
@click.argument("url")
@click.option("--kind", type=click.Choice(_READABLE), help="How to read it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def check(url: str, kind: str | None, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Say what an address is and what would be read there. Nothing is stored."""
    with started(migrate=False) as services:
        try:
            chosen = SourceKind(kind) if kind else None
            found = services.source_reader.find(check_place(url, chosen), chosen)
        except FeedbackError as error:
            if as_json:
                click.echo(json.dumps({"url": url, "error": str(error)}, ensure_ascii=False))
            else:
                click.echo(str(error), err=True)
            sys.exit(_FAILURE)
        report = _report(services, found)
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else _in_words(report))


def _report(services: Services, found: Found) -> dict[str, Any]:
    page, items = found.page, found.reading.items
    asked = max(page.max_age or 0, found.reading.ttl or 0)
    wait = rules.interval(services.settings.poll_interval, has_validators=bool(page.validators), asked=asked)
    return {
        "url": found.url,
        "read_from": page.url,
        "kind": found.kind.value,
        "title": found.reading.title,
        "bytes": len(page.body),
        "etag": page.validators.etag,
        "last_modified": page.validators.last_modified,
        "robots": "not asked: a feed is made for programs" if found.kind is SourceKind.FEED else "allows it",
        "user_agent": user_agent(services.settings),
        "poll_every_seconds": int(wait.total_seconds()),
        "items": [
            {
                "id": name,
                "url": item.url or item.page_url,
                "title": item.title,
                "text": item.text,
                "author": item.author,
                "published_at": item.published_at.isoformat() if item.published_at else None,
                "rating": item.rating,
                "best_rating": item.best_rating,
            }
            for name, item in zip(identity.identities(items), items, strict=True)
        ],
    }


def _in_words(report: dict[str, Any]) -> str:
    given = [name for name in ("etag", "last_modified") if report[name]]
    lines = [
        f"{report['url']}",
        f"  kind        {_KIND_WORDS[SourceKind(report['kind'])]}",
        f"  title       {report['title'] or '(none)'}",
        f"  robots.txt  {report['robots']}",
        f"  validators  {', '.join(given) if given else 'none: polled half as often'}",
        f"  next poll   every {report['poll_every_seconds'] // 60} min or later",
        f"  items       {len(report['items'])}",
    ]
    for item in report["items"][:_SAMPLE]:
        stars = f" {item['rating']:g}/{item['best_rating']:g}" if item["rating"] is not None else ""
        text = " ".join((item["title"] or item["text"]).split())[:_SHOWN]
        lines.append(f"    {(item['published_at'] or '(no date)')[:10]:<10}{stars}  {text}")
    return "\n".join(lines)


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
            click.echo(_line(source))
        click.echo(f"{read} source{'s' if read != 1 else ''} read.")


def _was_read(source: Source, began: datetime) -> bool:
    return source.last_polled_at is not None and source.last_polled_at >= began
