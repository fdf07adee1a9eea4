"""Whom a bounce is about: those who failed, not whom else it speaks of."""

import pytest

from feedback_service.mail.incoming.classify import classify
from feedback_service.mail.incoming.kinds import MailClass
from tests.mail.incoming.test_classify import bounce

HARD, SOFT, POLICY = MailClass.HARD, MailClass.SOFT, MailClass.POLICY


@pytest.mark.parametrize(
    "words",
    [
        'Delivery of mail to "ines@example.com" failed: mailbox full',
        "Delivery to this address\n\n  'ines@example.com'\n\nfailed: mailbox full",
        "To: l@shop.example.com\ndid not reach the following recipient(s):\n\nc=FR;dda:SMTP=ines@example.com; is full",
        "not accepting mail from shop@shop.example.com:\n\n  ines@example.com: mailbox full",
        "failed:\n\n  an undisclosed address\n    (generated from ines@example.com)\n    mailbox full",
        "-- ines@example.com\n\nMailbox full",
        "<ines@example.com>:",
    ],
    ids=["quotes", "quotes-in-a-line", "x400", "refusing-a-sender", "generated", "dashes", "no-reason"],
)
def test_the_one_who_failed_is_named_and_not_whom_else_the_notice_speaks_of(words: str) -> None:
    found = classify(bounce(words))
    assert (found.kind, found.recipients) == (SOFT, ["ines@example.com"])


def test_a_parameter_without_its_semicolon_hides_no_text() -> None:
    head = b"From: MAILER-DAEMON@mx.example.net\nSubject: Returned mail\nContent-Type: multipart/mixed; boundary=b\n\n"
    part = b"--b\nContent-Type: text/plain\n   charset=us-ascii\n\nines@example.com [User unknown]\n--b--\n"
    found = classify(head + part)
    assert (found.kind, found.recipients) == (HARD, ["ines@example.com"])


def test_each_of_several_has_the_reason_that_stands_behind_it() -> None:
    raw = bounce("""Hi. I wasn't able to deliver your message to the following addresses.

<gone@example.com>:
192.0.2.1 does not like the recipient: 550 user unknown

<full@example.com>:
The mailbox is full.

<refused@example.com>:
192.0.2.2 said: 554 your IP address is listed

--- Below this line is a copy of the message.

To: <nobody@example.com>""")
    assert [(one.recipient, one.kind) for one in classify(raw).failures] == [
        ("gone@example.com", HARD),
        ("full@example.com", SOFT),
        ("refused@example.com", POLICY),
    ]
