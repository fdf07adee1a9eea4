"""`feedback-service shop look`: the colour, the logo and the sender names of a shop's mails."""

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from feedback_service.cli.start import chosen_shop, shop_option, started
from feedback_service.errors import OutsideError
from feedback_service.shops import configuration, look, pictures
from feedback_service.shops.models import AuditEntry, Shop

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("look")
@shop_option
@click.option("--accent", help="The shop's colour, such as #1d5c4a; '' for the one that comes with the service.")
@click.option("--logo", type=_FILE, help="A PNG or JPEG, up to 100 kB.")
@click.option("--no-logo", is_flag=True, help="Let the shop's name stand in letters again.")
@click.option("--survey-sender", help="Name that surveys come from; '' for the shop's sender name.")
@click.option("--notice-sender", help="Name that notices about a return come from; '' for the shop's sender name.")
def look_command(
    *,
    slug: str | None,
    accent: str | None,
    logo: Path | None,
    no_logo: bool,
    survey_sender: str | None,
    notice_sender: str | None,
) -> None:
    """Change how the mails of a shop look; without options, show it."""
    given = {"accent": accent, "survey_sender_name": survey_sender, "notice_sender_name": notice_sender}
    values = {key: value for key, value in given.items() if value is not None}
    with started() as services:
        shop_id = chosen_shop(services, slug).id
        with services.database.writing() as session:
            shop = session.get_one(Shop, shop_id)
            configuration.change(shop, values)
            if logo:
                look.set_logo(session, shop, _read(logo), services.clock.now())
            elif no_logo:
                look.remove_logo(shop)
            if values or logo or no_logo:
                _note(session, shop, services.clock.now())
            for line in _in_words(shop):
                click.echo(line)


def _note(session: Session, shop: Shop, now: datetime) -> None:
    session.add(AuditEntry(at=now, action="shop.look_changed", subject=f"shop:{shop.id}"))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(pictures.LARGEST + 1)
    except OSError as error:
        sentence = f"{path} cannot be read: {error.strerror}."
        raise OutsideError(sentence, subject=str(path), permanent=True) from error


def _in_words(shop: Shop) -> list[str]:
    seen = look.look_of(shop)
    colours = seen.colours
    lines = [f"Colour: {colours.brand}{'' if seen.is_own_colour else ', the one that comes with the service'}"]
    if colours.is_adjusted:
        lines.append(f"  It cannot be read on white: text and buttons have {colours.accent}.")
    lines.append(f"  On dark grounds: {colours.accent_dark}.")
    lines.append(f"Logo: {f'{seen.logo.width} x {seen.logo.height}' if seen.logo else 'none, the name in letters'}")
    lines.append(f"Surveys come from: {look.sender_name(shop, 'survey')}")
    lines.append(f"Notices come from: {look.sender_name(shop, 'return')}")
    return lines
