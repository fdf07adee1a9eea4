"""Postmark's bounce and spam complaint web hooks.

Postmark signs nothing: its documentation asks for a user name and password in the hook's address (basic
authentication) or a header of one's own. Which mail is meant comes back as metadata, which we set by the
header `X-PM-Metadata-message-id` (`mail_provider = "postmark"`).
Source: postmarkapp.com/developer/webhooks/bounce-webhook, .../spam-complaint-webhook, .../webhooks-overview.
"""

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.inbound.events import Arrival
from feedback_service.inbound.reported import failure_class, reported, text
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.web.hooks.reports import Event, add_hook, has_secret

_PERMANENT = frozenset({"HardBounce", "BadEmailAddress"})
_POLICY = frozenset({"Blocked", "SpamNotification", "VirusNotification", "DMARCPolicy", "SMTPApiError"})
_AUTOMATIC = frozenset({"AutoResponder", "ChallengeVerification", "AddressChange"})
_TEMPORARY = frozenset({"SoftBounce", "Transient", "DnsError", "Undeliverable", "Unknown"})


def add_views(hooks: Blueprint, services: Services) -> None:
    """Add the hook to `hooks`."""
    secret = services.settings.hook_postmark_secret.get_secret_value()
    add_hook(
        hooks, services, "postmark", is_on=lambda: bool(secret), is_proven=lambda _: has_secret(secret), reading=read
    )


def read(event: Event) -> Arrival | None:
    """Return what an event says; None for deliveries, opens and clicks."""
    said = f"{text(event, 'Description')} {text(event, 'Details')}"
    kind = _kind(event, said)
    if kind is None:
        return None
    return reported(
        "postmark",
        text(event, "ID") or f"{text(event, 'MessageID')}:{text(event, 'RecordType')}:{text(event, 'Type')}",
        kind,
        message_ids=(text(event, "Metadata", "message-id"),),
        recipient=text(event, "Email"),
        said=said,
        is_delayed=text(event, "Type") == "Transient",
    )


def _kind(event: Event, said: str) -> MailClass | None:
    kind = text(event, "Type")
    if text(event, "RecordType") == "SpamComplaint" or kind == "SpamComplaint":
        return MailClass.COMPLAINT
    if text(event, "RecordType") != "Bounce":
        return None
    if kind in _POLICY:
        return MailClass.POLICY
    if kind in _AUTOMATIC:
        return MailClass.AUTO_REPLY
    known = kind in _PERMANENT | _TEMPORARY
    return failure_class(permanent=kind in _PERMANENT, said=said) if known else None
