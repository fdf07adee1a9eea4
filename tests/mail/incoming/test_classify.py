"""What an incoming mail is: reports, free-form bounces in many tongues, complaints, automatic replies, people."""

import pytest

from feedback_service.mail.incoming.classify import classify
from feedback_service.mail.incoming.kinds import MailClass

HARD, SOFT, POLICY = MailClass.HARD, MailClass.SOFT, MailClass.POLICY
AUTO, NONE = MailClass.AUTO_REPLY, MailClass.NONE


def bounce(words: str, *, sender: str = "MAILER-DAEMON@mx.example.net", subject: str = "Undelivered Mail") -> bytes:
    """Return a bounce in free form."""
    return f"From: {sender}\nTo: bounces@mail.example.com\nSubject: {subject}\n\n{words}\n".encode()


def report(status: str, diagnosis: str, *, action: str = "failed", notice: str = "It could not be delivered.") -> bytes:
    """Return a delivery report with one recipient."""
    return f"""From: postmaster@mx.example.net
Subject: Delivery report
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

{notice}

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ines@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnosis}

--b--
""".encode()


@pytest.mark.parametrize(
    ("status", "diagnosis", "kind"),
    [
        ("5.1.1", "550 5.1.1 <ines@example.com>: Recipient address rejected: User unknown", HARD),
        ("5.1.2", "550 5.1.2 Bad destination system address", HARD),
        ("5.1.10", "556 5.1.10 Recipient address has null MX", HARD),
        ("5.4.4", "Host or domain name not found. Name service error", HARD),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", HARD),
        ("5.0.0", "550 No such user here", HARD),
        ("5.2.1", "550 5.2.1 The account has been disabled", SOFT),
        ("5.2.1", "550 5.2.1 User unknown", HARD),
        ("5.0.0", "554 This account has been closed or disabled", SOFT),
        ("5.1.1", "550 5.1.1 Mailbox disabled", HARD),
        ("5.1.1", "550 5.1.1 maximum message size exceeded", SOFT),
        ("5.7.1", "554 5.7.1 message too large", SOFT),
        ("5.7.17", "550 5.7.17 Mailbox owner has changed", HARD),
        ("5.2.2", "552 5.2.2 Over quota", SOFT),
        ("5.1.1", "550 5.1.1 mailbox for user is full", SOFT),
        ("4.2.2", "452 4.2.2 Mailbox full", SOFT),
        ("4.1.1", "450 4.1.1 User unknown, try again later", SOFT),
        ("4.7.1", "450 4.7.1 Greylisted, please try again in 300 seconds", SOFT),
        ("4.4.7", "delivery time expired", SOFT),
        ("5.3.4", "552 5.3.4 Message size exceeds fixed limit", SOFT),
        ("5.4.6", "554 5.4.6 mail loops back to myself", SOFT),
        ("5.0.0", "554 words that nobody has seen before", SOFT),
        ("5.7.1", "550 5.7.1 User unknown", POLICY),
        ("5.7.26", "550 5.7.26 This mail is unauthenticated", POLICY),
        ("5.1.1", "553 5.1.0 mail from 192.0.2.1 is blocked by a blocklist", POLICY),
        ("5.1.8", "553 5.1.8 Domain of sender address does not exist", POLICY),
        ("5.0.0", "554 Message rejected as spam by content filter", POLICY),
        ("5.0.0", "550 192.0.2.1 is listed at zen.spamhaus.org", POLICY),
        ("4.7.25", "450 4.7.25 Client host rejected: cannot find your reverse hostname", POLICY),
        ("5.5.0", "550 relaying denied", POLICY),
    ],
)
def test_a_report_is_read_by_its_status_and_its_words(status: str, diagnosis: str, kind: MailClass) -> None:
    found = classify(report(status, diagnosis))

    assert (found.kind, found.recipients) == (kind, ["ines@example.com"])


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("L'adresse <ines@example.com> n'existe pas.", HARD),
        ("<ines@example.com> : utilisateur inconnu", HARD),
        ("La boîte aux lettres de ines@example.com est pleine.", SOFT),
        ("ines@example.com : message refusé, adresse IP bloquée", POLICY),
        ("Empfänger unbekannt: ines@example.com", HARD),
        ("Das Postfach von ines@example.com ist voll.", SOFT),
        ("ines@example.com: Nachricht wurde vom Server abgelehnt (Spamverdacht)", POLICY),
        ("<ines@example.com>: el usuario no existe", HARD),
        ("El buzón de ines@example.com está lleno", SOFT),
        ("ines@example.com: utente sconosciuto", HARD),
        ("La casella ines@example.com è piena", SOFT),
        ("O destinatário ines@example.com não existe", HARD),
        ("A caixa de correio de ines@example.com está cheia", SOFT),
        ("ines@example.com: gebruiker onbekend", HARD),
        ("Het postvak van ines@example.com is vol", SOFT),
        ("ines@example.com 宛先のメールアドレスが見つかりません", HARD),
        ("ines@example.com メールボックスの容量が一杯です", SOFT),
        ("<ines@example.com>: 550 5.1.1 unknown user", HARD),
    ],
)
def test_a_free_form_bounce_is_read_in_the_languages_of_servers(words: str, kind: MailClass) -> None:
    found = classify(bounce(words))

    assert (found.kind, found.recipients) == (kind, ["ines@example.com"])


