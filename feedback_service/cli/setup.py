"""Setting up: `init` makes an installation, `shop` and `staff` say who it is for."""

import json
import os
import secrets
import sys
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service import i18n
from feedback_service.bootstrap import Services
from feedback_service.cli.look import look_command
from feedback_service.cli.start import chosen_shop, shop_option, started
from feedback_service.errors import InvalidInputError, NotFoundError, OutsideError
from feedback_service.settings import CONFIG_NAME, PREFIX, load_settings
from feedback_service.shops import configuration, passwords
from feedback_service.shops.models import AuditEntry, Role, Shop, Staff
from feedback_service.shops.staff import add_staff, change_password, end_sessions, find_staff

_LANGUAGES = click.Choice(i18n.LANGUAGES)
_STAFF_LANGUAGES = click.Choice(i18n.STAFF_LANGUAGES)
_ROLES = click.Choice([role.value for role in Role])
_PASSWORD_FILE = click.option(
    "--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File with the password."
)


@click.command("init")
@click.option("--shop-name", help="Name of the shop, as its customers know it.")
@click.option("--sender", help="Address the shop's mails come from.")
@click.option("--website", default="", help="The shop's web site.")
@click.option("--language", type=_LANGUAGES, default="fr", show_default=True, help="The shop's first language.")
@click.option("--time-zone", default="Europe/Paris", show_default=True, help="The shop's time zone.")
@click.option("--public-url", help="Address under which customers and staff will reach the service.")
@click.option("--admin-email", help="Who signs in first.")
@click.option("--admin-name", default="", help="That person's name.")
@_PASSWORD_FILE
def init_command(  # noqa: PLR0913 - one argument for each question
    *,
    shop_name: str | None,
    sender: str | None,
    website: str,
    language: str,
    time_zone: str,
    public_url: str | None,
    admin_email: str | None,
    admin_name: str,
    password_file: Path | None,
) -> None:
    """Make an installation: settings with a random key, the tables, a shop, an administrator.

    It changes nothing that is there; run again, it says what there is.
    """
    _write_settings(public_url)
    with started() as services:
        click.echo(f"Database: {services.database.url.render_as_string(hide_password=True)}, up to date.")
        _say_kept_url(services.settings.public_url, public_url)
        _first_shop(services, shop_name, sender, website=website, language=language, time_zone=time_zone)
        _first_admin(services, admin_email, admin_name, i18n.staff_language(language), password_file)
        click.echo(f"Next: `feedback-service run`, then open {services.settings.public_url}")


@click.group("shop")
def shop_command() -> None:
    """Shops of this installation and their settings."""


@shop_command.command("add")
@click.argument("name")
@click.option("--sender", required=True, help="Address the shop's mails come from.")
@click.option("--slug", default="", help="Short name for commands; made from the name if left out.")
def add_shop(name: str, sender: str, slug: str) -> None:
    """Add a shop called NAME; administrators work for it at once."""
    with started() as services, services.database.writing() as session:
        shop = configuration.add_shop(session, name, sender, services.clock.now(), slug=slug)
        for admin in session.scalars(sa.select(Staff).where(Staff.role == Role.ADMIN)):
            admin.shops.append(shop)
        click.echo(f"Shop {shop.slug!r} added.")


@shop_command.command("list")
def list_shops() -> None:
    """List the shops."""
    with started() as services, services.database.reading() as session:
        for shop in configuration.list_shops(session):
            click.echo(f"{shop.slug}\t{shop.name}\t{shop.sender_address}")


@shop_command.command("set")
@click.argument("settings", nargs=-1, metavar="[KEY=VALUE]...")
@shop_option
def set_shop(settings: tuple[str, ...], slug: str | None) -> None:
    """Change settings of a shop; without any, show them all. Lists are separated by commas."""
    values = dict(_pair(setting) for setting in settings)
    with started() as services:
        shop_id = chosen_shop(services, slug).id
        with services.database.writing() as session:
            shop = session.get_one(Shop, shop_id)
            configuration.change(shop, values)
            if values:
                detail = ", ".join(sorted(values))
                session.add(
                    AuditEntry(at=services.clock.now(), action="shop.changed", subject=f"shop:{shop.id}", detail=detail)
                )
            for key in sorted(values) or configuration.settable():
                click.echo(f"{key} = {configuration.as_text(shop, key)}")


