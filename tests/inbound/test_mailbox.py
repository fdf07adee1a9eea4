"""The mailbox of what comes back, on a real IMAP server."""

import imaplib
import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.inbound.mailbox import MailboxError, count_mails, read_mailbox
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import IncomingMail, OutboxMail, Suppression
from feedback_service.settings import Settings, load_settings
from feedback_service.surveys.replies import CustomerReply
from jobs import read_mail
from tests.inbound.conftest import BOUNCES
from tests.support.builders import SECRET
from tests.support.certificates import make_certificate
from tests.support.dovecot import PASSWORD, Mailbox, running_dovecot
from tests.support.returned_mail import delivery_report, written

ROOT = Path(__file__).resolve().parents[2]


def _settings(settings: Settings, server: Mailbox, **values: Any) -> Settings:  # noqa: ANN401 - any setting
    known = {
        "bounce_address": BOUNCES, "imap_host": "127.0.0.1", "imap_port": server.port, "imap_security": "none",
        "imap_user": server.user, "imap_password": PASSWORD, "imap_timeout": 10,
    }  # fmt: skip
    return Settings.model_validate(settings.model_dump() | known | values)


@pytest.fixture
def services(settings: Settings, clock: ManualClock, database: Database, mailbox: Mailbox) -> Services:
    """The services of an installation that reads `mailbox`."""
    return Services(settings=_settings(settings, mailbox), clock=clock, database=database)


def _count(services: Services, model: type[Any]) -> int:
    with services.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_what_waits_is_taken_in_and_put_away(services: Services, survey: OutboxMail, mailbox: Mailbox) -> None:
    mailbox.add(delivery_report(survey), written(survey, "Merci !"), b"Subject: hello\r\n\r\nwho are you?\r\n")

    assert read_mail.run(services) == 3
    assert (mailbox.count(), mailbox.count("Processed")) == (0, 3)
    assert mailbox.count("Processed", "UNSEEN") == 3
    with services.database.reading() as session:
        kinds = session.scalars(sa.select(IncomingMail.kind).order_by(IncomingMail.id)).all()
    assert kinds == [MailClass.HARD, MailClass.NONE, MailClass.NONE]
    assert read_mail.run(services) == 0


def test_without_a_mailbox_in_the_settings_nothing_is_read(bare_settings: Settings, clock: ManualClock) -> None:
    services = Services(settings=bare_settings, clock=clock, database=Database(bare_settings.database))

    assert read_mail.run(services) == 0


