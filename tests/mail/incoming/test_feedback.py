"""Complaints in the dialects of those who report them (RFC 5965 and older), and reports that are none."""

import pytest

from feedback_service.mail.incoming.classify import classify
from feedback_service.mail.incoming.kinds import MailClass

COMPLAINT, POLICY, NONE = MailClass.COMPLAINT, MailClass.POLICY, MailClass.NONE
OURS = "Message-ID: <one@shop.example.com>\nFrom: shop@example.com\nTo: {to}\nSubject: Votre retour\n"


def feedback(fields: str, *, to: str = "ines@example.com", kind: str = "message/rfc822", ours: str = OURS) -> bytes:
    """Return a feedback report with these fields that gives our mail back."""
    return f"""From: fbl@example.net
Subject: Fw: Votre retour
Content-Type: multipart/report; report-type="feedback-report"; boundary=b

--b

This is an abuse report.
--b
Content-Type: message/feedback-report

{fields}
User-Agent: Example-FBL/1.0
Version: 0.1

--b
Content-Type: {kind}

{ours.format(to=to)}
--b--
""".encode()


@pytest.mark.parametrize(
    ("kind_of_report", "kind"),
    [
        ("abuse", COMPLAINT), ("Abuse", COMPLAINT), ("fraud", COMPLAINT), ("other", COMPLAINT),
        ("opt-out", COMPLAINT), ("opt-out-list", COMPLAINT), ("miscategorized", COMPLAINT), ("", COMPLAINT),
        ("not-spam", NONE), ("auth-failure", POLICY), ("dmarc", POLICY), ("virus", POLICY),
    ],
)  # fmt: skip
def test_a_feedback_report_is_a_complaint_but_for_what_nobody_complains_of(
    kind_of_report: str, kind: MailClass
) -> None:
    found = classify(feedback(f"Feedback-Type: {kind_of_report}\nOriginal-Rcpt-To: <ines@example.com>"))
    assert (found.kind, found.original_id) == (kind, "<one@shop.example.com>")


@pytest.mark.parametrize(
    ("raw", "recipients"),
    [
        (feedback("Feedback-Type: abuse\nOriginal-Rcpt-To: ines@example.com", to="undisclosed"), ["ines@example.com"]),
        (feedback("Feedback-Type: abuse\nOriginal-Rcpt-To: a@example.com\nOriginal-Rcpt-To: b@example.com"),
         ["a@example.com", "b@example.com"]),
        (feedback("Feedback-Type: abuse"), ["ines@example.com"]),
        (feedback("Feedback-Type: abuse", to="[redacted]"), []),
        (feedback("Feedback-Type: abuse", kind="text/rfc822-headers"), ["ines@example.com"]),
        (feedback("Feedback-Type: opt-out\nRemoval-Recipient: <ines@example.com>", to=""), ["ines@example.com"]),
        (feedback("Feedback-Type: abuse", ours="X-HmXmrOriginalRecipient: ines@example.com\n" + OURS, to="x"),
         ["ines@example.com"]),
    ],
    ids=["named", "two", "by-our-mail", "redacted", "headers-alone", "opt-out", "outlook"],
)  # fmt: skip
def test_a_complaint_names_whom_it_can(raw: bytes, recipients: list[str]) -> None:
    found = classify(raw)
    assert (found.kind, list(found.recipients)) == (COMPLAINT, recipients)


OLDER = """From: staff@example.net
Subject: complaint about message from 192.0.2.1
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: message/rfc822

X-HmXmrOriginalRecipient: <ines@example.com>
Message-ID: <one@shop.example.com>
Subject: Votre retour
--b--
"""


def test_an_older_report_is_told_by_its_subject_and_our_mail() -> None:
    found = classify(OLDER.encode())
    assert (found.kind, found.recipients, found.original_id) == (
        COMPLAINT, ["ines@example.com"], "<one@shop.example.com>",
    )  # fmt: skip


def test_a_person_who_writes_a_complaint_has_called_nothing_spam() -> None:
    raw = b"From: ines@example.com\nSubject: Complaint about message from the shop\n\nThis was spam, I report you."
    assert classify(raw).kind is NONE
    without_our_mail = OLDER.partition("--b\n")[0].encode() + b"--b\n\nNothing\n--b--\n"
    assert classify(without_our_mail).kind is NONE
