"""The command `feedback-service`: each command lives in its own module, loaded when it is called."""

import sys
from collections.abc import Sequence

import click

from feedback_service import __version__
from feedback_service.cli.lazy import LazyGroup
from feedback_service.errors import FeedbackError

_COMMANDS = {
    "backup": "feedback_service.cli.operations",
    "demo": "feedback_service.cli.demo",
    "digest": "feedback_service.cli.reports",
    "dkim-key": "feedback_service.cli.dkim_key",
    "doctor": "feedback_service.cli.doctor",
    "import": "feedback_service.cli.imports",
    "init": "feedback_service.cli.setup",
    "job": "feedback_service.cli.serve",
    "jobs": "feedback_service.cli.serve",
    "key": "feedback_service.cli.keys",
    "learn": "feedback_service.cli.learn",
    "mail": "feedback_service.cli.mails",
    "mail-in": "feedback_service.cli.mail_in",
    "privacy": "feedback_service.cli.privacy",
    "run": "feedback_service.cli.serve",
    "scan": "feedback_service.cli.scan",
    "score": "feedback_service.cli.score",
    "shop": "feedback_service.cli.setup",
    "source": "feedback_service.cli.sources",
    "staff": "feedback_service.cli.setup",
    "stats": "feedback_service.cli.reports",
    "survey": "feedback_service.cli.survey",
    "templates": "feedback_service.cli.templates",
    "web": "feedback_service.cli.serve",
}


@click.group(
    cls=LazyGroup,
    places={name: (module, f"{name.replace('-', '_')}_command") for name, module in _COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__)
def cli() -> None:
    """Surveys after returns, review monitoring and early alerts for online shops."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command (of our own command line where none is given) and end the process.

    An error of ours is a sentence on standard error and exit status 2.
    """
    try:
        cli(arguments, standalone_mode=True)
    except FeedbackError as error:
        click.echo(f"feedback-service: {error}", err=True)
        sys.exit(2)
