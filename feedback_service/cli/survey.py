"""Surveys from the command line: why none was sent, what is asked, a test mail, and stored consents."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from feedback_service import i18n
from feedback_service.cli.asking import address_of_person
from feedback_service.cli.start import chosen_shop, shop_option, started
from feedback_service.cli.survey_why import why_lines
from feedback_service.errors import InvalidInputError
from feedback_service.hashing import address_key
from feedback_service.returns import consents
from feedback_service.returns.consents import ConsentIn, How
from feedback_service.samples import PERIODIC, REMINDER, SURVEY
from feedback_service.shops.models import Shop
from feedback_service.surveys import versions
from feedback_service.surveys.questionnaire import checked, from_json, to_json


@click.group("survey")
def survey_command() -> None:
    """Surveys: why none was sent, what is asked, and tests."""


@survey_command.command("why")
@click.argument("number")
@shop_option
def why(number: str, slug: str | None) -> None:
    """Say whether surveys were sent, and why not.

    NUMBER is an order's number, a return's, or a customer's e-mail address: of each return, and of the customers where
    the shop asks periodically.
    """
    with started() as services:
        shop_id = chosen_shop(services, slug).id
        with services.database.reading() as session:
            for line in why_lines(services, session, session.get_one(Shop, shop_id), number):
                click.echo(line)


@survey_command.command("show")
@shop_option
def show(slug: str | None) -> None:
    """Print what a shop asks, as JSON that `survey set` takes."""
    with started() as services:
        shop_id = chosen_shop(services, slug).id
        with services.database.reading() as session:
            asked = services.questionnaires.current(session, session.get_one(Shop, shop_id))
        click.echo(json.dumps({"version": asked.version, **to_json(asked)}, ensure_ascii=False, indent=2))


@survey_command.command("set")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the file, change nothing.")
@shop_option
def set_questions(file: Path, slug: str | None, *, dry_run: bool) -> None:
    """Make what FILE describes what the shop asks from now on, as its next version."""
    draft = checked(from_json(_contents(file), 0))
    with started() as services:
        shop_id = chosen_shop(services, slug).id
        if dry_run:
            click.echo("This can be asked.")
            return
        with services.database.writing() as session:
            before = session.get_one(Shop, shop_id).questionnaire_version
            kept = versions.keep(session, shop_id, draft, services.clock.now())
        changed = f"Version {kept.version} is asked from now on."
        click.echo(changed if kept.version != before else "That is asked already: nothing is changed.")


@survey_command.command("test")
@click.argument("address")
@click.option("--language", type=click.Choice(i18n.LANGUAGES), help="Left out: the shop's first.")
@click.option("--reminder", is_flag=True, help="Send the reminder.")
@click.option("--periodic", is_flag=True, help="Send the periodic survey.")
@shop_option
def test(address: str, language: str | None, slug: str | None, *, reminder: bool, periodic: bool) -> None:
    """Queue a survey mail to ADDRESS whose link opens a preview; nothing done in it is stored."""
    with started() as services:
        shop_id = chosen_shop(services, slug).id
        with services.database.writing() as session:
            shop = session.get_one(Shop, shop_id)
            kind = PERIODIC if periodic else REMINDER if reminder else SURVEY
            spoken = language or i18n.best_language(shop.language, i18n.LANGUAGES, i18n.SOURCE_LANGUAGE)
            asked = services.questionnaires.current(session, shop)
            services.survey_tests.send(session, shop, asked, kind, spoken, address, services.clock.now())
        click.echo(f"A test to {address} is queued; `feedback-service job send_mail` sends it at once.")


@survey_command.command("consent")
@click.argument("address", callback=address_of_person)
@click.option("--given-at", type=click.DateTime(), help="The customer agreed then (UTC).")
@click.option("--proof", default="", help="What proves it: the wording and where it stood, or a reference.")
@click.option("--withdrawn-at", type=click.DateTime(), help="The customer took it back then (UTC).")
@shop_option
def consent(
    address: str, given_at: datetime | None, proof: str, withdrawn_at: datetime | None, slug: str | None
) -> None:
    """Record or withdraw ADDRESS's consent to surveys; without an option, say where it stands."""
    with started() as services:
        shop_id, now = chosen_shop(services, slug).id, services.clock.now()
        key = address_key(services.secret, address)
        consent_in = ConsentIn(How.CLI, _utc(given_at), _utc(withdrawn_at), proof.strip())
        with services.database.writing() as session:
            click.echo(f"Consent: {consents.record(session, shop_id, key, consent_in, now).value}.")


def _contents(file: Path) -> dict[str, object]:
    try:
        contents = json.loads(file.read_text(encoding="utf-8"))
        from_json(contents, 0)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sentence = f"{file} is not what `survey show` prints: {error}"
        raise InvalidInputError(sentence, field="file") from error
    return dict(contents)


def _utc(value: datetime | None) -> datetime | None:
    return value.replace(tzinfo=UTC) if value else None
