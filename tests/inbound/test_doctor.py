"""What `doctor` says of returned mail."""

from feedback_service.bootstrap import Services
from feedback_service.cli.checks import check_returned_mails
from feedback_service.settings import Settings
from tests.support.arrivals import add_arrivals
from tests.support.builders import NOW, make_return, make_shop
from tests.support.commands import free_port
from tests.support.dovecot import PASSWORD, Mailbox


def _with_mailbox(services: Services, port: int, user: str) -> Services:
    reads = {"imap_host": "127.0.0.1", "imap_port": port, "imap_security": "none", "imap_user": user}
    settings = Settings.model_validate(services.settings.model_dump() | reads | {"imap_password": PASSWORD})
    return Services(settings=settings, clock=services.clock, database=services.database)


def test_where_nothing_came_back_there_is_nothing_to_do(services: Services) -> None:
    finding = check_returned_mails(services)
    assert (finding.found, finding.to_do) == ("0 in 30 days.", "")


def test_refusals_and_lost_alerts_are_the_operator_s_to_mend(services: Services) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        add_arrivals(session, shop, make_return(session, shop), NOW)

    finding = check_returned_mails(services)
    assert "1 mails to the staff came back" in finding.to_do
    assert "Unauthenticated_email" in finding.to_do


def test_the_mailbox_is_looked_into(services: Services, mailbox: Mailbox) -> None:
    mailbox.add(b"Subject: one\r\n\r\n", b"Subject: two\r\n\r\n")
    with mailbox.opened() as imap:
        imap.store("1", "+FLAGS", r"(\Flagged)")

    finding = check_returned_mails(_with_mailbox(services, mailbox.port, mailbox.user))
    assert finding.found == "0 in 30 days. 1 wait in the mailbox."
    assert "1 in the mailbox cannot be taken in" in finding.to_do


def test_a_mailbox_that_cannot_be_read_is_told(services: Services) -> None:
    finding = check_returned_mails(_with_mailbox(services, free_port(), "nobody"))
    assert "cannot be read" in finding.found
    assert finding.to_do