@pytest.mark.parametrize(
    "subject",
    [
        "Échec de la remise", "Message non distribué", "Unzustellbar: Ihre Rücksendung", "Mail konnte nicht zugestellt",
        "No se puede entregar: encuesta", "Mancato recapito", "Não foi possível entregar a mensagem", "Onbestelbaar: x",
        "メール配信エラー", "Undeliverable: survey", "failure notice", "Returned mail: see transcript for details",
    ],
)  # fmt: skip
def test_a_bounce_is_known_by_its_subject_where_its_sender_is_nobody(subject: str) -> None:
    raw = bounce("ines@example.com: user unknown", sender="noreply@mx.example.net", subject=subject)

    assert classify(raw).kind is HARD


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: your return", "Réponse automatique : votre retour", "Absence du bureau", "Out of Office",
        "Automatische Antwort: Ihre Rücksendung", "Abwesenheitsnotiz", "Respuesta automática: su devolución",
        "Fuera de la oficina", "Risposta automatica: reso", "Fuori sede", "Resposta automática: devolução",
        "Fora do escritório", "Automatisch antwoord: retour", "Afwezig", "自動返信: ご返品",
    ],
)  # fmt: skip
def test_an_automatic_reply_is_known_by_its_subject(subject: str) -> None:
    raw = f"From: ines@example.com\nReturn-Path: <>\nSubject: {subject}\n\nUser unknown, mailbox full.\n"

    assert classify(raw.encode()).kind is AUTO


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: auto-replied", "Auto-Submitted: auto-replied (vacation)", "X-Autoreply: yes",
     "Precedence: auto_reply", "X-Autorespond: 1"],
)  # fmt: skip
def test_an_automatic_reply_is_known_by_its_headers(header: str) -> None:
    assert classify(f"From: ines@example.com\n{header}\nSubject: Re: x\n\nBack on Monday.\n".encode()).kind is AUTO


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff\xfe",
        b"From: ines@example.com\nSubject: Re: Undelivered Mail\n\n550 5.1.1 User unknown is what they said\n",
        b"From: ines@example.com\nSubject: My mailbox is full of your mails\n\nUser unknown.\n",
        b"From: news@example.org\nAuto-Submitted: auto-generated\nSubject: News\n\nYour mailbox is full of joy.\n",
        b"From: ines@example.com\nSubject: Absence de remboursement\n\nToujours rien.\n",
        b"From: ines@example.com\nSubject: Retour en vacances, colis perdu\n\nBonjour\n",
        b"From: ines@example.com\nSubject: Delivery problem\n\nThe carrier says that the address is unknown.\n",
        "From: ines@example.com\nSubject: Échec de livraison\n\nAdresse introuvable, dit le livreur.\n".encode(),
        b"From: ines@example.com\nSubject: Your ticket was no help\n\nHello\n",
    ],
    ids=[
        "empty",
        "noise",
        "answer-to-a-bounce",
        "talks-of-mailboxes",
        "newsletter",
        "absence",
        "holidays",
        "parcel",
        "parcel-in-french",
        "ticket",
    ],
)
def test_a_normal_mail_is_none_of_these_and_names_nobody(raw: bytes) -> None:
    assert classify(raw).kind is NONE
    assert classify(raw).recipients == []


