"""What commands ask of a person, and the addresses that they are given."""

import sys

import click

from feedback_service.errors import InvalidInputError


def confirm(question: str) -> None:
    """Ask a yes-or-no question and end the command at a no; raise `InvalidInputError` where nobody is there to ask."""
    if not sys.stdin.isatty():
        sentence = f"{question} Nobody is there to ask: say --yes."
        raise InvalidInputError(sentence, field="yes")
    click.confirm(question, abort=True)


def address_of_person(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    """Return an e-mail address as given; raise `InvalidInputError` for what cannot be one.

    A typing error must not pass as "nothing is known"; how an address may look otherwise is left to who has it.
    """
    name, at, domain = text.strip().rpartition("@")
    if not (name and at and domain):
        sentence = f"{text!r} is no e-mail address: it needs an @ between a name and a domain."
        raise InvalidInputError(sentence, field="address")
    return text
