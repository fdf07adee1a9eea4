"""`templates check` finds what is wrong with own templates before a customer does."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedback_service import i18n, paths
from feedback_service.bootstrap import Services
from feedback_service.cli.templates import check_templates
from feedback_service.db import Database
from feedback_service.links import Links
from feedback_service.mail import template_check
from feedback_service.mail.letters import HTML_LIMIT, Letter
from feedback_service.mail.render import Renderer
from feedback_service.mail.template_check import Report
from feedback_service.samples import CUSTOMER_KINDS, Sampler
from feedback_service.settings import load_settings
from feedback_service.shops.models import Shop
from tests.support.builders import NOW, SECRET, make_shop

LINKS = Links("https://feedback.example.com")
KINDS = {path.parent.name for path in (paths.templates_folder() / "mail").glob("*/body.txt")}


def all_letters(services: Services, language: str, **values: str) -> list[Letter]:
    with services.database.writing() as session:
        shop = make_shop(session, privacy_url="https://atelier-lumen.example.com/privacy", **values)
        sampler = Sampler(shop, services.settings, services.links, language, NOW)
        staff = sampler.to_staff(session) if language in i18n.STAFF_LANGUAGES else ()
        return [*sampler.to_customers(), *staff]


@pytest.fixture
def letters() -> list[Letter]:
    """The sample of a survey mail, of a shop that is in no database."""
    shop = Shop(
        slug="atelier", name="Atelier", sender_address="b@example.com", time_zone="Europe/Paris", currency="EUR"
    )
    shop.controller, shop.reply_to, shop.privacy_url, shop.accent, shop.logo_digest = "", "", "", "", ""
    installation = load_settings({}, secret_key=SECRET)
    return [Sampler(shop, installation, LINKS, "fr", NOW).survey()]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_our_own_mails_have_no_flaw_at_all(services: Services, language: str) -> None:
    letters = all_letters(services, language)
    wanted = KINDS if language in i18n.STAFF_LANGUAGES else set(CUSTOMER_KINDS)
    assert {letter.template for letter in letters} == wanted
    reports = list(template_check.check(services.renderer, letters))
    assert [(report.template, flaw.sentence) for report in reports for flaw in report.flaws] == []
    assert all(0 < report.size < HTML_LIMIT for report in reports)


def own(folder: Path, name: str, text: str | bytes) -> Path:
    """Write an own template."""
    path = folder / "mail" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def checked(folder: Path, letters: list[Letter]) -> tuple[list[Report], list[tuple[str, bool, str]]]:
    """Return what the check says of the mails and of the files."""
    renderer = Renderer((folder, paths.templates_folder()), LINKS)
    files = [(path, flaw.grave, flaw.sentence) for path, flaw in template_check.check_files(renderer, letters)]
    return list(template_check.check(renderer, letters)), files


SURVEY = "{{ shop.name }} {{ links.survey(token, 1) }} {{ links.unsubscribe(token) }}"


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        pytest.param("survey/body.txt", f"{SURVEY} {{{{ nmae }}}}", "'nmae' is undefined", id="undefined name"),
        pytest.param("survey/body.txt", "{{ links.survey(token, 1) }}", "lacks the link https", id="no objection"),
        pytest.param("survey/body.txt", "{{ links.unsubscribe(token) }}", "lacks the link https", id="no survey"),
        pytest.param("survey/body.txt", "", "text part is empty", id="no text"),
        pytest.param("survey/body.html", "<p>Bonjour</p>", "HTML part lacks the link", id="page without links"),
        pytest.param("survey/subject.txt", "{% if false %}x{% endif %}", "subject is empty", id="no subject"),
        pytest.param("survey/body.html", "{% block %}", "body.html, line 1", id="syntax"),
        pytest.param("layout.html", "<script>{% block body %}{% endblock %}</script>", "script", id="script in layout"),
        pytest.param("survey/body.txt", b"\xff\xfe", "UnicodeDecodeError", id="not UTF-8"),
    ],
)
def test_a_mail_that_would_not_go_out_as_written_is_found(
    tmp_path: Path, letters: list[Letter], name: str, text: str | bytes, complaint: str
) -> None:
    (report,), _ = checked(own(tmp_path, name, text), letters)
    assert report.is_grave
    assert complaint in " ".join(flaw.sentence for flaw in report.flaws)


def test_a_name_in_a_branch_that_the_sample_does_not_take_is_found(tmp_path: Path, letters: list[Letter]) -> None:
    folder = own(tmp_path, "survey/body.txt", f"{SURVEY}{{% if was_replaced %}}{{{{ lamp }}}}{{% endif %}}")
    _, files = checked(folder, letters)
    assert files == [("mail/survey/body.txt", True, "No mail has these names: lamp.")]


def test_a_file_that_is_never_used_is_found(tmp_path: Path, letters: list[Letter]) -> None:
    (report,), files = checked(own(tmp_path, "surveys/body.txt", "x"), letters)
    assert not report.is_grave
    assert files == [("mail/surveys/body.txt", False, "No mail of the service has this name: the file is never used.")]


def test_what_own_files_share_is_no_stray(tmp_path: Path, letters: list[Letter]) -> None:
    own(tmp_path, "greeting.txt", "Bonjour de {{ shop.name }} !")
    (report,), files = checked(
        own(tmp_path, "survey/body.txt", f"{{% include 'mail/greeting.txt' %}} {SURVEY}"), letters
    )
    assert files == []
    assert not report.is_grave


def test_our_own_mails_are_within_the_bounds_of_own_templates(services: Services) -> None:
    own(services.settings.instance / "templates", "note.txt", "x")
    for language in i18n.LANGUAGES:
        reports = list(
            template_check.check(services.renderer, all_letters(services, language, slug=f"shop-{language}"))
        )
        assert [(report.template, flaw.sentence) for report in reports for flaw in report.flaws] == []


def test_a_file_without_end_is_found_in_the_file_and_in_the_mail(tmp_path: Path, letters: list[Letter]) -> None:
    folder = own(tmp_path, "survey/body.txt", "x" * 600_000)
    (report,), files = checked(folder, letters)
    assert files == [("mail/survey/body.txt", True, "The file has more than 500,000 bytes.")]
    assert report.is_grave


@pytest.fixture
def shop_there(installation: Database) -> None:
    """An installation with a shop."""
    with installation.writing() as session:
        make_shop(session)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(check_templates, arguments)


@pytest.mark.usefixtures("shop_there")
def test_the_command_says_that_all_is_well() -> None:
    result = run("--all")
    assert result.exit_code == 0
    assert "Own templates: none." in result.output
    assert "ok  survey (fr): " in result.output


@pytest.mark.usefixtures("shop_there")
def test_the_command_says_what_to_mend_and_fails(tmp_path: Path) -> None:
    own(tmp_path / "templates", "survey/body.html", '<img src="https://tracker.example.com/1.png">')
    result = run()
    assert result.exit_code == 1
    assert "!!  survey (fr): An image comes from elsewhere and would tell who reads: https://tracker" in result.output
    assert "Own templates: mail/survey/body.html." in result.output
