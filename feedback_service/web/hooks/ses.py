"""Amazon SES through SNS: bounces, complaints, delays, rejections, unsubscriptions.

SNS signs its messages with a certificate whose address stands in the message: it is fetched from SNS of
amazonaws.com alone, by the client that refuses private addresses. Only topics of the settings count, and
only their subscription is confirmed. Versions 1 (SHA-1) and 2 (SHA-256) of the signature are known.
SES replaces the Message-ID, but gives back the envelope sender (`mail.source`, our return path with its
tag) and, where asked, the original headers.
Source: docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html and
docs.aws.amazon.com/ses/latest/dg/notification-contents.html, .../event-publishing-retrieving-sns-contents.html.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from flask import Blueprint, Response

from feedback_service.bootstrap import Services
from feedback_service.errors import OutsideError
from feedback_service.inbound.events import Arrival
from feedback_service.inbound.reported import Told, Wish, failure_class, mapping, reported, text
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.web.hooks.reports import Event, answer, bounded_body, events_of, take_in

_CERTIFICATE = re.compile(
    r"https://sns\.[a-z0-9-]{1,30}\.amazonaws\.com(?:\.cn)?/SimpleNotificationService-[0-9a-f]{1,64}\.pem"
)
_SUBSCRIBE = re.compile(
    r"https://sns\.[a-z0-9-]{1,30}\.amazonaws\.com(?:\.cn)?/\?Action=ConfirmSubscription&[!-~]{1,2000}"
)
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_HASHES: Mapping[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - what SNS signs with
_MOST_CERTIFICATES = 8
_POLICY = frozenset({"ContentRejected", "AttachmentRejected", "MessageTooLarge"})
_SECTIONS = {"Bounce": "bounce", "Complaint": "complaint", "DeliveryDelay": "deliveryDelay", "Reject": "reject",
             "Subscription": "subscription"}  # fmt: skip
_NO_COMPLAINTS = frozenset({"not-spam", "auth-failure"})

log = structlog.get_logger()


def add_views(hooks: Blueprint, services: Services) -> None:
    """Add the hook to `hooks`."""
    certificates = Certificates(services)

    @hooks.post("/mail/ses")
    def ses() -> Response:
        """Take in a notification, or confirm the subscription of a topic of ours."""
        topics = services.settings.hook_ses_topics
        if not topics:
            return answer(HTTPStatus.NOT_FOUND)
        body = bounded_body()
        if body is None:
            return answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        events = events_of(body)
        if not events or len(events) != 1:
            return answer(HTTPStatus.BAD_REQUEST)
        message = events[0]
        if text(message, "TopicArn") not in topics or not is_signed(message, certificates, services.clock.now()):
            log.warning("notification of SNS without its proof refused", topic=text(message, "TopicArn"))
            return answer(HTTPStatus.FORBIDDEN)
        return _taken(services, message)


class Certificates:
    """The certificates of SNS by their address; each is fetched once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[str, x509.Certificate] = {}

    def at(self, url: str) -> x509.Certificate | None:
        """Return the certificate at an address of SNS; None where the address or what is there is another."""
        if not _CERTIFICATE.fullmatch(url):
            return None
        if url not in self._known:
            try:
                certificate = x509.load_pem_x509_certificate(_fetched(self._services, url))
            except (OutsideError, ValueError) as error:
                log.warning("certificate of SNS cannot be had", url=url, why=str(error))
                return None
            if len(self._known) >= _MOST_CERTIFICATES:
                self._known.clear()
            self._known[url] = certificate
        return self._known[url]


def is_signed(message: Event, certificates: Certificates, now: datetime) -> bool:
    """Tell whether SNS signed a message."""
    digest = _HASHES.get(text(message, "SignatureVersion"))
    if digest is None:
        return False
    certificate = certificates.at(text(message, "SigningCertURL") or text(message, "SigningCertUrl"))
    if certificate is None or not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return False
    key = certificate.public_key()
    try:
        raw = base64.b64decode(_whole(message, "Signature"), validate=True)
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        key.verify(raw, string_to_sign(message), padding.PKCS1v15(), digest)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def string_to_sign(message: Event) -> bytes:
    """Return what SNS signs: names and values, a line each, those that there are, in the order of its documentation."""
    names = _NOTIFICATION if text(message, "Type") == "Notification" else _CONFIRMATION
    return "".join(
        f"{name}\n{_whole(message, name)}\n" for name in names if isinstance(message.get(name), str)
    ).encode()