def test_a_real_bounce_may_call_itself_auto_replied() -> None:
    raw = bounce("ines@example.com: user unknown").replace(b"\n\n", b"\nAuto-Submitted: auto-replied\n\n", 1)

    assert classify(raw).kind is HARD


def test_a_delayed_report_is_never_hard_and_a_delivered_one_nothing() -> None:
    delayed = classify(report("4.1.1", "450 4.1.1 User unknown", action="delayed"))
    assert (delayed.kind, delayed.is_delayed) == (SOFT, True)
    assert classify(report("2.0.0", "250 OK", action="delivered")).kind is NONE
    warning = bounce(
        "ines@example.com: 450 host not found\nDelivery attempts will continue.", subject="Delivery delayed"
    )
    assert (classify(warning).kind, classify(warning).is_delayed) == (SOFT, True)


def test_a_mail_about_several_recipients_has_the_gravest_class_and_each_its_own() -> None:
    raw = b"""From: MAILER-DAEMON@mx.example.net
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; full@example.com
Action: failed
Status: 5.2.2

Final-Recipient: rfc822; gone@example.com
Action: failed
Status: 5.1.1
--b--
"""
    found = classify(raw)
    assert found.kind is HARD
    assert [(one.recipient, one.kind) for one in found.failures] == [
        ("full@example.com", SOFT),
        ("gone@example.com", HARD),
    ]
    assert found.gravest
    assert found.gravest.status == "5.1.1"


def test_an_address_refused_after_the_content_may_exist() -> None:
    notice = "<ines@example.com>: 550 user unknown (in reply to end of DATA command)"
    assert classify(report("5.0.0", "550 user unknown", notice=notice)).kind is SOFT


def test_what_our_own_mail_said_is_not_what_the_server_said() -> None:
    raw = bounce(
        "ines@example.com\n    retry timeout exceeded\n\n------ This is a copy of the message. ------\n\n"
        "Received: from x\nFrom: shop@example.com\nSubject: spam and viruses, user unknown\n\nblocked\n"
    )
    assert classify(raw).kind is SOFT


def test_of_a_transcript_the_reason_counts_that_the_server_marks_as_such() -> None:
    raw = bounce("""   ----- The following addresses had permanent fatal errors -----
<ines@example.com>
    (reason: 553 192.0.2.1 fails the Sender Policy Framework)

   ----- Transcript of session follows -----
550 5.1.1 <ines@example.com>... User unknown""")
    assert (classify(raw).kind, classify(raw).recipients) == (POLICY, ["ines@example.com"])


@pytest.mark.parametrize(
    ("words", "kind", "is_delayed"),
    [
        ("ines@example.com has been delayed. Delivery attempts will continue.", SOFT, True),
        ("ines@example.com was delayed; I have given up. User unknown.", HARD, False),
        ("ines@example.com\n    Delay reason: 450 client host rejected: no reverse hostname", POLICY, True),
        ("ines@example.com: 450 user unknown. No action is required on your part.", SOFT, True),
    ],
)  # fmt: skip
def test_a_warning_is_one_only_while_the_server_goes_on(words: str, kind: MailClass, *, is_delayed: bool) -> None:
    found = classify(bounce(words, subject="Delivery Status Notification"))
    assert (found.kind, found.is_delayed) == (kind, is_delayed)


def test_the_version_of_a_program_is_no_status() -> None:
    assert classify(bounce("ines@example.com: mailbox full, says Example 5.9.1234 (2.0.12)")).failures[0].status == ""
