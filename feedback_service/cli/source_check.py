"""`source check`: what an address is and how it would be read; nothing is stored."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import click

from feedback_service.bootstrap import Services
from feedback_service.cli.json_lines import json_line
from feedback_service.cli.start import chosen_shop, started
from feedback_service.errors import DatabaseUnavailableError, FeedbackError
from feedback_service.mentions import identity
from feedback_service.mentions.matching import Watch
from feedback_service.shops.models import Shop
from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.explaining import Explanation, explain
from feedback_service.sources.finding.discovery import Why
from feedback_service.sources.finding.finder import Discovered, discover, named
from feedback_service.sources.http.fetcher import user_agent
from feedback_service.sources.items import Aggregate, Item
from feedback_service.sources.models import ABOUT_US, SourceKind
from feedback_service.sources.rules import failure_in_words
from feedback_service.sources.wording import KIND_WORDS, WHY_WORDS

_PAGES = frozenset({SourceKind.REVIEW_PAGE, SourceKind.ARTICLE})
_SAMPLE = 5
_SHOWN = 70
_FAILURE = 1
_FOR_PROGRAMS = "not asked: a feed or an API is made for programs"


@dataclass(frozen=True, slots=True)
class _Checked:
    """What was found at an address: the best, how it would be read, and what else there is."""

    asked: str
    best: Discovered
    explanation: Explanation
    others: tuple[Discovered, ...]


@click.command("check")
@click.argument("url")
@click.option("--kind", type=click.Choice([kind.value for kind in SourceKind]), help="How to read it.")
@click.option("--shop", "slug", help="Shop whose terms are looked for; may be left out where there is one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def check(url: str, kind: str | None, slug: str | None, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Say what an address is and what would be read there, as `source add` would. Nothing is stored."""
    with started(migrate=False) as services:
        try:
            report = _report(services, _look(services, url, kind), _shop(services, slug))
        except FeedbackError as error:
            _fail(url, error, as_json=as_json, robots_line=_robots_line(services, error))
    if as_json:
        click.echo(json_line(report), nl=False)
    else:
        click.echo("\n".join(_in_words(report)))


def _look(services: Services, url: str, kind: str | None) -> _Checked:
    if kind:
        best, *others = [named(services.source_reader, url, SourceKind(kind))]
    else:
        best, *others = discover(services.source_reader, url, services.settings.fetch_timeout)
    page, reading = best.found.page, best.found.reading
    settings, now = services.settings, services.clock.now()
    explanation = explain(page, reading, settings.poll_interval, settings.poll_interval_max, now)
    return _Checked(url, best, explanation, tuple(others))


def _shop(services: Services, slug: str | None) -> Shop | None:
    """Return the shop whose terms are looked for; None where there is none yet, or several and none is named."""
    try:
        return chosen_shop(services, slug)
    except (DatabaseUnavailableError, FeedbackError):
        if slug:
            raise
        return None


def _robots_line(services: Services, error: FeedbackError) -> str:
    if isinstance(error, FetchError) and error.kind is FetchFailure.ROBOTS:
        return services.source_reader.robots_line(error.subject)
    return ""


def _fail(url: str, error: FeedbackError, *, as_json: bool, robots_line: str) -> None:
    line = {"robots_line": robots_line} if robots_line else {}
    if as_json:
        click.echo(json_line({"url": url, "error": failure_in_words(error), **line}), nl=False)
    else:
        told = failure_in_words(error)
        click.echo(f"{told} It says: {robots_line}" if robots_line else told, err=True)
    sys.exit(_FAILURE)


def _report(services: Services, checked: _Checked, shop: Shop | None) -> dict[str, Any]:
    found, explained = checked.best.found, checked.explanation
    page, reading = found.page, found.reading
    is_page, is_polled = found.kind in _PAGES, found.kind is not SourceKind.PUSHED
    return {
        "url": found.url,
        "asked": checked.asked,
        "read_from": page.url,
        "found_by": checked.best.why.value,
        "kind": found.kind.value,
        "is_comments": checked.best.is_comments,
        "title": reading.title,
        "content_type": page.headers.get("content-type", ""),
        "bytes": len(page.body),
        "etag": page.validators.etag,
        "last_modified": page.validators.last_modified,
        "robots": "allows it" if is_page else _FOR_PROGRAMS,
        "robots_line": services.source_reader.robots_line(page.url) if is_page else "",
        "user_agent": user_agent(services.settings),
        "max_age_seconds": page.max_age,
        "ttl_seconds": reading.ttl,
        "skip_hours": sorted(reading.skip_hours),
        "skip_days": sorted(reading.skip_days),
        "hub": reading.hub,
        "poll_every_seconds": int(explained.wait.total_seconds()) if is_polled else None,
        "next_poll_at": _iso(explained.next_at) if is_polled else None,
        "publishes_every_seconds": int(explained.usual_pause.total_seconds()) if explained.usual_pause else None,
        "newest_at": _iso(explained.newest_at),
        "oldest_at": _iso(explained.oldest_at),
        "ratings": explained.ratings,
        "mean_rating_share": None if explained.mean_share is None else round(explained.mean_share, 3),
        "average": _average(reading.aggregate),
        "terms": _terms(shop, found.kind, reading.items),
        "also_found": [_other(other) for other in checked.others],
        "items": _items(reading.items),
    }


