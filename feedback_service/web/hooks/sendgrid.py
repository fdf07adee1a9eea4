"""SendGrid's signed event web hook.

SendGrid signs the header `X-Twilio-Email-Event-Webhook-Timestamp` followed by the raw body with ECDSA
(P-256, SHA-256); the public key (base64 of DER) stands in the settings of the hook. `smtp-id` is the
Message-ID that we gave. Source: twilio.com/docs/sendgrid/for-developers/tracking-events/
getting-started-event-webhook-security-features and .../event.
"""

import base64
import binascii
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from flask import Blueprint, request

from feedback_service.bootstrap import Services
from feedback_service.inbound.events import Arrival
from feedback_service.inbound.reported import failure_class, reported, text
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.web.hooks.reports import Event, add_hook, is_recent

_SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
_TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


def add_views(hooks: Blueprint, services: Services) -> None:
    """Add the hook to `hooks`."""
    key = services.settings.hook_sendgrid_key

    def is_proven(body: bytes) -> bool:
        timestamp = request.headers.get(_TIMESTAMP, "")
        signature = request.headers.get(_SIGNATURE, "")
        return is_recent(timestamp, services.clock.now()) and is_signed(key, timestamp, body, signature)

    add_hook(hooks, services, "sendgrid", is_on=lambda: bool(key), is_proven=is_proven, reading=read)


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
    kind = _kind(event, said)
    if kind is None:
        return None
    return reported(
        "sendgrid",
        text(event, "sg_event_id"),
        kind,
        message_ids=(text(event, "smtp-id"),),
        recipient=text(event, "email"),
        said=f"{text(event, 'status')} {said}",
        is_delayed=text(event, "event") == "deferred",
    )


def _kind(event: Event, said: str) -> MailClass | None:
    match text(event, "event"):
        case "spamreport":
            return MailClass.COMPLAINT
        case "bounce":
            is_blocked = text(event, "type") == "blocked"
            return failure_class(permanent=not is_blocked, status=text(event, "status"), said=said)
        case "deferred":
            return failure_class(permanent=False, said=said)
        case "dropped":
            return _dropped(said.lower())
        case _:
            return None


def _dropped(reason: str) -> MailClass | None:
    """Read why SendGrid did not send: it remembers addresses that failed or complained before."""
    if "spam reporting" in reason:
        return MailClass.COMPLAINT
    if "bounced" in reason or "invalid" in reason:
        return MailClass.HARD
    return MailClass.POLICY if "spam content" in reason or "over package quota" in reason else None


@lru_cache(maxsize=4)
def _public_key(key: str) -> ec.EllipticCurvePublicKey | None:
    try:
        loaded = load_der_public_key(base64.b64decode(key.strip(), validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return None
    return loaded if isinstance(loaded, ec.EllipticCurvePublicKey) else None
