"""`feedback-service dkim-key`: makes the key that signs mail, and says what to publish."""

import os
from pathlib import Path

import click

from feedback_service.errors import InvalidInputError, OutsideError
from feedback_service.settings import PREFIX
from feedback_service.signing_keys import Algorithm, dns_name, read_key, record_of, write_new_key, zone_line


@click.command("dkim-key")
@click.argument("domain")
@click.option(
    "--selector", default="feedback", show_default=True, help="Name of the key in DNS; a new one for each key."
)
@click.option(
    "--type", "algorithm", type=click.Choice([each.value for each in Algorithm]), default="rsa", show_default=True
)
@click.option(
    "--file", type=click.Path(path_type=Path, dir_okay=False), help="Where the key is; in the instance folder."
)
def dkim_key_command(domain: str, selector: str, algorithm: str, file: Path | None) -> None:
    """Make a key that signs the mails of DOMAIN, and print the DNS record that publishes it.

    A key that is there stays as it is; its record is printed again.
    """
    try:
        name = f"{dns_name(selector)}._domainkey.{dns_name(domain)}"
        file = (file or Path(os.environ.get(f"{PREFIX}INSTANCE", "instance")) / f"dkim-{selector}.pem").absolute()
        key = read_key(file) if file.exists() else write_new_key(file, Algorithm(algorithm))
    except ValueError as error:
        sentence = f"{error}."
        raise InvalidInputError(sentence, field="dkim-key") from error
    except OSError as error:
        sentence = f"{file} cannot be written: {error.strerror}."
        raise OutsideError(sentence, subject=str(file), permanent=True) from error
    record = record_of(key)
    click.echo(f"Key: {file}\n\n1. Publish this TXT record.\n   Name:  {name}\n   Value: {record}\n")
    click.echo(f"   In a zone file: {zone_line(name, record)}\n")
    click.echo("2. When it can be seen in DNS, set both, and start the jobs anew:")
    click.echo(f"   {PREFIX}DKIM_KEY_FILE={file}\n   {PREFIX}DKIM_SELECTOR={selector}")
