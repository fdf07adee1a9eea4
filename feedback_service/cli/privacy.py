"""`privacy export EMAIL` and `privacy erase EMAIL` (R16)."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import click

from feedback_service.bootstrap import Services
from feedback_service.cli.asking import address_of_person, confirm
from feedback_service.cli.start import chosen_shop, started
from feedback_service.shops.configuration import list_shops
from feedback_service.shops.models import Shop

_shop = click.option("--shop", "slug", help="Only in this shop; without it, in every shop.")


@click.group("privacy")
def privacy_command() -> None:
    """Answer a person who asks for their data, or for its erasure."""


@privacy_command.command("export")
@click.argument("email", callback=address_of_person)
@_shop
def export_command(email: str, slug: str | None) -> None:
    """Print all that is known of the person with this address, as JSON."""
    from feedback_service.privacy.export import export
    from feedback_service.privacy.person import Person

    with started() as services, services.database.reading() as session:
        person = Person.of(email, services.secret)
        document = export(session, person, _shops(services, slug), services.clock.now())
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    if not document["shops"]:
        click.echo(f"Nothing is known of {email}.", err=True)


@privacy_command.command("erase")
@click.argument("email", callback=address_of_person)
@_shop
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_command(email: str, slug: str | None, *, yes: bool) -> None:
    """Erase the person with this address. The figures stay; the address is never asked again."""
    from feedback_service.privacy.erasure import erase
    from feedback_service.privacy.person import Person

    with started() as services:
        shops = _shops(services, slug)
        if not yes:
            confirm(f"Erase {email} from {', '.join(shop.name for shop in shops)}? It cannot be undone.")
        with services.database.writing() as session:
            erased = erase(session, Person.of(email, services.secret), shops, services.clock.now())
    click.echo(json.dumps(asdict(erased)))
    if erased.staff:
        click.echo("The address signs in as staff too; that account was left alone.", err=True)


def _shops(services: Services, slug: str | None) -> Sequence[Shop]:
    if slug:
        return [chosen_shop(services, slug)]
    with services.database.reading() as session:
        return list_shops(session)
