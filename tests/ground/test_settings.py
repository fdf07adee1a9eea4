"""Wrong settings stop the start with an id and a sentence; every problem at once."""

from pathlib import Path

import pytest

from feedback_service.errors import SettingsError
from feedback_service.settings import load_settings

SECRET = {"FEEDBACK_SECRET_KEY": "0123456789abcdef0123456789abcdef"}


def problem_ids(environ: dict[str, str], **overrides: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ, **overrides)
    return sorted(problem.id for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, "settings.secret_key.missing", id="no secret"),
        pytest.param({"FEEDBACK_SECRET_KEY": "short"}, "settings.secret_key.invalid", id="short secret"),
        pytest.param(SECRET | {"FEEDBACK_SMTP_HOTS": "x"}, "settings.unknown", id="typing error in a name"),
        pytest.param(SECRET | {"FEEDBACK_PUBLIC_URL": "shop"}, "settings.public_url.invalid", id="no address"),
        pytest.param(SECRET | {"FEEDBACK_DATABASE_URL": "mysql://h/d"}, "settings.database_url.invalid", id="mysql"),
        pytest.param(SECRET | {"FEEDBACK_DATABASE_URL": "::"}, "settings.database_url.invalid", id="no database URL"),
        pytest.param(SECRET | {"FEEDBACK_SMTP_PORT": "mail"}, "settings.smtp_port.invalid", id="port in words"),
        pytest.param(
            SECRET | {"FEEDBACK_DNS_RESOLVER": "ns.test"}, "settings.dns_resolver.invalid", id="resolver by name"
        ),
        pytest.param(
            SECRET | {"FEEDBACK_DNS_RESOLVER": "1.2.3.999"}, "settings.dns_resolver.invalid", id="no resolver"
        ),
        pytest.param(
            SECRET | {"FEEDBACK_SENDING_ADDRESSES": "203.0.113.5,mail.test"},
            "settings.sending_addresses.invalid",
            id="sending from a name",
        ),
        pytest.param(
            SECRET | {"FEEDBACK_FETCH_ALLOW_PRIVATE": "10.0.0.300/8"}, "settings.fetch_allow_private.invalid", id="CIDR"
        ),
        pytest.param(
            SECRET | {"FEEDBACK_SMTP_PASSWORD_FILE": "/no/such/file"},
            "settings.smtp_password.unreadable",
            id="unreadable secret file",
        ),
        pytest.param(SECRET | {"FEEDBACK_CONFIG": "/no/such.toml"}, "settings.file.missing", id="named file missing"),
    ],
)
def test_a_wrong_setting_stops_the_start(environ: dict[str, str], expected: str, tmp_path: Path) -> None:
    assert problem_ids(environ, instance=tmp_path) == [expected]


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    ids = problem_ids({"FEEDBACK_X": "1", "FEEDBACK_PUBLIC_URL": "?", "FEEDBACK_WEB_PORT": "0"}, instance=tmp_path)
    assert ids == [
        "settings.public_url.invalid",
        "settings.secret_key.missing",
        "settings.unknown",
        "settings.web_port.invalid",
    ]


def test_an_unknown_key_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "feedback.toml").write_text('colour = "blue"\n')
    assert problem_ids(SECRET, instance=tmp_path) == ["settings.unknown"]


def test_a_key_that_may_stand_in_a_file_that_cannot_be_read_is_not_called_missing(tmp_path: Path) -> None:
    (tmp_path / "feedback.toml").mkdir()
    assert problem_ids({}, instance=tmp_path) == ["settings.file.unreadable"]


def test_a_secret_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    ids = problem_ids(SECRET | {"FEEDBACK_SMTP_PASSWORD_FILE": str(tmp_path / "key")}, instance=tmp_path)
    assert ids == ["settings.smtp_password.unreadable"]


def test_a_file_that_is_not_toml_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "feedback.toml").write_text("smtp_host = mail")
    assert problem_ids(SECRET, instance=tmp_path) == ["settings.file.invalid"]


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "feedback.toml").write_text('smtp_host = "from.file.test"\nsmtp_port = 2525\n')
    settings = load_settings(SECRET | {"FEEDBACK_SMTP_HOST": "from.environment.test"}, instance=tmp_path)
    assert (settings.smtp_host, settings.smtp_port) == ("from.environment.test", 2525)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    settings = load_settings({"FEEDBACK_SECRET_KEY_FILE": str(tmp_path / "key")}, instance=tmp_path)
    assert settings.secret_key.get_secret_value() == "k" * 40


def test_no_secret_shows_in_an_error_or_in_the_settings_text(tmp_path: Path) -> None:
    settings = load_settings(SECRET | {"FEEDBACK_SMTP_PASSWORD": "hunter2"}, instance=tmp_path)
    assert "hunter2" not in repr(settings)
    with pytest.raises(SettingsError) as caught:
        load_settings({"FEEDBACK_SECRET_KEY": "tooshort-and-secret"}, instance=tmp_path)
    assert "tooshort-and-secret" not in str(caught.value)


def test_the_database_is_a_file_of_the_instance_by_default(tmp_path: Path) -> None:
    assert load_settings(SECRET, instance=tmp_path).database == f"sqlite:///{tmp_path}/feedback.sqlite"


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_a_postgresql_address_gets_our_driver(scheme: str, tmp_path: Path) -> None:
    settings = load_settings(SECRET | {"FEEDBACK_DATABASE_URL": f"{scheme}://u:p@h/d"}, instance=tmp_path)
    assert settings.database == "postgresql+psycopg://u:p@h/d"
