"""`feedback-service key add|list|revoke`: the keys of the HTTP API."""

from datetime import datetime

import click
import sqlalchemy as sa

from feedback_service.cli.start import chosen_shop, shop_option, started
from feedback_service.shops.api_keys import add_key, revoke_key
from feedback_service.shops.models import ApiKey


@click.group("key")
def key_command() -> None:
    """Keys with which a shop's platform calls the HTTP API (docs/api.md)."""


@key_command.command("add")
@shop_option
@click.option("--name", default="platform", show_default=True, help="What uses the key, to tell keys apart.")
def add(slug: str | None, name: str) -> None:
    """Make a key and show it, this once."""
    with started() as services:
        shop = chosen_shop(services, slug)
        with services.database.writing() as session:
            _, key = add_key(session, shop, name, services.clock.now())
    click.echo(f"Key of {shop.name} ({name}). It is shown only now; keep it as a password:", err=True)
    click.echo(key)


@key_command.command("list")
def list_() -> None:
    """List the keys: first characters, shop, name, last use."""
    with started() as services, services.database.reading() as session:
        rows = session.scalars(sa.select(ApiKey).order_by(ApiKey.id)).all()
    for row in rows:
        state = f"revoked {_day(row.revoked_at)}" if row.revoked_at else f"last used {_day(row.last_used_at)}"
        click.echo(f"{row.prefix}…  {row.shop.slug}  {row.name}  made {_day(row.created_at)}  {state}")
    if not rows:
        click.echo("There is no key yet: `feedback-service key add` makes one.")


@key_command.command("revoke")
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """End the key that begins with PREFIX."""
    with started() as services, services.database.writing() as session:
        row = revoke_key(session, prefix.rstrip("…"), services.clock.now())
    click.echo(f"The key {row.prefix}… ({row.name}) is refused from now on.")


def _day(instant: datetime | None) -> str:
    return instant.date().isoformat() if instant else "never"
