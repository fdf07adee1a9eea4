"""What people write, quote and pass on, and what answers for them, must silence nobody."""

import pytest

from feedback_service.mail.incoming.classify import classify
from feedback_service.mail.incoming.kinds import MailClass

NONE, AUTO = MailClass.NONE, MailClass.AUTO_REPLY

REPORT = """This is the mail system at host mx.example.net.

<ines@example.com>: 550 5.1.1 User unknown

Final-Recipient: rfc822; ines@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown
"""
QUOTED = "".join(f"> {line}\n" for line in REPORT.splitlines())
ATTACHED = f"""Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Qu'est-ce que c'est que ça ?
--b
Content-Type: message/rfc822

From: MAILER-DAEMON@mx.example.net
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=c

--c

{REPORT}
--c
Content-Type: message/delivery-status

Final-Recipient: rfc822; ines@example.com
Action: failed
Status: 5.1.1
--c--
--b--
"""


def mail(subject: str, text: str, *headers: str, sender: str = "Ines <ines@example.com>") -> bytes:
    """Return a mail as a person writes it."""
    return "\n".join([f"From: {sender}", "To: shop@example.com", f"Subject: {subject}", *headers, "", text]).encode()


WRITTEN = {
    "passed-on-quoted": mail("Fwd: Undelivered Mail Returned to Sender", QUOTED),
    "passed-on-in-french": mail("TR : Message non distribué", QUOTED),
    "passed-on-unquoted": mail("WG: Unzustellbar: Ihre Rücksendung", f"Was ist das?\n\n{REPORT}"),
    "passed-on-attached": mail("Tr: Undelivered Mail", "").rstrip(b"\n") + b"\n" + ATTACHED.encode(),
    "passed-on-attached-under-its-subject": mail("Undelivered Mail", "").rstrip(b"\n") + b"\n" + ATTACHED.encode(),
    "passed-on-attached-without-a-subject": mail("", "").rstrip(b"\n") + b"\n" + ATTACHED.encode(),
    "answers-a-report": mail("Re: Delivery Status Notification (Failure)", f"I got this:\n{QUOTED}"),
    "answers-without-saying-so": mail("Undelivered Mail Returned to Sender", f"Why do I get this?\n\n{QUOTED}"),
    "talks-of-a-full-mailbox": mail("Ma boîte est pleine", "Ma boîte mail est pleine, le destinataire est inconnu."),
    "talks-of-an-address": mail("Address not found", "The driver says: address not found, recipient unknown."),
    "parcel-undeliverable": mail("Parcel undeliverable", "My parcel could not be delivered: address unknown."),
    "colis": mail("Avis de non-livraison", "Colis non livré : adresse introuvable, destinataire inconnu."),
    "paket": mail("Paket unzustellbar", "Empfänger unbekannt, sagt der Bote."),
    "postmaster-who-answers": mail(
        "Re: Votre retour", "La boîte aux lettres était pleine, merci de renvoyer le message.",
        "In-Reply-To: <one@shop.example.com>", sender="Postmaster <postmaster@atelier.example>",
    ),
    "administrator-who-answers": mail(
        "RE: Ihre Rücksendung", "Das Postfach ist voll.", sender="System Administrator <admin@werk.example>"
    ),
    "digest": mail(
        "Users Digest, Vol 12, Issue 3", f"Today's topics:\n\n  1. Undelivered Mail\n\n{REPORT}",
        "Sender: users-bounces@lists.example.org", "List-Id: <users.lists.example.org>", "Precedence: list",
        sender="users-request@lists.example.org",
    ),
    "mail-of-a-list": mail(
        "[users] failure notice", REPORT, "Sender: users-bounces@lists.example.org",
        "List-Id: <users.lists.example.org>", "Precedence: list",
    ),
    "newsletter-on-mail": mail("Mail delivery problems?", "User unknown? Mailbox full?", "Precedence: bulk",
                               "List-Unsubscribe: <https://example.org/u>", sender="news@example.org"),
    "no-sender": b"Subject: Bonjour\n\nLe destinataire est inconnu, la boite est pleine.\n",
    "shop-of-a-namesake": mail("Question", "User unknown", sender="Commdf <hello@mmdfashion.example>"),
    "delivery-name": mail("Votre colis", "Adresse introuvable.", sender="Delivery <tracking@colis.example>"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_what_a_person_writes_or_passes_on_silences_nobody(name: str) -> None:
    found = classify(WRITTEN[name])
    assert (found.kind, found.recipients, found.failures) == (NONE, [], ())


ANSWERING = {
    "vacation-of-sieve": mail("Auto: Votre retour", REPORT, "Auto-Submitted: auto-replied (vacation)"),
    "vacation-that-quotes": mail("Absence du bureau", QUOTED, "Return-Path: <>"),
    "vacation-of-exchange": mail(
        "Automatic reply: Undelivered Mail", "My mailbox is full and I have left the company.",
        "X-MS-Exchange-Inbox-Rules-Loop: ines@example.com",
    ),
    "left-the-company": mail("Automatische Antwort: Rücksendung", "Diese Adresse ist nicht mehr gültig.",
                             "Auto-Submitted: auto-replied"),
    "postmaster-on-holiday": mail("Out of Office: your return", "Mailbox full", sender="postmaster@atelier.example"),
    "ticket": mail("Ticket received: #12", "User unknown", "Auto-Submitted: auto-replied", "Precedence: bulk"),
    "read-receipt": mail(
        "Lu : Votre retour", "--b\n\nLu\n--b--",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERING)
def test_what_answers_for_a_person_silences_nobody(name: str) -> None:
    found = classify(ANSWERING[name])
    assert (found.kind, found.recipients) == (AUTO, [])