def _average(shown: Aggregate | None) -> dict[str, float] | None:
    """Return the average that the page itself shows."""
    return {"value": shown.value, "best": shown.best, "count": shown.count} if shown else None


def _terms(shop: Shop | None, kind: SourceKind, items: Sequence[Item]) -> dict[str, Any] | None:
    """Return how many items would be taken to be about the shop, were the source added as its kind usually is."""
    if shop is None:
        return None
    watch, about_us = Watch(shop.terms_any, shop.terms_all, shop.terms_none), kind in ABOUT_US
    matching = sum(watch.match(identity.judged_text(item), about_us=about_us) is not None for item in items)
    return {"shop": shop.slug, "matching": matching, "of": len(items), "everything_is_about_us": about_us}


def _other(other: Discovered) -> dict[str, Any]:
    found = other.found
    return {
        "url": found.url,
        "kind": found.kind.value,
        "title": found.reading.title,
        "is_comments": other.is_comments,
        "items": len(found.reading.items),
        "found_by": other.why.value,
    }


def _items(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "url": item.address,
            "title": item.title,
            "text": item.text,
            "author": item.author,
            "published_at": _iso(item.published_at),
            "rating": item.rating,
            "best_rating": item.best_rating,
        }
        for name, item in zip(identity.identities(items), items, strict=True)
    ]


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _in_words(report: dict[str, Any]) -> list[str]:
    given = [name for name in ("etag", "last_modified") if report[name]]
    if report["kind"] == SourceKind.PUSHED:
        return [report["url"], f"  {KIND_WORDS[SourceKind.PUSHED]}: nothing is fetched, and it is never polled"]
    rows = (
        ("kind", KIND_WORDS[SourceKind(report["kind"])] + (", comments" if report["is_comments"] else "")),
        ("title", report["title"] or "(none)"),
        ("found", f"{WHY_WORDS[Why(report['found_by'])]}{_way(report)}"),
        ("robots.txt", report["robots"] + (f" ({report['robots_line']})" if report["robots_line"] else "")),
        ("validators", ", ".join(given) if given else "none: polled half as often"),
        ("it asks", _asks(report)),
        ("next poll", _next_poll(report)),
        ("pushed by", report["hub"] or "nobody: it is polled"),
        ("publishes", _publishes(report)),
        ("stars", _stars(report)),
        ("terms", _matching(report["terms"])),
        ("items", str(len(report["items"]))),
    )
    lines = [report["url"], *(f"  {name:<10}  {said}" for name, said in rows)]
    lines += [_item_line(item) for item in report["items"][:_SAMPLE]]
    for other in report["also_found"]:
        comments = ", comments" if other["is_comments"] else ""
        lines.append(f"  also found  {other['url']} ({KIND_WORDS[SourceKind(other['kind'])]}{comments})")
    return lines


def _way(report: dict[str, Any]) -> str:
    if report["read_from"] == report["url"] == report["asked"]:
        return ""
    if report["read_from"] != report["url"]:
        return f"; redirected for now to {report['read_from']}"
    return f"; asked for {report['asked']}"


def _asks(report: dict[str, Any]) -> str:
    asked = [
        f"{name} {_long(report[key])}"
        for name, key in (("Cache-Control", "max_age_seconds"), ("ttl", "ttl_seconds"))
        if report[key]
    ]
    asked += [f"not at {', '.join(map(str, report['skip_hours']))} h GMT"] if report["skip_hours"] else []
    asked += [f"not on {', '.join(report['skip_days'])}"] if report["skip_days"] else []
    return "; ".join(asked) or "nothing"


def _next_poll(report: dict[str, Any]) -> str:
    at = f"{report['next_poll_at'][:16].replace('T', ' ')} UTC"
    return f"{at}, then every {_long(report['poll_every_seconds'])}, up to a tenth later"


def _publishes(report: dict[str, Any]) -> str:
    if not report["newest_at"]:
        return "without dates"
    span = f"newest {report['newest_at'][:16]}, oldest {report['oldest_at'][:16]}"
    pause = report["publishes_every_seconds"]
    return f"every {_long(pause)}, usually; {span}" if pause else span


def _stars(report: dict[str, Any]) -> str:
    shown, count = report["average"], report["ratings"]
    said = [f"the page shows {shown['value']:g} of {shown['best']:g} from {shown['count']:g} ratings"] if shown else []
    if count:
        said.insert(
            0, f"{count} item{'s' if count != 1 else ''}, {5 * report['mean_rating_share']:.1f} of 5 in the mean"
        )
    return "; ".join(said) or "none"


def _matching(terms: dict[str, Any] | None) -> str:
    if terms is None:
        return "no shop to look for"
    why = ": everything here is taken to be" if terms["everything_is_about_us"] else ""
    return f"{terms['matching']} of {terms['of']} items are about {terms['shop']}{why}"


def _long(seconds: int) -> str:
    """Return a length of time in the largest unit that says it."""
    whole = timedelta(seconds=seconds)
    if whole >= timedelta(days=2):
        return f"{whole.days} days"
    return f"{seconds // 60} min" if seconds < 2 * 3600 or seconds % 3600 else f"{seconds // 3600} h"


def _item_line(item: dict[str, Any]) -> str:
    stars = f" {item['rating']:g}/{item['best_rating']:g}" if item["rating"] is not None else ""
    text = " ".join((item["title"] or item["text"]).split())[:_SHOWN]
    return f"    {(item['published_at'] or '(no date)')[:10]:<10}{stars}  {text}"