shop_command.add_command(look_command)


@click.group("staff")
def staff_command() -> None:
    """People who sign in."""


@staff_command.command("add")
@click.argument("email")
@click.option("--name", default="", help="As colleagues see it.")
@click.option("--role", type=_ROLES, default=Role.AGENT.value, show_default=True)
@click.option("--shop", "slugs", multiple=True, help="Shop to work for; all of them if left out.")
@click.option("--language", type=_STAFF_LANGUAGES, default="fr", show_default=True)
@_PASSWORD_FILE
def add_account(
    email: str, name: str, role: str, slugs: tuple[str, ...], language: str, password_file: Path | None
) -> None:
    """Add an account for EMAIL. The password is asked for, read from a file, or made and shown once."""
    with started() as services:
        shops = _shops(services, slugs)
        password, shown = _password(password_file)
        with services.database.writing() as session:
            add_staff(session, email, name, Role(role), shops, password, services.clock.now(), language=language)
        click.echo(f"Account {email} added ({role}). {shown}".strip())


@staff_command.command("list")
def list_accounts() -> None:
    """List the accounts."""
    with started() as services, services.database.reading() as session:
        for staff in session.scalars(sa.select(Staff).order_by(Staff.email)):
            shops = ",".join(shop.slug for shop in staff.shops)
            state = "" if staff.is_active else "\tinactive"
            click.echo(f"{staff.email}\t{staff.role.value}\t{shops}\t{staff.name}{state}")


@staff_command.command("password")
@click.argument("email")
@_PASSWORD_FILE
def set_password(email: str, password_file: Path | None) -> None:
    """Set a new password for EMAIL and end every session of that account."""
    with started() as services:
        password, shown = _password(password_file)
        with services.database.writing() as session:
            change_password(session, _account(session, email), password, services.clock.now())
        click.echo(f"The password of {email} is changed. {shown}".strip())


@staff_command.command("disable")
@click.argument("email")
def disable_account(email: str) -> None:
    """Keep EMAIL from signing in, and end every session of that account."""
    with started() as services, services.database.writing() as session:
        staff = _account(session, email)
        staff.is_active = False
        end_sessions(session, staff, services.clock.now(), action="staff.disabled")
        click.echo(f"The account {staff.email} is disabled.")


def _write_settings(public_url: str | None) -> None:
    instance = Path(os.environ.get(f"{PREFIX}INSTANCE", "instance"))
    config = Path(os.environ.get(f"{PREFIX}CONFIG", instance / CONFIG_NAME))
    try:
        # Names and addresses of customers will be in it: for the owner's eyes only.
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(instance, error) from error
    if public_url and not config.exists():
        # A file that does not let the service start must not be written.
        load_settings({}, instance=instance, secret_key=_key(), public_url=public_url)
    lines = ["# Settings of this installation; docs/settings.md lists them all."]
    if not {f"{PREFIX}SECRET_KEY", f"{PREFIX}SECRET_KEY_FILE"} & os.environ.keys():
        lines += ["# The key of sessions and keyed hashes: keep it secret, and keep it.", _line("secret_key", _key())]
    lines.append(_line("public_url", public_url) if public_url else '# public_url = "https://feedback.example.com"')
    try:
        # Nobody else may read it from its first byte on, and one that is there stays as it is.
        descriptor = os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        click.echo(f"Settings: {config} is there and stays as it is.")
        return
    except OSError as error:
        raise _unwritable(config, error) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    click.echo(f"Settings: {config} written, with a random key.")


