"""Every command answers bad input with a sentence and a status, never with a traceback."""

import contextlib
import signal
import sqlite3
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from feedback_service.bootstrap import Services
from feedback_service.cli import checks, cli
from feedback_service.db import Database
from feedback_service.errors import FeedbackError
from feedback_service.findings import State
from feedback_service.returns.models import Order
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from tests.support.builders import make_shop
from tests.support.commands import SECONDS, environment, eventually, run, running

NUMBER = "99999999999999999999999"


@pytest.fixture
def there(settings: Settings, monkeypatch: pytest.MonkeyPatch, shop: Shop) -> Shop:
    """An installation with one shop, which the environment names."""
    for name, value in environment(settings).items():
        if name.startswith("FEEDBACK_"):
            monkeypatch.setenv(name, value)
    return shop


@pytest.fixture
def shop(database: Database) -> Shop:
    """One shop."""
    with database.writing() as session:
        return make_shop(session)


def said(*arguments: str, typed: str = "") -> Result:
    """Run a command; what it refuses ends as a sentence, as in a terminal."""
    result = CliRunner().invoke(cli, arguments, input=typed)
    if result.exception and not isinstance(result.exception, SystemExit | FeedbackError):
        raise result.exception
    return result


def sentence(result: Result) -> str:
    """Return what a person reads of a command that was refused."""
    assert result.exit_code != 0
    return str(result.exception) if isinstance(result.exception, FeedbackError) else result.output


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("number", [NUMBER, "0", "-1"])
@pytest.mark.parametrize("action", ["retry", "drop"])
def test_a_number_that_no_mail_has_is_refused(action: str, number: str) -> None:
    assert "NUMBER" in sentence(said("mail", action, "--", number))


@pytest.mark.usefixtures("there")
def test_a_mail_that_is_not_there_is_told() -> None:
    assert "There is no mail 7" in sentence(said("mail", "drop", "7"))


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("command", [("staff", "add", "a@example.com"), ("staff", "password", "a@example.com")])
def test_a_password_file_that_is_no_text_is_told(command: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8" in sentence(said(*command, "--password-file", str(file)))


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(
    "command",
    [("privacy", "export", "ines"), ("privacy", "erase", "ines", "--yes"), ("survey", "consent", "ines")],
    ids=lambda command: " ".join(command[:2]),
)
def test_what_is_no_address_is_refused_rather_than_not_found(command: tuple[str, ...]) -> None:
    assert "'ines' is no e-mail address" in sentence(said(*command))


@pytest.mark.usefixtures("there")
def test_an_export_of_nobody_says_that_nothing_is_known() -> None:
    result = said("privacy", "export", "nobody@example.com")
    assert result.exit_code == 0
    assert "Nothing is known of nobody@example.com" in result.stderr


@pytest.mark.usefixtures("there")
def test_an_erasure_with_nobody_to_ask_says_how_to_confirm_it() -> None:
    assert "say --yes" in sentence(said("privacy", "erase", "ines@example.com"))


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("name", ["", "   "])
def test_a_shop_needs_a_name(name: str) -> None:
    assert "name: must not be empty." in sentence(said("shop", "add", name, "--sender", "a@example.com"))


@pytest.mark.usefixtures("there")
def test_a_refused_setting_ends_as_a_sentence() -> None:
    assert sentence(said("shop", "set", "time_zone=Mars")) == "time_zone: 'Mars' is not a time zone like Europe/Paris."


@pytest.mark.usefixtures("there")
def test_a_backup_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "copy.sqlite"
    assert (
        sentence(said("backup", str(target))) == f"The backup cannot be written to {target}: No such file or directory."
    )


def test_a_mail_that_cannot_be_read_is_told_in_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    good = tmp_path / "good.eml"
    good.write_text("From: a@example.com\nSubject: hello\n\nhello\n", encoding="utf-8")
    result = said("mail-in", "--dry-run", str(tmp_path / "missing.eml"), str(tmp_path), str(good))
    missing, folder, read = result.output.splitlines()
    assert result.exit_code == 1
    assert '"error": "No such file or directory"' in missing
    assert '"error": "Is a directory"' in folder
    assert '"class": "none"' in read


def test_a_database_that_may_only_be_read_is_told_with_what_to_do(tmp_path: Path, settings: Settings) -> None:
    file = tmp_path / "read-only.sqlite"
    file.write_text("no database at all, and longer than its header is", encoding="ascii")
    done = run("mail", "list", environ=environment(settings, database_url=f"sqlite:///{file}"))
    assert done.returncode == 2
    assert "file is not a database. It is damaged or something else: put a backup in its place" in done.stderr


def test_a_locked_database_says_that_another_holds_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    told = str(database.unavailable(sqlite3.OperationalError("database is locked"), "used"))
    assert told.endswith("database is locked. Another program holds it: end that, or try again.")


@pytest.mark.usefixtures("shop")
def test_an_import_that_is_stopped_says_what_is_kept_and_how_to_go_on(
    tmp_path: Path, settings: Settings, database: Database
) -> None:
    file = tmp_path / "orders.csv"
    rows = [f"O-{number},2026-11-02,L-1,1,10.00\n" for number in range(50_000)]
    file.write_text("order_id,ordered_at,sku,quantity,unit_price\n" + "".join(rows), encoding="utf-8")

    def orders() -> int:
        with database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Order)) or 0

    # Also where SIGINT was ignored at our start, as in a background job of a shell.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with running("import", "orders", str(file), environ=environment(settings)) as process:
            eventually(orders)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=SECONDS)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (process.returncode, told.strip()) == (
        1,
        "Stopped. What was read so far is kept; import the file again, and the rest comes in.",
    )
    assert 0 < orders() < len(rows)


def test_a_new_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite"
    with contextlib.closing(Database(f"sqlite:///{file}")) as database:
        database.check()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o640)
    with contextlib.closing(Database(f"sqlite:///{file}")) as database:
        database.check()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640, "a mode that somebody chose stays"


def test_doctor_advises_to_close_what_others_can_read(services: Services) -> None:
    folder = services.settings.instance
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    file = folder.absolute() / "feedback.toml"
    file.write_text("", encoding="utf-8")
    file.chmod(0o644)
    told = checks.check_instance(services)
    assert told.state is State.ADVICE
    assert told.found == f"Others on this machine can read {file}."
    assert told.to_do.endswith(f"Run: chmod 600 {file}")
    folder.chmod(0o700)
    assert checks.check_instance(services).state is State.OK
