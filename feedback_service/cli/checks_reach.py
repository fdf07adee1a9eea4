"""What `doctor` looks at from outside: the public address as customers reach it, its certificate, the mail server's.

The requests go where the operator's own settings say, so they are made without the guards of `sources.http.fetcher`.
"""

import contextlib
import json
import secrets
import smtplib
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from feedback_service.bootstrap import Services
from feedback_service.findings import Finding, Remark, summed_up
from feedback_service.links import Links
from feedback_service.mail import replies
from feedback_service.settings import Settings, SmtpSecurity

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that are this computer, whatever its name."""

_SECONDS = 10.0
_MOST_BYTES = 10_000
_TOKEN_BYTES = 24
_SOON = timedelta(days=21)
_AT_ONCE = timedelta(days=7)
_CLOCK_APART = timedelta(seconds=60)


def check_public_answer(services: Services) -> Iterator[Finding]:
    """Yield whether the public address answers as ours, how long its certificate lasts, and whether clocks agree."""
    settings = services.settings
    if urlsplit(settings.public_url).hostname in LOCAL:
        return
    address = f"{settings.public_url}/healthz"
    asked_at = datetime.now(UTC)
    try:
        status, body, date, certificate = _asked(address)
    except (httpx.HTTPError, ssl.SSLError, OSError, ValueError) as error:
        found = f"{address} cannot be reached: {error or type(error).__name__}."
        yield Finding("Public address", found, "Start the service; see the reverse proxy, its certificate and the DNS.")
        return
    if status != httpx.codes.OK or not _is_ours(body):
        found = f"{address} answers {status}, and not as this service does."
        yield Finding("Public address", found, "Let the reverse proxy pass every path on to the service.")
    else:
        yield Finding("Public address", f"{address} answers.")
        yield check_one_click(settings)
    if certificate:
        yield certificate_finding("Certificate of the public address", certificate, asked_at)
    if date:
        yield clock_finding(date, asked_at)


def check_one_click(settings: Settings) -> Finding:
    """Look whether a mailbox provider's one-click objection reaches us (RFC 8058): one that nobody has is sent."""
    subject = "One-click objection"
    address = Links(settings.public_url).unsubscribe(secrets.token_urlsafe(_TOKEN_BYTES))
    try:
        with httpx.Client(verify=ssl.create_default_context(), timeout=_SECONDS) as client:
            answer = client.post(address, data={"List-Unsubscribe": "One-Click"})
    except (httpx.HTTPError, OSError) as error:
        return Finding(subject, f"It cannot be sent: {error or type(error).__name__}.", "See the public address above.")
    if answer.is_redirect:
        found = f"It is redirected to {answer.headers.get('Location', '')[:200]}; mailbox providers do not follow."
        return Finding(subject, found, "Set FEEDBACK_PUBLIC_URL to the very address, with its scheme and host.")
    if answer.status_code == httpx.codes.NOT_FOUND and answer.headers.get("Referrer-Policy") == "no-referrer":
        return Finding(subject, "It reaches this service.")
    found = f"It is answered {answer.status_code}, and not by this service."
    to_do = "Let the reverse proxy and its firewall pass POST /u/… without a login, a cookie or a challenge."
    return Finding(subject, found, to_do)


def check_mail_tls(services: Services) -> Finding:
    """Look whether the way to the mail server is encrypted, and how long its certificate lasts."""
    settings = services.settings
    try:
        offers, certificate = _greeted(settings)
    except (OSError, smtplib.SMTPException) as error:
        # `check_mail_server` says what is wrong when it cannot be used at all.
        return Finding("Mail server's TLS", f"Not seen: {error}.", "See the mail server above.", is_advice=True)
    return mail_tls_finding(settings, offers=offers, not_after=certificate)


def mail_tls_finding(settings: Settings, *, offers: bool, not_after: str) -> Finding:
    """Return what is to be said of the way to the mail server; `not_after` is empty where no TLS is used."""
    subject = "Mail server's TLS"
    if not_after:
        return certificate_finding(subject, not_after, datetime.now(UTC))
    if settings.smtp_host in LOCAL:
        return Finding(subject, "Not needed: the mail server is on this computer.")
    if offers:
        to_do = "It offers STARTTLS: set FEEDBACK_SMTP_SECURITY=starttls."
    else:
        to_do = "It offers no STARTTLS on this port: ask for a port with TLS (465 or 587), or keep the way private."
    return Finding(subject, "Mails, addresses and the password go to it in the clear.", to_do)


def certificate_finding(subject: str, not_after: str, now: datetime) -> Finding:
    """Return what is to be said of a certificate that lasts until `not_after`, as `ssl` writes it."""
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(not_after), UTC)
    left = until - now
    found = f"It lasts until {until:%Y-%m-%d} ({left.days} days)."
    if left > _SOON:
        return Finding(subject, found)
    to_do = "Renew it, and see why that does not happen by itself."
    return summed_up(subject, "", [Remark(found, to_do, is_advice=left > _AT_ONCE)])


def clock_finding(date: str, now: datetime) -> Finding:
    """Return what the Date header of another machine says of our clock."""
    subject = "Clock, by the web server"
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return Finding(subject, f"Its answer has no date that can be read: {date[:60]!r}.")
    apart = abs(now - theirs.replace(tzinfo=theirs.tzinfo or UTC))
    if apart > _CLOCK_APART:
        found = f"{apart.total_seconds():.0f} s away from that of the public address."
        return Finding(subject, found, "Let both machines keep time by NTP.")
    return Finding(subject, "It agrees with that of the public address.")


def _asked(address: str) -> tuple[int, bytes, str, str]:
    """Return status, body, Date header and the end of the certificate's life (empty on plain HTTP)."""
    context = ssl.create_default_context()
    with httpx.Client(verify=context, timeout=_SECONDS) as client, client.stream("GET", address) as response:
        stream = response.extensions.get("network_stream")
        secured = stream.get_extra_info("ssl_object") if stream else None
        certificate = secured.getpeercert() if secured else None
        body, until = b"", time.monotonic() + _SECONDS
        for piece in response.iter_bytes():
            body += piece
            if len(body) > _MOST_BYTES or time.monotonic() > until:
                break
        not_after = str(certificate.get("notAfter", "")) if certificate else ""
        return response.status_code, body, response.headers.get("Date", ""), not_after


def _is_ours(body: bytes) -> bool:
    with contextlib.suppress(ValueError):
        answer = json.loads(body)
        return isinstance(answer, dict) and answer.get("status") == "ok"
    return False


def _greeted(settings: Settings) -> tuple[bool, str]:
    """Return whether STARTTLS is offered, and the end of the certificate's life where TLS is used."""
    context = ssl.create_default_context()
    name = replies.own_name(settings.public_host)
    host, port = settings.smtp_host, settings.smtp_port
    smtp: smtplib.SMTP
    if settings.smtp_security is SmtpSecurity.TLS:
        smtp = smtplib.SMTP_SSL(host, port, name, timeout=_SECONDS, context=context)
    else:
        smtp = smtplib.SMTP(host, port, name, timeout=_SECONDS)
    with smtp:
        smtp.ehlo_or_helo_if_needed()
        offers = smtp.has_extn("starttls")
        if settings.smtp_security is SmtpSecurity.STARTTLS:
            smtp.starttls(context=context)
        secured = smtp.sock
        certificate = secured.getpeercert() if isinstance(secured, ssl.SSLSocket) else None
        return offers, str(certificate.get("notAfter", "")) if certificate else ""
