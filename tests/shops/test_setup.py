"""Setting up: one command makes an installation, a second run changes nothing."""

import stat
import tomllib
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from feedback_service.cli import cli
from feedback_service.db import Database
from feedback_service.errors import FeedbackError, InvalidInputError, OutsideError
from feedback_service.i18n import LANGUAGES
from feedback_service.shops import configuration
from feedback_service.shops.configuration import checked_pattern
from feedback_service.shops.models import Role, Shop, Staff
from feedback_service.shops.staff import add_staff, verify
from tests.support.builders import NOW, make_shop

INIT = (
    "init",
    "--shop-name",
    "Atelier Lumen",
    "--sender",
    "bonjour@atelier.example.com",
    "--admin-email",
    "a@example.com",
)


@pytest.fixture
def instance(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty instance folder that the environment names, on each database."""
    folder = tmp_path / "instance"
    monkeypatch.setenv("FEEDBACK_INSTANCE", str(folder))
    monkeypatch.setenv("FEEDBACK_DATABASE_URL", database_url)
    return folder


def run(*arguments: str) -> Result:
    """Run a command with nobody at the keyboard; errors come through as they are."""
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def one_staff(session: Session) -> Staff:
    return session.scalars(sa.select(Staff)).one()


@pytest.mark.usefixtures("database")
def test_init_makes_settings_tables_shop_and_administrator(instance: Path, database: Database) -> None:
    result = run(*INIT, "--website", "https://atelier.example.com", "--public-url", "https://feedback.example.com")
    assert result.exit_code == 0
    config = instance / "feedback.toml"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700
    written = tomllib.loads(config.read_text(encoding="utf-8"))
    assert len(written["secret_key"]) >= 32
    assert written["public_url"] == "https://feedback.example.com"
    password = result.output.partition("shown only now: ")[2].split()[0]
    with database.writing() as session:
        staff = verify(session, "a@example.com", password, NOW)
        assert staff is not None
        assert staff.role is Role.ADMIN
        (shop,) = staff.shops
        assert (shop.slug, shop.terms_any, shop.reply_to) == (
            "atelier-lumen",
            ["Atelier Lumen"],
            "bonjour@atelier.example.com",
        )


def test_a_second_init_changes_nothing_and_says_what_there_is(instance: Path, database: Database) -> None:
    run(*INIT)
    before = (instance / "feedback.toml").read_bytes()
    result = run("init", "--shop-name", "Another", "--sender", "x@example.com", "--admin-email", "b@example.com")
    assert result.exit_code == 0
    assert "stays as it is" in result.output
    assert "atelier-lumen, there already" in result.output
    assert "a@example.com, there already" in result.output
    assert (instance / "feedback.toml").read_bytes() == before
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Shop)) == 1
        assert one_staff(session).email == "a@example.com"


def test_init_without_answers_says_what_it_needs(instance: Path) -> None:
    with pytest.raises(InvalidInputError, match="--shop-name is needed"):
        run("init")
    assert (instance / "feedback.toml").exists()


def test_a_public_address_that_comes_too_late_is_told(instance: Path) -> None:
    with pytest.raises(InvalidInputError, match="--shop-name is needed"):
        run("init")
    result = run(*INIT, "--public-url", "https://feedback.example.com")
    assert "http://127.0.0.1:8000, not https://feedback.example.com: set public_url" in result.stderr
    assert not (run(*INIT, "--public-url", "http://127.0.0.1:8000/")).stderr
    assert (instance / "feedback.toml").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FEEDBACK_INSTANCE", str(tmp_path / "file" / "below"))
    with pytest.raises(OutsideError, match="below cannot be written"):
        run(*INIT)


def test_an_address_that_cannot_be_ours_is_not_written(instance: Path) -> None:
    with pytest.raises(FeedbackError, match="public_url"):
        run("init", "--public-url", "ftp://feedback.example.com")
    assert not (instance / "feedback.toml").exists()


@pytest.mark.usefixtures("instance")
def test_staff_are_added_listed_disabled_and_get_new_passwords(tmp_path: Path, database: Database) -> None:
    run(*INIT)
    secret = tmp_path / "password"
    secret.write_text("a few words for tests\n", encoding="utf-8")
    added = run("staff", "add", "m@example.com", "--role", "manager", "--password-file", str(secret))
    assert "m@example.com added (manager)" in added.output
    assert "a few words" not in added.output
    assert "m@example.com\tmanager\tatelier-lumen\tm" in run("staff", "list").output
    with database.writing() as session:
        assert verify(session, "m@example.com", "a few words for tests", NOW)
    secret.write_text("some other words here", encoding="utf-8")
    run("staff", "password", "m@example.com", "--password-file", str(secret))
    run("staff", "disable", "a@example.com")
    with database.writing() as session:
        assert verify(session, "m@example.com", "some other words here", NOW)
    assert "a@example.com\tadmin\tatelier-lumen\ta\tinactive" in run("staff", "list").output
    with pytest.raises(FeedbackError, match="no account"):
        run("staff", "disable", "nobody@example.com")


def test_staff_read_french_or_english_and_nothing_else(instance: Path, database: Database) -> None:
    run(*INIT, "--language", "de")
    with database.writing() as session:
        assert session.scalars(sa.select(Shop.language)).one() == "de"
        assert session.scalars(sa.select(Staff.language)).one() == "en"
        with pytest.raises(InvalidInputError, match="'de'"):
            add_staff(session, "b@example.com", "B", Role.AGENT, [], "correct horse battery", NOW, language="de")
    assert run("staff", "add", "c@example.com", "--language", "it").exit_code == 2
    assert instance.exists()


@pytest.mark.usefixtures("instance")
def test_a_shop_writes_in_one_of_seven_languages(database: Database) -> None:
    run(*INIT)
    for language in LANGUAGES:
        assert run("shop", "set", f"language={language}").exit_code == 0
    with pytest.raises(InvalidInputError, match="not written in 'pl'; there are: fr, en, de, es, it, nl, pt"):
        run("shop", "set", "language=pl")
    with database.reading() as session:
        assert session.scalars(sa.select(Shop.language)).one() == "pt"


@pytest.mark.usefixtures("instance")
def test_shops_are_added_listed_and_changed(database: Database) -> None:
    run(*INIT)
    run("shop", "add", "Café Brûlerie", "--sender", "cafe@example.com")
    assert "cafe-brulerie\tCafé Brûlerie\tcafe@example.com" in run("shop", "list").output
    with pytest.raises(InvalidInputError, match="Say which shop"):
        run("shop", "set", "low_rating=3")
    run("shop", "set", "--shop", "cafe-brulerie", "terms_any=Café Brûlerie, Brûlerie", "alert_threshold=0.7")
    assert "alert_threshold = 0.7" in run("shop", "set", "--shop", "cafe-brulerie").output
    with database.reading() as session:
        shop = session.scalars(sa.select(Shop).where(Shop.slug == "cafe-brulerie")).one()
        assert shop.terms_any == ["Café Brûlerie", "Brûlerie"]
        assert [each.slug for each in one_staff(session).shops] == ["atelier-lumen", "cafe-brulerie"]


@pytest.mark.parametrize(
    "setting",
    [
        "slug=other",
        "nonsense=1",
        "name=",
        "sender_address=nobody",
        "website=ftp://x",
        "time_zone=Paris",
        "language=klingon",
        "country=France",
        "region=Alsace",
        "region=99",
        "alert_threshold=7",
        "low_rating=two",
        "surveys_enabled=perhaps",
        "order_number_pattern=(",
    ],
)
def test_a_setting_that_does_not_fit_is_refused_by_name(database: Database, setting: str) -> None:
    key, _, value = setting.partition("=")
    with database.writing() as session:
        shop = make_shop(session)
        with pytest.raises(InvalidInputError) as caught:
            configuration.change(shop, {"name": "Changed", key: value} if key != "name" else {key: value})
        assert caught.value.field == key
        assert shop.name == "Atelier Lumen"


def test_a_region_goes_with_its_country(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        configuration.change(shop, {"region": "6ae"})
        assert shop.region == "6AE"
        with pytest.raises(InvalidInputError, match="region: DE has no '6AE'; there are: BB, BE"):
            configuration.change(shop, {"country": "DE"})
        configuration.change(shop, {"country": "DE", "region": "BY"})
        assert (shop.country, shop.region) == ("DE", "BY")


def test_every_setting_of_a_shop_reads_back_as_it_is_written(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session, privacy_url="https://x.example.com", public_review_url="https://y.example.com")
        for key in configuration.settable():
            before = getattr(shop, key)
            configuration.change(shop, {key: configuration.as_text(shop, key)})
            assert getattr(shop, key) == before, key
        columns = set(Shop.__table__.columns.keys()) - {"id", "slug", "created_at"}
        # Set by what they tell of: the picture itself, and the questionnaire that is kept.
        columns -= {"logo_digest", "logo_width", "logo_height", "questionnaire_version"}
        assert columns == set(configuration.settable())


@pytest.mark.parametrize("pattern", [r"(\d+-?)+", r"(?:[A-Z]+\d*)*-\d", r"((a{2,}))+", r"(([A-Z]+)-)+"])
def test_a_pattern_that_may_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="for ever"):
        checked_pattern(pattern)


@pytest.mark.parametrize(
    "pattern", [r"AL-\d{5}", r"(?:AL|LU)-?\d{4,6}", r"\d+", r"[A-Z+*]+-\(\d+\)+", r"(?:AL)+\d*", r"#?(\d{4})+", ""]
)
def test_patterns_that_shops_have_are_taken(pattern: str) -> None:
    assert checked_pattern(pattern) == pattern
