"""`feedback-service shop look` sets what the page sets, and says what became of the colour."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedback_service.cli.look import look_command
from feedback_service.db import Database
from feedback_service.errors import InvalidInputError
from tests.support.builders import make_shop
from tests.support.environment import installation

__all__ = ["installation"]

LOGO = Path(__file__).parent / "data" / "logo.png"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(look_command, arguments)


@pytest.fixture(autouse=True)
def shop(installation: Database) -> None:
    """A shop to dress."""
    with installation.writing() as session:
        make_shop(session)


def test_without_options_it_shows_the_look() -> None:
    said = run().output.splitlines()
    assert said[0] == "Colour: #1d5c4a, the one that comes with the service"
    assert "Logo: none, the name in letters" in said
    assert "Surveys come from: Atelier Lumen" in said


def test_what_is_set_stays_and_an_unreadable_colour_is_told() -> None:
    first = run("--accent", "#fc0", "--logo", str(LOGO), "--survey-sender", "Camille").output
    assert "Colour: #ffcc00\n  It cannot be read on white: text and buttons have #856a00.\n" in first
    assert "Logo: 240 x 60\nSurveys come from: Camille\nNotices come from: Atelier Lumen\n" in first
    assert run().output == first
    assert "Logo: none" in run("--no-logo").output
    assert "the one that comes with the service" in run("--accent", "").output


def test_a_bad_logo_is_a_sentence_and_changes_nothing(tmp_path: Path) -> None:
    before = run().output
    (tmp_path / "logo.png").write_bytes(b"GIF89a")
    failed = run("--accent", "#aa0000", "--logo", str(tmp_path / "logo.png")).exception
    assert isinstance(failed, InvalidInputError)
    assert "neither PNG nor JPEG" in str(failed)
    assert run().output == before
