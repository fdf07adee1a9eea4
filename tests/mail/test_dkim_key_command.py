"""`feedback-service dkim-key` makes a key once and says what to publish."""

import re
from pathlib import Path

import dkim
import pytest
from click.testing import CliRunner, Result

from feedback_service.cli import cli
from feedback_service.cli.dkim_key import dkim_key_command
from feedback_service.errors import FeedbackError
from feedback_service.mail.dkim import signer
from feedback_service.mail.wire import message_bytes
from feedback_service.settings import load_settings
from tests.mail.stack import letter
from tests.support.builders import NOW, SECRET


def run(*arguments: str, folder: Path) -> Result:
    environ = {"FEEDBACK_INSTANCE": str(folder)}
    return CliRunner().invoke(dkim_key_command, arguments, env=environ)


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_what_it_prints_is_all_that_is_needed_to_sign_and_to_verify(tmp_path: Path, kind: str) -> None:
    said = run("atelier-lumen.example.com", "--type", kind, folder=tmp_path).output
    name, record = re.findall(r"(?:Name|Value): +(.+)", said)
    environ = dict(re.findall(r"(FEEDBACK_DKIM\w+)=(.+)", said))
    sign = signer(load_settings(environ, secret_key=SECRET))
    assert sign
    signed = sign(message_bytes(letter(1, 1), NOW))
    assert name == "feedback._domainkey.atelier-lumen.example.com"
    assert dkim.verify(signed, dnsfunc=lambda asked, **_: record if asked == f"{name}.".encode() else None)


def test_a_key_that_is_there_stays_and_its_record_is_printed_again(tmp_path: Path) -> None:
    first = run("example.com", "--selector", "mail1", folder=tmp_path)
    key = (tmp_path / "dkim-mail1.pem").read_bytes()
    assert run("example.com", "--selector", "mail1", "--type", "ed25519", folder=tmp_path).output == first.output
    assert (tmp_path / "dkim-mail1.pem").read_bytes() == key


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(["exa mple"], "no name for DNS", id="domain"),
        pytest.param(["example.com", "--selector", "../x"], "no name for DNS", id="selector"),
        pytest.param(["example.com", "--file", "/no/such/folder/key.pem"], "cannot be written", id="folder"),
    ],
)
def test_what_it_cannot_do_is_a_sentence(tmp_path: Path, arguments: list[str], complaint: str) -> None:
    failed = run(*arguments, folder=tmp_path).exception
    assert isinstance(failed, FeedbackError)
    assert complaint in str(failed)


def test_it_is_one_of_the_commands() -> None:
    assert "dkim-key" in CliRunner().invoke(cli, ["--help"]).output
