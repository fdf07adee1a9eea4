"""`feedback-service templates check`: every mail, as it would go out by the shop's own templates."""

import click

from feedback_service import i18n
from feedback_service.bootstrap import Services
from feedback_service.cli.start import chosen_shop, shop_option, started
from feedback_service.mail.letters import Letter
from feedback_service.samples import Sampler
from feedback_service.shops.models import Shop


@click.group("templates")
def templates_command() -> None:
    """Mail templates of this installation."""


@templates_command.command("check")
@shop_option
@click.option("--all", "everything", is_flag=True, help="Show the mails that are in order too.")
def check_templates(slug: str | None, everything: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Render every mail in every language with sample data and say what is wrong.

    The exit status is 1 where a mail would not go out by the own templates but by those of the service.
    """
    from feedback_service.mail import template_check

    with started() as services:
        letters = sample_letters(services, chosen_shop(services, slug))
        renderer = services.renderer
        own = template_check.own_files(renderer)
        grave = False
        for path, flaw in template_check.check_files(renderer, letters):
            grave = grave or flaw.grave
            _say(path, flaw.sentence, grave=flaw.grave)
        for report in template_check.check(renderer, letters):
            grave = grave or report.is_grave
            name = f"{report.template} ({report.language})"
            for flaw in report.flaws:
                _say(name, flaw.sentence, grave=flaw.grave)
            if everything and not report.flaws:
                click.echo(f"ok  {name}: {report.size:,} bytes")
    click.echo(f"{len(letters)} mails looked at. Own templates: {', '.join(own) or 'none'}.")
    if grave:
        click.echo("What is marked !! goes out by the template of the service until it is mended.")
        raise SystemExit(1)


def _say(name: str, sentence: str, *, grave: bool) -> None:
    click.echo(f"{'!!' if grave else '??'}  {name}: {sentence}")


def sample_letters(services: Services, shop: Shop) -> list[Letter]:
    """Return every mail of the shop in every language of its readers, filled in with samples."""
    with services.database.reading() as session:
        letters: list[Letter] = []
        for language in i18n.LANGUAGES:
            asked = services.questionnaires.current(session, shop)
            sampler = Sampler(shop, services.settings, services.links, language, services.clock.now(), asked)
            letters += sampler.to_customers()
            if language in i18n.STAFF_LANGUAGES:
                letters += sampler.to_staff(session)
    return letters
