"""The command `survey`: why none was sent, what is asked, a test mail, and consents."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from feedback_service.bootstrap import Services
from feedback_service.cli.survey import survey_command
from feedback_service.db import Database
from feedback_service.errors import InvalidInputError, NotFoundError
from feedback_service.mail.models import MailState, OutboxMail
from feedback_service.returns.models import ReturnState
from jobs import send_surveys
from tests.support.builders import NOW, make_customer, make_order, make_shop
from tests.support.environment import installation  # noqa: F401 - a fixture
from tests.support.surveys import refunded_return

pytestmark = pytest.mark.usefixtures("installation")


def call(*arguments: str) -> str:
    """Run the command; return what it printed."""
    done: Result = CliRunner().invoke(survey_command, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def asked(services: Services) -> Services:
    """A shop with three returns: one asked about, one still open, one rejected."""
    with services.database.writing() as session:
        shop = make_shop(session)
        refunded_return(session, shop, 1)
        refunded_return(session, shop, 2, state=ReturnState.RECEIVED, closed_at=None)
        refunded_return(session, shop, 3, state=ReturnState.REJECTED)
    send_surveys.run(services)
    with services.database.writing() as session:
        session.execute(sa.update(OutboxMail).values(state=MailState.SENT, sent_at=NOW))
    return services


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("AL-10001", "R-1 (refunded): asked 2026-11-23 09:30 UTC"),
        ("R-1", "R-1 (refunded): asked 2026-11-23 09:30 UTC"),
        ("AL-10002", "R-2 (received, not refunded): not asked. Not closed yet"),
        ("AL-10003", "R-3 (rejected): not asked. The return was rejected."),
    ],
)
def test_why_answers_for_each_return_of_an_order(asked: Services, number: str, words: str) -> None:
    del asked
    assert call("why", number).startswith(words)


def test_why_of_an_address_tells_of_the_returns_and_of_the_periodic_survey(asked: Services) -> None:
    del asked
    assert call("why", " Client1@example.com").splitlines() == [
        "R-1 (refunded): asked 2026-11-23 09:30 UTC, no reminder: too early.",
        "client1@example.com, periodic survey: Not now. The periodic survey is switched off for this shop.",
    ]


def test_why_of_an_order_without_a_return_tells_of_the_periodic_survey(services: Services) -> None:
    with services.database.writing() as session:
        shop = make_shop(session, nps_enabled=True)
        customer = make_customer(session, shop)
        make_order(session, shop, customer_id=customer.id, ordered_at=NOW - timedelta(days=30))
    assert call("why", "AL-10001").endswith("periodic survey: Due at the next run of `send_surveys`.\n")
    send_surveys.run(services)
    with services.database.writing() as session:
        session.execute(sa.update(OutboxMail).values(state=MailState.SENT, sent_at=NOW))
    assert "periodic survey: asked 2026-11-23 09:30 UTC. Not now. The customer was asked" in call("why", "AL-10001")


def test_why_of_an_order_that_is_not_there_says_so(asked: Services) -> None:
    del asked
    with pytest.raises(NotFoundError):
        call("why", "AL-99999")


def test_what_show_prints_set_takes_as_the_next_version(asked: Services, tmp_path: Path) -> None:
    shown = json.loads(call("show"))
    assert (shown["version"], shown["optional"][0], shown["words"]) == (0, "effort", {})
    shown["words"] = {"fr": {"rating": "Alors ?"}}
    file = tmp_path / "questions.json"
    file.write_text(json.dumps(shown), encoding="utf-8")
    assert "can be asked" in call("set", str(file), "--dry-run")
    assert json.loads(call("show"))["version"] == 0
    assert call("set", str(file)) == "Version 1 is asked from now on.\n"
    assert call("set", str(file)) == "That is asked already: nothing is changed.\n"
    assert json.loads(call("show"))["words"] == {"fr": {"rating": "Alors ?"}}
    del asked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "{",
        '{"optional": ["nps"], "reasons": ["other"], "words": {}}',
        '{"optional": 1, "reasons": [], "words": 2}',
    ],
)
def test_file_that_is_no_questionnaire_changes_nothing(asked: Services, tmp_path: Path, text: str) -> None:
    file = tmp_path / "questions.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError):
        call("set", str(file))
    assert json.loads(call("show"))["version"] == 0
    del asked


def test_test_mail_goes_to_the_address_given(asked: Services) -> None:
    assert "queued" in call("test", "me@example.com", "--language", "de", "--periodic")
    with asked.database.reading() as session:
        mail = session.scalars(sa.select(OutboxMail).where(OutboxMail.recipient == "me@example.com")).one()
    assert (mail.kind, mail.language) == ("survey_periodic", "de")
    with pytest.raises(InvalidInputError):
        call("test", "nobody")


def test_consent_is_given_shown_and_withdrawn(asked: Services) -> None:
    assert call("consent", "me@example.com") == "Consent: none.\n"
    given = ("consent", "me@example.com", "--given-at", "2026-01-02", "--proof", "Letter of 2 January")
    assert call(*given) == "Consent: given.\n"
    assert call("consent", "me@example.com", "--withdrawn-at", "2026-01-03") == "Consent: withdrawn.\n"
    with pytest.raises(InvalidInputError):
        call("consent", "me@example.com", "--given-at", "2026-01-05")
    del asked


def test_the_database_of_the_command_is_that_of_the_installation(asked: Services, database: Database) -> None:
    assert asked.database.url == database.url
