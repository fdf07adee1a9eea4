"""Addresses outside ASCII on their whole way (R30): domains in punycode, SMTPUTF8 only where it is offered."""

import dkim
import pytest

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.mail.models import MailState
from feedback_service.settings import Settings
from feedback_service.signing_keys import Algorithm, read_key, record_of, write_new_key
from tests.mail.stack import Stack
from tests.support.smtp import RecordingServer


def test_a_domain_outside_ascii_needs_nothing_of_the_server(stack: Stack) -> None:
    stack.server.hidden = {"SMTPUTF8"}
    stack.queue(recipient="client@bücher.example", sender="Été <bonjour@été.example>", return_path="b@été.example")
    assert stack.run() == 1
    (received,) = stack.server.received
    assert (received.sender, received.recipient) == ("b@xn--t-9fab.example", "client@xn--bcher-kva.example")
    assert b"\r\nTo: client@xn--bcher-kva.example\r\n" in received.data
    assert received.data.isascii()
    assert "SMTPUTF8" not in received.options


def test_a_mailbox_outside_ascii_goes_where_it_is_offered(stack: Stack) -> None:
    stack.queue(recipient="hélène@bücher.example")
    assert stack.run() == 1
    (received,) = stack.server.received
    assert received.recipient == "hélène@xn--bcher-kva.example"
    assert "SMTPUTF8" in received.options


def test_where_it_is_not_offered_the_mail_fails_with_a_sentence_and_the_others_go(stack: Stack) -> None:
    stack.server.hidden = {"SMTPUTF8"}
    first, second = stack.queue(recipient="hélène@example.com")[0], stack.queue()[0]
    assert stack.run() == 1
    assert stack.mail(first).state is MailState.FAILED
    assert "(SMTPUTF8)" in (stack.mail(first).last_error or "")
    assert stack.mail(second).state is MailState.SENT


@pytest.mark.parametrize("recipient", ["client@bücher.example", "hélène@bücher.example"])
def test_both_are_signed_as_they_arrive(
    settings: Settings, clock: ManualClock, database: Database, server: RecordingServer, recipient: str
) -> None:
    key_file = settings.instance / "dkim.pem"
    write_new_key(key_file, Algorithm.RSA)
    changes = {"smtp_port": server.port, "dkim_key_file": key_file, "dkim_selector": "mail"}
    stack = Stack(Services(settings.model_copy(update=changes), clock, database), clock, server)
    stack.queue(recipient=recipient, sender="Été <bonjour@été.example>")
    assert stack.run() == 1
    record, name = record_of(read_key(key_file)), b"mail._domainkey.xn--t-9fab.example."
    assert dkim.verify(server.received[0].data, dnsfunc=lambda asked, **_: record if asked == name else None)
