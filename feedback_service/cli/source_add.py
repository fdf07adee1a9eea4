"""`source add`: addresses in, sources found, read once and added; what else was found is said."""

import itertools
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import IO
from urllib.parse import urlsplit

import click

from feedback_service.bootstrap import Services
from feedback_service.cli.start import chosen_shop, shop_option, started
from feedback_service.errors import ConflictError, FeedbackError, InvalidInputError
from feedback_service.shops.models import Shop
from feedback_service.sources import registry
from feedback_service.sources.address_lists import addresses_in
from feedback_service.sources.finding.discovery import Why
from feedback_service.sources.finding.finder import Discovered, discover, named
from feedback_service.sources.models import SourceKind
from feedback_service.sources.places import check_place
from feedback_service.sources.rules import failure_in_words
from feedback_service.sources.wording import KIND_WORDS, WHY_WORDS

_AT_ONCE = 8
_FAILURE = 1
_LARGEST_LIST = 5_000_000


@dataclass(frozen=True, slots=True)
class _Wish:
    """How the sources are to be added."""

    kind: SourceKind | None
    about_us: bool | None
    reach: int
    terms_checked_on: date | None
    window_days: int
    comments: bool
    everything: bool


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What an address turned out to be: sources, the best first, or why there are none."""

    address: str
    found: tuple[Discovered, ...] = ()
    error: FeedbackError | None = None


@click.command("add")
@click.argument("urls", metavar="URL...", nargs=-1)
@click.option("--file", "listed", type=click.File("rb"), help="List of addresses: one per line, or OPML; - is stdin.")
@shop_option
@click.option("--kind", type=click.Choice([kind.value for kind in SourceKind]), help="How it is read (found out).")
@click.option("--comments", is_flag=True, help="Add the feeds of comments that are found as well.")
@click.option("--all", "everything", is_flag=True, help="Add everything that is found.")
@click.option("--about-us/--not-about-us", default=None, help="Everything there is about the shop: no term is needed.")
@click.option("--reach", type=click.IntRange(1, 3), default=1, show_default=True, help="1 blog, 2 known site, 3 press.")
@click.option(
    "--window",
    metavar="DAYS",
    type=click.IntRange(0, registry.WINDOWS[-1]),
    default=0,
    show_default=True,
    help="The first scan alerts on what was published so many days ago at most; 0: on nothing.",
)
@click.option("--terms-checked", type=click.DateTime(["%Y-%m-%d"]), help="Day on which you read the site's terms.")
def add(  # noqa: PLR0913 - one argument for each option
    *,
    urls: tuple[str, ...],
    listed: IO[bytes] | None,
    slug: str | None,
    kind: str | None,
    comments: bool,
    everything: bool,
    about_us: bool | None,
    reach: int,
    window: int,
    terms_checked: datetime | None,
) -> None:
    """Add sources. Paste any address: of a feed, of a blog, of a page with reviews.

    What can be read there is found out, the best is added, and what else was found is said. An address that is there
    already is named and is no error; one that cannot be added is, and does not keep the others out.
    """
    checked_on = terms_checked.date() if terms_checked else None
    wish = _Wish(SourceKind(kind) if kind else None, about_us, reach, checked_on, window, comments, everything)
    addresses = _addresses(urls, listed)
    with started() as services:
        shop = chosen_shop(services, slug)
        outcomes = _look_at_all(services, _not_there_yet(services, shop, addresses), wish)
        failed = sum(not _settle(services, shop, outcome, wish) for outcome in outcomes)
    if failed:
        sys.exit(_FAILURE)


def _addresses(urls: Sequence[str], listed: IO[bytes] | None) -> list[str]:
    """Return the addresses of the command line and of the list; one that stands twice is named."""
    wanted = [*urls]
    if listed:
        content = listed.read(_LARGEST_LIST + 1)
        if len(content) > _LARGEST_LIST:
            sentence = f"The list is longer than {_LARGEST_LIST:,} bytes."
            raise InvalidInputError(sentence, field="file")
        wanted += addresses_in(content)
    if not wanted:
        sentence = "Name at least one address, or a list of them with --file."
        raise InvalidInputError(sentence, field="urls")
    for address, count in Counter(wanted).items():
        if count > 1:
            click.echo(f"Named more than once: {address}")
    return list(dict.fromkeys(wanted))


def _not_there_yet(services: Services, shop: Shop, addresses: Iterable[str]) -> list[str]:
    """Return the addresses that are no source yet; those that are need not be asked."""
    with services.database.reading() as session:
        known = {source.url: source.id for source in registry.list_sources(session, shop.id)}
    for address in addresses:
        if _plain(address) in known:
            click.echo(f"Already there: {known[_plain(address)]}  {address}")
    return [address for address in addresses if _plain(address) not in known]


def _plain(address: str) -> str:
    try:
        return check_place(address)
    except FeedbackError:
        return address


def _look_at_all(services: Services, addresses: Sequence[str], wish: _Wish) -> list[_Outcome]:
    """Look at many addresses at once, but at one site after the other address of it: each host has one visitor."""
    numbered = sorted(((_host(address), number) for number, address in enumerate(addresses)), key=itemgetter(0))
    sites = [[number for _, number in group] for _, group in itertools.groupby(numbered, key=itemgetter(0))]

    def visit(site: list[int]) -> list[tuple[int, _Outcome]]:
        return [(number, _look_at(services, addresses[number], wish)) for number in site]

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        visits = [visited for site in pool.map(visit, sites) for visited in site]
    return [outcome for _, outcome in sorted(visits, key=itemgetter(0))]


def _host(address: str) -> str:
    try:
        return urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""


def _look_at(services: Services, address: str, wish: _Wish) -> _Outcome:
    reader = services.source_reader
    try:
        if wish.kind is None:
            return _Outcome(address, discover(reader, address, services.settings.fetch_timeout))
        return _Outcome(address, (named(reader, address, wish.kind),))
    except FeedbackError as error:
        return _Outcome(address, error=error)


def _settle(services: Services, shop: Shop, outcome: _Outcome, wish: _Wish) -> bool:
    """Add what is wanted of an outcome and say so; False where nothing could be added."""
    if outcome.error:
        click.echo(f"Not added: {outcome.address}\n  {failure_in_words(outcome.error)}", err=True)
        return False
    best, *others = outcome.found
    wanted = [best, *(other for other in others if wish.everything or (wish.comments and other.is_comments))]
    added = [_add(services, shop, discovered, wish) for discovered in wanted]
    _say_what_else([other for other in others if other not in wanted])
    return all(added)


def _add(services: Services, shop: Shop, discovered: Discovered, wish: _Wish) -> bool:
    found, now = discovered.found, services.clock.now()
    try:
        with services.database.writing() as session:
            source = registry.add_source(
                session,
                shop,
                found.url,
                found.kind,
                now,
                title=found.reading.title,
                about_us=wish.about_us,
                reach=wish.reach,
            )
            registry.alert_on_the_last(source, wish.window_days)
            source.terms_checked_on = wish.terms_checked_on
    except ConflictError as error:
        click.echo(f"Already there: {found.url}\n  {error}")
        return True
    except FeedbackError as error:
        click.echo(f"Not added: {found.url}\n  {error}", err=True)
        return False
    click.echo(f"Added {source.id}: {source.url}")
    click.echo(f"  {_described(discovered)}. {_what_now(found.kind, wish.window_days)}")
    if not source.about_us and not shop.terms_any and not shop.terms_all:
        click.echo(f"  {shop.name} has no terms to watch yet: nothing here will be found to be about it.", err=True)
    return True


def _what_now(kind: SourceKind, window_days: int) -> str:
    if kind is SourceKind.PUSHED:
        return "Nothing is fetched: hand in with POST /api/v1/mentions or `feedback-service import reviews`."
    if not window_days:
        return "The first scan takes stock and alerts nobody."
    return f"The first scan alerts on what was published in the last {window_days} days; of the rest it takes stock."


def _described(discovered: Discovered) -> str:
    items = len(discovered.found.reading.items)
    kind = KIND_WORDS[discovered.found.kind]
    comments = ", comments" if discovered.is_comments else ""
    title = f" “{discovered.title}”" if discovered.title else ""
    why = f"; {WHY_WORDS[discovered.why]}" if discovered.why is not Why.GIVEN else ""
    now = "" if discovered.found.kind is SourceKind.PUSHED else f", {items} item{'s' if items != 1 else ''} now"
    return f"{kind}{comments}{title}{now}{why}"


def _say_what_else(others: Sequence[Discovered]) -> None:
    for other in others:
        click.echo(f"Also found: {_described(other)}")
        click.echo(f"  feedback-service source add --kind {other.found.kind.value} {shlex.quote(other.url)}")
