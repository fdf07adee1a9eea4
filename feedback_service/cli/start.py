"""How a command starts: settings, logs, services, and a schema that is up to date."""

import contextlib
from collections.abc import Iterator

import click

from feedback_service import logs
from feedback_service.bootstrap import Services, build
from feedback_service.errors import InvalidInputError, NotFoundError
from feedback_service.settings import load_settings
from feedback_service.shops.configuration import list_shops
from feedback_service.shops.models import Shop

shop_option = click.option("--shop", "slug", help="Slug of the shop; may be left out where there is one.")


@contextlib.contextmanager
def started(*, migrate: bool = True) -> Iterator[Services]:
    """Give the services of the installation that the environment names; close them at the end."""
    settings = load_settings()
    logs.configure(settings.log_level, settings.log_format)
    services = build(settings)
    try:
        if migrate:
            from feedback_service import schema

            schema.upgrade(services.database)
        yield services
    finally:
        services.close()


def chosen_shop(services: Services, slug: str | None) -> Shop:
    """Return the shop of that slug, or the only one; say which there are when the choice is open."""
    with services.database.reading() as session:
        shops = list_shops(session)
    if not shops:
        sentence = "There is no shop yet: `feedback-service init` makes one."
        raise NotFoundError(sentence)
    if slug is None:
        if len(shops) == 1:
            return shops[0]
        sentence = f"Say which shop with --shop: {', '.join(shop.slug for shop in shops)}."
        raise InvalidInputError(sentence, field="shop")
    for shop in shops:
        if shop.slug == slug:
            return shop
    sentence = f"There is no shop {slug!r}; there are: {', '.join(shop.slug for shop in shops)}."
    raise NotFoundError(sentence)
