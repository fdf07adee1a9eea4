"""An installation whose hooks of mail providers are all on, and what the providers would send it."""

import base64
import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from werkzeug.test import Client, TestResponse

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import IncomingMail, MailState, OutboxMail, Suppression
from feedback_service.settings import Settings
from feedback_service.sources.http.pages import Answer
from feedback_service.web.hooks import mailgun, ses
from tests.support.builders import NOW, make_shop
from tests.support.surveys import refunded_return

SECRET = "the-secret-of-the-hook"  # noqa: S105 - for tests only
SIGNING = ec.generate_private_key(ec.SECP256R1())
SIGNING_PUBLIC = base64.b64encode(
    SIGNING.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
SNS_KEY = rsa.generate_private_key(65537, 2048)
TOPIC = "arn:aws:sns:eu-west-3:123456789012:bounces"
CERTIFICATE_URL = "https://sns.eu-west-3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
SUBSCRIBE_URL = f"https://sns.eu-west-3.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc"


def _certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(SNS_KEY.public_key())
    made = made.serial_number(1).not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1))
    return made.sign(SNS_KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


@dataclass
class SnsOnTheShelf:
    """Answers as SNS would, and notes what it was asked for."""

    asked: list[str] = field(default_factory=list)
    certificate: bytes = field(default_factory=_certificate)

    def call(self, method: str, url: str, *, headers: dict[str, str], body: bytes = b"") -> Answer:
        """Return the certificate, or the answer to a confirmation."""
        del method, headers, body
        self.asked.append(url)
        return Answer(200, {}, self.certificate if url.endswith(".pem") else b"<ConfirmSubscriptionResponse/>")

    def close(self) -> None:
        """Hold nothing open."""


@dataclass
class House:
    """A served installation with a survey that was sent."""

    services: Services
    mail: OutboxMail
    sns: SnsOnTheShelf

    @cached_property
    def client(self) -> Client:
        """A client of its pages."""
        return create_app(self.services).test_client()

    def kinds(self) -> list[tuple[MailClass, bool]]:
        """Return the class of each arrival and whether it was matched."""
        with self.services.database.reading() as session:
            found = session.scalars(sa.select(IncomingMail).order_by(IncomingMail.id)).all()
        return [(incoming.kind, incoming.mail_id == self.mail.id) for incoming in found]

    def suppressed(self) -> int:
        """Count those who get no surveys any more."""
        with self.services.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Suppression)) or 0


HOOKS: dict[str, Any] = {
    "hook_postmark_secret": SECRET, "hook_mailjet_secret": SECRET, "hook_brevo_secret": SECRET,
    "hook_mailgun_key": SECRET, "hook_sendgrid_key": SIGNING_PUBLIC, "hook_ses_topics": (TOPIC,),
    "bounce_address": "bounces@mail.example.com",
}  # fmt: skip


def make_house(settings: Settings, clock: ManualClock, database: Database, **changes: str) -> House:
    """Return an installation with every hook on, by `changes` where they are others, that has sent one survey."""
    services = Services(
        settings=Settings.model_validate(settings.model_dump() | HOOKS | changes), clock=clock, database=database
    )
    sns = SnsOnTheShelf()
    services.__dict__["fetcher"] = sns
    with database.writing() as session:
        refunded_return(session, make_shop(session))
    services.inviter.queue_due(clock.now())
    with database.writing() as session:
        mail = session.scalars(sa.select(OutboxMail)).one()
        mail.state, mail.sent_at, mail.due_at = MailState.SENT, clock.now(), None
    return House(services, mail, sns)


def basic(secret: str = SECRET) -> dict[str, str]:
    """Return the header of basic authentication."""
    return {"Authorization": "Basic " + base64.b64encode(f"hook:{secret}".encode()).decode()}


def bearer(secret: str = SECRET) -> dict[str, str]:
    """Return the header of a bearer token."""
    return {"Authorization": f"Bearer {secret}"}


def bare(mail: OutboxMail) -> str:
    """Return the Message-ID without its brackets."""
    return mail.message_id.strip("<>")


def signed_by_sendgrid(body: bytes, at: float) -> dict[str, str]:
    """Return the headers of SendGrid's signature."""
    signature = SIGNING.sign(str(int(at)).encode() + body, ec.ECDSA(hashes.SHA256()))
    return {
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": str(int(at)),
    }


def signed_by_mailgun(data: dict[str, Any], at: float, token: str = "") -> dict[str, Any]:
    """Return the body of a hook of Mailgun."""
    token, timestamp = token or secrets.token_hex(25), str(int(at))
    signed = {"timestamp": timestamp, "token": token, "signature": mailgun.signature(SECRET, timestamp, token)}
    return {"signature": signed, "event-data": data}


def signed_by_sns(message: dict[str, Any], version: str = "2") -> dict[str, Any]:
    """Return a message of SNS with its signature."""
    whole = {
        "MessageId": secrets.token_hex(8), "TopicArn": TOPIC, "Timestamp": "2026-11-23T09:30:00.000Z",
        "SignatureVersion": version, "SigningCertURL": CERTIFICATE_URL, **message,
    }  # fmt: skip
    digest = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303 - version 1 of SNS
    raw = SNS_KEY.sign(ses.string_to_sign(whole), padding.PKCS1v15(), digest)
    return whole | {"Signature": base64.b64encode(raw).decode()}


def bounced_at_ses(mail: OutboxMail, **bounce: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return a notification of a bounce."""
    recipient = {"emailAddress": mail.recipient, "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
    about = {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [recipient],
        "feedbackId": "f1",
    }
    inner = {
        "notificationType": "Bounce",
        "bounce": about | bounce,
        "mail": {"source": mail.return_path, "messageId": "0"},
    }
    return {"Type": "Notification", "Message": json.dumps(inner)}


def post(house: House, provider: str, payload: Any, headers: dict[str, str] | None = None) -> TestResponse:  # noqa: ANN401 - JSON
    """Post JSON to a hook, signed where the provider signs the raw body."""
    body = json.dumps(payload).encode()
    if provider == "sendgrid" and headers is None:
        headers = signed_by_sendgrid(body, house.services.clock.now().timestamp())
    return house.client.post(
        f"/hooks/mail/{provider}", data=body, headers=headers or {}, content_type="application/json"
    )