def _say_kept_url(kept: str, asked: str | None) -> None:
    """Say where a --public-url is not taken: a file that is there stays, and links in mails would lead elsewhere."""
    if asked and asked.rstrip("/") != kept:
        click.echo(f"Public address: {kept}, not {asked}: set public_url in the settings file.", err=True)


def _unwritable(path: Path, error: OSError) -> OutsideError:
    sentence = f"{path} cannot be written: {error.strerror}. Name another folder with {PREFIX}INSTANCE."
    return OutsideError(sentence, subject=str(path), permanent=True)


def _first_shop(services: Services, name: str | None, sender: str | None, **values: str) -> None:
    with services.database.reading() as session:
        slugs = session.scalars(sa.select(Shop.slug).order_by(Shop.id)).all()
    if slugs:
        click.echo(f"Shop: {', '.join(slugs)}, there already.")
        return
    name = name or _asked("--shop-name", "Name of the shop")
    sender = sender or _asked("--sender", "Address the shop's mails come from")
    with services.database.writing() as session:
        shop = configuration.add_shop(session, name, sender, services.clock.now(), reply_to=sender, **values)
    click.echo(f"Shop: {shop.slug} made. `feedback-service shop set` shows and changes its settings.")


def _first_admin(services: Services, email: str | None, name: str, language: str, password_file: Path | None) -> None:
    with services.database.reading() as session:
        admins = session.scalars(sa.select(Staff.email).where(Staff.role == Role.ADMIN)).all()
    if admins:
        click.echo(f"Administrator: {', '.join(admins)}, there already.")
        return
    email = email or _asked("--admin-email", "Address of the first administrator")
    password, shown = _password(password_file)
    shops = _shops(services, ())
    with services.database.writing() as session:
        now = services.clock.now()
        staff = add_staff(session, email, name, Role.ADMIN, shops, password, now, language=language)
    click.echo(f"Administrator: {staff.email} added. {shown}".strip())


def _asked(option: str, question: str) -> str:
    if not sys.stdin.isatty():
        sentence = f"{option} is needed: nobody is there to ask."
        raise InvalidInputError(sentence, field=option)
    return str(click.prompt(question))


def _password(file: Path | None) -> tuple[str, str]:
    """Return a password, and the sentence that shows it where it was made here."""
    if file is not None:
        return _read_password(file), ""
    if sys.stdin.isatty():
        question = f"Password, {passwords.MIN_LENGTH} characters or more (leave empty to have one made)"
        typed = str(click.prompt(question, default="", show_default=False, hide_input=True, confirmation_prompt=True))
        if typed:
            return typed, ""
    made = secrets.token_urlsafe(15)
    return made, f"The password, shown only now: {made}"


def _read_password(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip("\r\n")
    except OSError as error:
        sentence = f"The password file {file} cannot be read: {error.strerror}."
        raise OutsideError(sentence, subject=str(file), permanent=True) from error
    except UnicodeDecodeError as error:
        sentence = f"The password file {file} is not UTF-8 text."
        raise InvalidInputError(sentence, field="password-file") from error


def _shops(services: Services, slugs: tuple[str, ...]) -> list[Shop]:
    if slugs:
        return [chosen_shop(services, slug) for slug in slugs]
    with services.database.reading() as session:
        return list(configuration.list_shops(session))


def _account(session: Session, email: str) -> Staff:
    staff = find_staff(session, email)
    if staff is None:
        sentence = f"There is no account {email}; `feedback-service staff list` shows them."
        raise NotFoundError(sentence)
    return staff


def _pair(setting: str) -> tuple[str, str]:
    key, separator, value = setting.partition("=")
    if not separator:
        sentence = f"{setting!r} is not KEY=VALUE."
        raise InvalidInputError(sentence, field=setting)
    return key.strip(), value


def _key() -> str:
    return secrets.token_urlsafe(48)


def _line(key: str, value: str) -> str:
    return f"{key} = {json.dumps(value)}"  # A JSON string is a TOML string too.