def read(notification: Event) -> Iterator[Arrival]:
    """Yield what a notification of SES says of each recipient."""
    mail = mapping(notification, "mail")
    kind = text(notification, "notificationType") or text(notification, "eventType")
    section = _SECTIONS.get(kind)
    if section is None:
        return
    about = mapping(notification, section)
    listed: Any = next((about[name] for name in about if name.lower().endswith("recipients")), mail.get("destination"))
    for recipient in listed if isinstance(listed, list) else []:
        if isinstance(recipient, Mapping | str):
            yield _arrival(kind, mail, about, {"emailAddress": recipient} if isinstance(recipient, str) else recipient)


def _taken(services: Services, message: Event) -> Response:
    match text(message, "Type"):
        case "SubscriptionConfirmation":
            return _confirmed(services, _whole(message, "SubscribeURL"))
        case "Notification":
            notifications = events_of(_whole(message, "Message").encode()) or []
            for notification in notifications:
                take_in(services, read(notification))
        case _:
            pass
    return answer(HTTPStatus.OK)


def _confirmed(services: Services, url: str) -> Response:
    if not _SUBSCRIBE.fullmatch(url):
        return answer(HTTPStatus.FORBIDDEN)
    try:
        _fetched(services, url)
    except (OutsideError, ValueError) as error:
        log.warning("subscription to SNS cannot be confirmed", why=str(error))
        return answer(HTTPStatus.BAD_GATEWAY)
    log.info("subscription to SNS confirmed")
    return answer(HTTPStatus.OK)


def _fetched(services: Services, url: str) -> bytes:
    """Return what is at an address of SNS; no redirect is followed, or it could lead anywhere."""
    found = services.fetcher.call("GET", url, headers={})
    if found.status != HTTPStatus.OK:
        message = f"{url} answered {found.status}"
        raise ValueError(message)
    return found.body


def _arrival(kind: str, mail: Event, about: Event, recipient: Event) -> Arrival:
    said = " ".join(text(recipient, name) for name in ("status", "diagnosticCode")) + text(about, "reason")
    address = text(recipient, "emailAddress")
    return reported(
        "ses",
        ":".join((text(about, "feedbackId") or text(mail, "messageId"), kind, text(about, "timestamp"), address)),
        _told(kind, about, recipient, said),
        message_ids=tuple(_message_ids(mail)),
        sent_to=(text(mail, "source"),),
        recipient=address,
        said=said,
        is_delayed=kind == "DeliveryDelay",
    )


def _told(kind: str, about: Event, recipient: Event, said: str) -> Told:
    match kind:
        case "Complaint":
            is_none = text(about, "complaintFeedbackType") in _NO_COMPLAINTS
            return MailClass.NONE if is_none else MailClass.COMPLAINT
        case "Reject":
            return MailClass.POLICY
        case "Subscription":
            is_last = mapping(about, "newTopicPreferences").get("unsubscribeAll") is True
            return Wish.NO_MORE if is_last else MailClass.NONE
        case "Bounce" if text(about, "bounceSubType") in _POLICY:
            return MailClass.POLICY
        case "Bounce" if _is_automatic(about, said):
            return MailClass.AUTO_REPLY
        case _:
            permanent = text(about, "bounceType") == "Permanent"
            return failure_class(permanent=permanent, status=text(recipient, "status"), said=said)


def _is_automatic(about: Event, said: str) -> bool:
    """Tell whether it may be an answer of somebody on holiday: SES calls those bounces, and knows nothing more."""
    if said.strip():
        return False
    return text(about, "bounceType") == "Undetermined" or (
        text(about, "bounceType") == "Transient" and text(about, "bounceSubType") == "General"
    )


def _message_ids(mail: Event) -> Iterator[str]:
    headers: Any = mail.get("headers")
    for header in headers if isinstance(headers, list) else []:
        if isinstance(header, Mapping) and text(header, "name").lower() == "message-id":
            yield text(header, "value")
    yield text(mapping(mail, "commonHeaders"), "messageId")


def _whole(message: Event, name: str) -> str:
    value = message.get(name)
    return value if isinstance(value, str) else ""
