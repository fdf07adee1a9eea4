"""The outbox: a letter becomes a row in the transaction of its cause, once for each cause."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.links import Links
from feedback_service.mail.letters import InlineImage, Letter
from feedback_service.mail.models import Audience, MailState, OutboxMail
from feedback_service.mail.outbox import Outbox
from feedback_service.mail.render import Renderer
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from tests.mail.stack import Stack
from tests.support.builders import NOW, SECRET, make_shop


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A folder with the one template `note`."""
    folder = tmp_path / "templates" / "mail" / "note"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("{{ shop.name }}\n  à propos de {{ thing }}\n", encoding="utf-8")
    (folder / "body.txt").write_text("Texte : {{ thing }}", encoding="utf-8")
    (folder / "body.html").write_text("<html><body><p>{{ thing }}</p></body></html>", encoding="utf-8")
    return tmp_path / "templates"


@pytest.fixture
def outbox(templates: Path) -> Outbox:
    """An outbox whose mails come back to tagged addresses."""
    return Outbox(Renderer((templates,), Links("https://feedback.example.com")), SECRET, "bounces@mail.example.com")


@pytest.fixture
def shop(database: Database) -> Shop:
    """A stored shop."""
    with database.writing() as session:
        return make_shop(session)


def note(shop: Shop, cause: str = "note:1", **values: object) -> Letter:
    """Return a letter."""
    defaults: dict[str, object] = {
        "template": "note",
        "audience": Audience.CUSTOMER,
        "recipient": "Client@example.com",
        "language": "fr",
        "context": {"thing": "la <lampe>"},
    }
    return Letter(cause=cause, shop=shop, **(defaults | values))  # type: ignore[arg-type]  # the defaults' types vary


def test_a_letter_becomes_a_row_that_is_due_at_once(database: Database, outbox: Outbox, shop: Shop) -> None:
    letter = note(shop, images=(InlineImage("chart", b"png"),), headers={"List-Id": "<a.b>"}, priority=10)
    with database.writing() as session:
        posted = outbox.post(session, letter, NOW)
        assert posted is not None
        mail_id = posted.id
    with database.reading() as session:
        mail = session.get_one(OutboxMail, mail_id)
        assert (mail.state, mail.due_at, mail.attempts, mail.priority) == (MailState.QUEUED, NOW, 0, 10)
        assert (mail.subject, mail.text) == ("Atelier Lumen à propos de la <lampe>", "Texte : la <lampe>\n")
        assert "<p>la &lt;lampe&gt;</p>" in str(mail.html)
        assert mail.sender == "Atelier Lumen <bonjour@atelier-lumen.example.com>"
        assert mail.message_id.endswith("@atelier-lumen.example.com>")
        assert mail.headers == {"List-Id": "<a.b>"}
        assert [(image.content_id, image.png) for image in mail.images] == [("chart", b"png")]


def test_every_mail_has_its_own_return_path(database: Database, outbox: Outbox, shop: Shop) -> None:
    with database.writing() as session:
        mails = [outbox.post(session, note(shop, f"note:{number}"), NOW) for number in range(3)]
        paths = {mail.return_path for mail in mails if mail}
    assert len(paths) == 3
    assert all(path.startswith("bounces+") and path.endswith("@mail.example.com") for path in paths)


def test_without_a_bounce_address_failures_come_back_to_the_sender(
    database: Database, templates: Path, shop: Shop
) -> None:
    outbox = Outbox(Renderer((templates,), Links("https://feedback.example.com")), SECRET)
    with database.writing() as session:
        mail = outbox.post(session, note(shop), NOW)
        assert mail is not None
        assert mail.return_path == "bonjour@atelier-lumen.example.com"


def test_the_same_cause_mails_once(database: Database, outbox: Outbox, shop: Shop) -> None:
    with database.writing() as session:
        assert outbox.post(session, note(shop), NOW) is not None
        assert outbox.post(session, note(shop), NOW) is None
    with database.writing() as session:
        assert outbox.post(session, note(shop), NOW + timedelta(days=1)) is None


def test_a_mail_goes_with_its_cause_when_that_is_rolled_back(database: Database, outbox: Outbox, shop: Shop) -> None:
    def cause_that_fails() -> None:
        with database.writing() as session:
            outbox.post(session, note(shop), NOW)
            msg = "the cause failed"
            raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="the cause failed"):
        cause_that_fails()
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(OutboxMail.id))) == 0


@pytest.mark.parametrize("first_commits", [True, False])
def test_two_transactions_with_one_cause_post_one_mail(
    database: Database,
    outbox: Outbox,
    shop: Shop,
    first_commits: bool,  # noqa: FBT001 - a table column
) -> None:
    posted: list[bool] = []

    def second() -> None:
        with database.writing() as session:
            posted.append(outbox.post(session, note(shop), NOW) is not None)

    later = threading.Thread(target=second)
    with database.writing() as session:
        assert outbox.post(session, note(shop), NOW) is not None
        later.start()
        later.join(0.3)
        assert posted == []
        if not first_commits:
            session.rollback()
    later.join(30)
    assert posted == [not first_commits]
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(OutboxMail.id))) == 1


def test_a_posted_letter_arrives(stack: Stack, outbox: Outbox, database: Database, shop: Shop) -> None:
    with database.writing() as session:
        outbox.post(session, note(shop, images=(InlineImage("chart", b"png"),)), NOW)
    assert stack.run() == 1
    [received] = stack.server.received
    assert received.sender.startswith("bounces+")
    assert received.recipient == "Client@example.com"
    assert received.message["Subject"] == "Atelier Lumen à propos de la <lampe>"


def test_the_services_outbox_tags_the_bounce_address_of_the_settings(
    settings: Settings, database: Database, clock: ManualClock, templates: Path, shop: Shop
) -> None:
    assert templates.parent == settings.instance
    services = Services(settings.model_copy(update={"bounce_address": "b@example.com"}), clock, database)
    with database.writing() as session:
        mail = services.outbox.post(session, note(shop), NOW)
        assert mail is not None
        assert mail.return_path.startswith("b+")
