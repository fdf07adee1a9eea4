"""Postmark's web hooks: bounces, spam complaints, subscription changes.

Postmark signs nothing: its documentation asks for a user name and password in the hook's address (basic
authentication) or a header of one's own. Which mail is meant comes back as metadata, which we set by the
header `X-PM-Metadata-message-id` (`mail_provider = "postmark"`), in two pieces where it is long.
Source: postmarkapp.com/developer/webhooks/bounce-webhook, .../spam-complaint-webhook,
.../subscription-change-webhook, .../webhooks-overview and /developer/api/bounce-api#bounce-types.
"""

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.inbound.events import Arrival
from feedback_service.inbound.reported import Told, Wish, failure_class, mapping, reported, text
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.web.hooks.reports import Event, add_hook, has_secret

_PERMANENT = frozenset({"HardBounce", "BadEmailAddress"})
_POLICY = frozenset({"Blocked", "SpamNotification", "VirusNotification", "DMARCPolicy", "SMTPApiError"})
_AUTOMATIC = frozenset({"AutoResponder", "ChallengeVerification", "AddressChange"})
_TEMPORARY = frozenset({"SoftBounce", "Transient", "DnsError", "Undeliverable", "Unknown"})
_SUPPRESSED = {"HardBounce": MailClass.HARD, "SpamComplaint": MailClass.COMPLAINT}


def add_views(hooks: Blueprint, services: Services) -> None:
    """Add the hook to `hooks`."""
    secret = services.settings.hook_postmark_secret.get_secret_value()
    add_hook(
        hooks, services, "postmark", is_on=lambda: bool(secret), is_proven=lambda _: has_secret(secret), reading=read
    )


def read(event: Event) -> Arrival | None:
    """Return what an event says; None for deliveries, opens and clicks."""
    said = f"{text(event, 'Description')} {text(event, 'Details')}"
    told = _told(event)
    if told is None:
        return None
    metadata = {name.lower(): value for name, value in mapping(event, "Metadata").items()}
    return reported(
        "postmark",
        _identity(event),
        told,
        message_ids=(text(metadata, "message-id") + text(metadata, "message-id-rest"),),
        recipient=text(event, "Email") or text(event, "Recipient"),
        said=said,
        is_delayed=text(event, "Type") == "Transient",
    )


def _identity(event: Event) -> str:
    """Return what stays the same when Postmark tries again; a bounce and a complaint may share a number."""
    number = text(event, "ID") or f"{text(event, 'MessageID')}:{text(event, 'Type')}:{text(event, 'ChangedAt')}"
    return f"{text(event, 'RecordType')}:{number}"


def _told(event: Event) -> Told | None:
    match text(event, "RecordType"):
        case "SpamComplaint":
            return MailClass.COMPLAINT
        case "SubscriptionChange" if event.get("SuppressSending") is True:
            return _suppressed(event)
        case "Bounce":
            # The description is Postmark's own, with examples of what it might be.
            return _bounced(text(event, "Type"), text(event, "Details"))
        case _:
            return None


def _suppressed(event: Event) -> Told | None:
    """Read why an address gets nothing any more; what the shop's own people do there is no word of the recipient."""
    reason = text(event, "SuppressionReason")
    if reason == "ManualSuppression":
        return Wish.NO_MORE if text(event, "Origin") == "Recipient" else None
    return _SUPPRESSED.get(reason)


def _bounced(kind: str, said: str) -> Told | None:
    if kind == "Unsubscribe":
        return Wish.NO_MORE
    if kind == "SpamComplaint":
        return MailClass.COMPLAINT
    if kind in _POLICY:
        return MailClass.POLICY
    if kind in _AUTOMATIC:
        return MailClass.AUTO_REPLY
    known = kind in _PERMANENT | _TEMPORARY
    return failure_class(permanent=kind in _PERMANENT, said=said) if known else None
