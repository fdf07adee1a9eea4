"""SendGrid's signed event web hook.

SendGrid signs the header `X-Twilio-Email-Event-Webhook-Timestamp` followed by the raw body with ECDSA
(P-256, SHA-256); the public key (base64 of DER) stands in the settings of the hook. Which mail is meant
comes back as the unique argument `message-id`, which we set by the header `X-SMTPAPI`
(`mail_provider = "sendgrid"`); `smtp-id` is the Message-ID that we gave, but is missing in complaints and
unsubscriptions. SendGrid comes again for a day where we could not take it.
Source: twilio.com/docs/sendgrid/for-developers/tracking-events/
getting-started-event-webhook-security-features, .../event and .../sending-email/unique-arguments.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from flask import Blueprint, request

from feedback_service.bootstrap import Services
from feedback_service.inbound.events import Arrival
from feedback_service.inbound.reported import Told, Wish, failure_class, reported, text
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.web.hooks.reports import Event, add_hook, is_recent

_SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
_TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
_RETRIES = timedelta(hours=24)
_ABOUT_US = frozenset({"content", "reputation", "frequency or volume too high"})
_DROPPED: Mapping[str, Told] = {
    "bounced address": MailClass.HARD,
    "invalid": MailClass.HARD,
    "spam reporting address": MailClass.COMPLAINT,
    "unsubscribed address": Wish.NO_MORE,
    "spam content": MailClass.POLICY,
    "recipient list over package quota": MailClass.POLICY,
    "invalid smtpapi header": MailClass.POLICY,
}
"""Why SendGrid did not send: it remembers addresses that failed, complained or unsubscribed before."""


def add_views(hooks: Blueprint, services: Services) -> None:
    """Add the hook to `hooks`."""
    keys = services.settings.hook_sendgrid_key.split()

    def is_proven(body: bytes) -> bool:
        timestamp = request.headers.get(_TIMESTAMP, "")
        signature = request.headers.get(_SIGNATURE, "")
        return is_recent(timestamp, services.clock.now(), _RETRIES) and any(
            is_signed(key, timestamp, body, signature) for key in keys
        )

    add_hook(hooks, services, "sendgrid", is_on=lambda: bool(keys), is_proven=is_proven, reading=read)


def is_signed(key: str, timestamp: str, body: bytes, signature: str) -> bool:
    """Tell whether `signature` (base64) is that of the owner of `key` over timestamp and body."""
    public = _public_key(key)
    try:
        raw = base64.b64decode(signature, validate=True)
        if public is None:
            return False
        public.verify(raw, timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def read(event: Event) -> Arrival | None:
    """Return what an event says; None for what was processed, delivered, opened or clicked."""
    said = text(event, "reason") or text(event, "response")
    told = _told(event, said)
    if told is None:
        return None
    return reported(
        "sendgrid",
        _identity(event),
        told,
        message_ids=(text(event, "message-id"), text(event, "smtp-id")),
        recipient=text(event, "email"),
        said=f"{text(event, 'status')} {said}",
        is_delayed=text(event, "event") == "deferred",
    )


def _identity(event: Event) -> str:
    """Return what stays the same when SendGrid tries again: `sg_event_id`, users report, does not."""
    message = text(event, "message-id") or text(event, "smtp-id") or text(event, "sg_message_id")
    if not message or not text(event, "timestamp"):
        return text(event, "sg_event_id")
    return ":".join((message, *(text(event, key) for key in ("event", "type", "timestamp", "email"))))


def _told(event: Event, said: str) -> Told | None:
    match text(event, "event"):
        case "unsubscribe" | "group_unsubscribe":
            return Wish.NO_MORE
        case "spamreport":
            return MailClass.COMPLAINT
        case "bounce" | "blocked":
            return _bounced(event, said)
        case "deferred":
            return failure_class(permanent=False, said=said)
        case "dropped":
            # One of a reason that nobody has documented is the operator's to look at.
            return _DROPPED.get(said.strip().lower(), MailClass.POLICY)
        case _:
            return None


def _bounced(event: Event, said: str) -> MailClass:
    cause = text(event, "bounce_classification").lower()
    if cause in _ABOUT_US:
        return MailClass.POLICY
    # The type is "bounce", "blocked", or "expired": given up after three days.
    is_bounce = text(event, "event") == "bounce" and text(event, "type") in {"bounce", ""}
    permanent = is_bounce and not cause.startswith("technical")
    return failure_class(permanent=permanent, status=text(event, "status"), said=said)


@lru_cache(maxsize=4)
def _public_key(key: str) -> ec.EllipticCurvePublicKey | None:
    try:
        loaded = load_der_public_key(base64.b64decode(key.strip(), validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return None
    return loaded if isinstance(loaded, ec.EllipticCurvePublicKey) else None