def _killed_at(step: int, command: list[str]) -> bool:
    """Run the reader and kill it at its `step`th word; False when it had ended before."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        words = sum(1 for _ in itertools.islice(process.stdout, step))
        process.kill()
    return words == step


def test_a_mail_is_taken_in_once_even_if_the_reader_is_killed_between(
    services: Services,
    survey: OutboxMail,
    database_url: str,
    mailbox: Mailbox,
    tmp_path: Path,
) -> None:
    mails = [written(survey, f"Ma réponse numéro {number}", number=number) for number in range(8)]
    mailbox.add(*mails)
    command = [
        sys.executable, "-m", "tests.inbound.kill_reader", database_url, str(tmp_path), str(mailbox.port), mailbox.user,
    ]  # fmt: skip

    # An odd step is before the transaction of a mail, an even one between its commit and its putting away.
    kills = sum(_killed_at(step, command) for step in (1, 2, 3, 4))
    assert kills == 4
    assert mailbox.count() > 0
    read_mail.run(services)

    assert (mailbox.count(), mailbox.count("Processed")) == (0, 8)
    assert (_count(services, IncomingMail), _count(services, CustomerReply)) == (8, 8)
    with services.database.reading() as session:
        passed_on = session.scalars(sa.select(OutboxMail.cause).where(OutboxMail.kind == "customer_reply")).all()
    assert len(passed_on) == 8


def test_a_huge_mail_is_read_in_part(services: Services, survey: OutboxMail, mailbox: Mailbox) -> None:
    mailbox.add(delivery_report(survey) + b"x" * 5_000_000)

    assert read_mail.run(services) == 1
    assert _count(services, Suppression) == 1


@pytest.fixture
def bare_settings(tmp_path: Path) -> Settings:
    """Settings of an installation whose database nobody opens."""
    return load_settings({}, instance=tmp_path, secret_key=SECRET)


@pytest.fixture
def settings_of(bare_settings: Settings, mailbox: Mailbox) -> Settings:
    """Settings that read `mailbox`."""
    return _settings(bare_settings, mailbox)


def test_a_mail_that_cannot_be_taken_in_is_flagged_and_in_nobody_s_way(settings_of: Settings, mailbox: Mailbox) -> None:
    mailbox.add(b"Subject: bad\r\n\r\n", b"Subject: good\r\n\r\n")

    def take(raw: bytes) -> None:
        if b"bad" in raw:
            message = "nobody can read this"
            raise ValueError(message)

    assert read_mailbox(settings_of, take, lambda: False) == 1
    assert (mailbox.count(), mailbox.count(which="FLAGGED")) == (1, 1)
    assert read_mailbox(settings_of, take, lambda: False) == 0


def test_more_mails_than_one_answer_may_list_are_read(
    settings_of: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.add(*(b"Subject: %d\r\n\r\n" % number for number in range(10)))
    with mailbox.opened() as imap:
        for _ in range(7):
            imap.uid("COPY", "1:*", "INBOX")
    # imaplib gives up on a longer line, which 150,000 mails would make of one answer.
    monkeypatch.setattr(imaplib, "_MAXLINE", 4_000)
    assert count_mails(settings_of) == (1_280, 0)
    asked = itertools.count()
    assert read_mailbox(settings_of, lambda _: None, lambda: next(asked) > 2) == 2


def test_a_mail_that_cannot_be_put_away_is_flagged_and_in_nobody_s_way(settings_of: Settings, mailbox: Mailbox) -> None:
    mailbox.add(b"Subject: one\r\n\r\n", b"Subject: two\r\n\r\n")

    def take(_: bytes) -> None:
        with mailbox.opened() as imap:
            imap.delete("Processed")

    assert read_mailbox(settings_of, take, lambda: False) == 2
    assert (mailbox.count(), mailbox.count(which="FLAGGED")) == (2, 2)
    assert count_mails(settings_of) == (0, 2)


def test_the_folder_that_is_read_is_not_the_one_for_what_was_read(settings_of: Settings, mailbox: Mailbox) -> None:
    mailbox.add(b"Subject: one\r\n\r\n")
    settings = settings_of.model_copy(update={"imap_processed_folder": "Inbox"})

    with pytest.raises(MailboxError, match="is the folder that is read") as told:
        read_mailbox(settings, lambda _: None, lambda: False)
    assert told.value.permanent


def test_a_folder_that_was_made_anew_and_numbers_from_one_again_is_read(
    settings_of: Settings, mailbox: Mailbox
) -> None:
    settings = settings_of.model_copy(update={"imap_folder": "Retours"})
    taken: list[bytes] = []
    for mails in ((b"one", b"two"), (b"three", b"four")):
        with mailbox.opened() as imap:
            imap.delete("Retours")
            imap.create("Retours")
            for mail in mails:
                imap.append("Retours", "", "", b"Subject: " + mail + b"\r\n\r\n")
        assert read_mailbox(settings, taken.append, lambda: False) == 2
    assert [raw.split()[1] for raw in taken] == [b"one", b"two", b"three", b"four"]


def test_without_a_folder_for_them_mails_are_deleted(settings_of: Settings, mailbox: Mailbox) -> None:
    mailbox.add(b"Subject: one\r\n\r\n", b"Subject: two\r\n\r\n")
    settings = settings_of.model_copy(update={"imap_processed_folder": ""})

    assert read_mailbox(settings, lambda _: None, lambda: False) == 2
    assert (mailbox.count(), mailbox.count("Processed")) == (0, 0)


def test_a_folder_s_name_may_have_any_letters(settings_of: Settings, mailbox: Mailbox) -> None:
    mailbox.add(b"Subject: one\r\n\r\n")
    settings = settings_of.model_copy(update={"imap_processed_folder": 'Traités & "rangés"'})

    assert read_mailbox(settings, lambda _: None, lambda: False) == 1
    with mailbox.opened() as imap:
        folders = b" ".join(line for line in imap.list()[1] if isinstance(line, bytes))
    assert b"Trait&AOk-s &- " in folders


@pytest.mark.parametrize(
    ("values", "says", "permanent"),
    [
        ({"imap_password": "wrong"}, "refuses the user name", True),
        ({"imap_folder": "Nowhere"}, "'Nowhere' cannot be opened", True),
        ({"imap_port": 1}, "Connection refused", False),
        ({"imap_security": "starttls"}, "no secure connection", True),
        ({"imap_security": "tls"}, "cannot be read", False),
    ],
    ids=["password", "folder", "nobody-listens", "no-starttls", "no-tls"],
)
def test_a_mailbox_that_cannot_be_read_is_told_in_words(
    settings_of: Settings, values: dict[str, Any], says: str, *, permanent: bool
) -> None:
    settings = Settings.model_validate(settings_of.model_dump() | values)

    with pytest.raises(MailboxError, match=says) as told:
        read_mailbox(settings, lambda _: None, lambda: False)
    assert told.value.permanent is permanent
    assert PASSWORD not in str(told.value)


def test_the_connection_is_secure_and_the_certificate_is_checked(
    bare_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, certificate = make_certificate(tmp_path, "127.0.0.1")
    with running_dovecot((certificate, tmp_path / "key.pem")) as server:
        server.add(b"Subject: one\r\n\r\n", b"Subject: two\r\n\r\n")
        secure = _settings(bare_settings, server, imap_port=server.tls_port, imap_security="tls")
        with pytest.raises(MailboxError, match="certificate is not valid"):
            read_mailbox(secure, lambda _: None, lambda: False)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert read_mailbox(secure, lambda _: None, iter([False, False, True, True]).__next__) == 1
        later = _settings(bare_settings, server, imap_security="starttls")
        assert read_mailbox(later, lambda _: None, lambda: False) == 1
