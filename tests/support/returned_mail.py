"""Mails as they come back: reports of servers, complaints, automatic replies, and what people write."""

from feedback_service.mail.models import OutboxMail

DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.example.net>"


def delivery_report(
    mail: OutboxMail,
    status: str = "5.1.1",
    diagnosis: str = "smtp; 550 5.1.1 User unknown",
    *,
    action: str = "failed",
    to: str = "",
    message_id: str = "",
) -> bytes:
    """Return the report (RFC 3464) of a server that could not deliver `mail`."""
    return f"""Return-Path: <>
From: {DAEMON}
To: {to or mail.return_path}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <report-of-{mail.id}-{status}-{action}@mx.example.net>
Date: Mon, 23 Nov 2026 09:31:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="frontier"

--frontier
Content-Type: text/plain; charset=utf-8

This is the mail system at host mx.example.net. Your message could not be delivered.

--frontier
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {mail.recipient}
Action: {action}
Status: {status}
Diagnostic-Code: {diagnosis}

--frontier
Content-Type: text/rfc822-headers

From: {mail.sender}
To: {mail.recipient}
Message-ID: {message_id or mail.message_id}
Subject: {mail.subject}

--frontier--
""".replace("\n", "\r\n").encode()


def complaint(mail: OutboxMail, *, kind: str = "abuse", to: str = "") -> bytes:
    """Return the feedback report (RFC 5965) of a provider whose customer called `mail` spam."""
    return f"""From: feedback@provider.example.net
To: {to or "abuse@atelier-lumen.example.com"}
Subject: FW: {mail.subject}
Message-ID: <arf-{mail.id}-{kind}@provider.example.net>
Date: Mon, 23 Nov 2026 09:31:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="frontier"

--frontier
Content-Type: text/plain

This is an email abuse report.

--frontier
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1

--frontier
Content-Type: message/rfc822

From: {mail.sender}
To: <{mail.recipient}>
Message-ID: {mail.message_id}
Subject: {mail.subject}

How did your return go?
--frontier--
""".encode()


def written(
    mail: OutboxMail, text: str, *, to: str = "", subject: str = "", headers: str = "", number: int = 1
) -> bytes:
    """Return what a person (or a machine, with `headers`) answers to `mail`, with the usual quotation below."""
    subject = subject or f"Re: {mail.subject}"
    return f"""From: Camille Exemple <{mail.recipient}>
To: {to or mail.return_path}
Subject: {subject}
Message-ID: <reply-{mail.id}-{number}@mail.example.com>
In-Reply-To: {mail.message_id}
References: {mail.message_id}
Date: Mon, 23 Nov 2026 12:31:00 +0100
{headers}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{text}

Le lun. 23 nov. 2026 à 10:30, Atelier Lumen <bonjour@atelier-lumen.example.com> a écrit :

> Bonjour, comment s'est passé votre retour ?
""".encode()
