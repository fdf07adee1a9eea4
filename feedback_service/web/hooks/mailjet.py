"""Mailjet's Event API: bounces, blocked mails, spam reports.

Mailjet signs nothing: its documentation recommends HTTPS with a user name and password in the address.
Events come one by one or as a list. Which mail is meant comes back as `CustomID`, which we set by the
header `X-MJ-CustomID` (`mail_provider = "mailjet"`).
Source: dev.mailjet.com/email/guides/webhooks.
"""

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.inbound.events import Arrival
from feedback_service.inbound.reported import failure_class, reported, text
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.web.hooks.reports import Event, add_hook, has_secret

_ABOUT_US = frozenset({"content", "policy", "spam", "mailjet", "sender blocked", "user blocked"})


def add_views(hooks: Blueprint, services: Services) -> None:
    """Add the hook to `hooks`."""
    secret = services.settings.hook_mailjet_secret.get_secret_value()
    add_hook(
        hooks, services, "mailjet", is_on=lambda: bool(secret), is_proven=lambda _: has_secret(secret), reading=read
    )


def read(event: Event) -> Arrival | None:
    """Return what an event says; None for what was sent, opened or clicked."""
    said = " ".join(text(event, key) for key in ("error_related_to", "error", "comment"))
    kind = _kind(event, said)
    if kind is None:
        return None
    identity = ":".join(text(event, key) for key in ("MessageID", "event", "time", "email"))
    return reported(
        "mailjet", identity, kind, message_ids=(text(event, "CustomID"),), recipient=text(event, "email"), said=said
    )


def _kind(event: Event, said: str) -> MailClass | None:
    match text(event, "event"):
        case "spam":
            return MailClass.COMPLAINT
        case "bounce":
            if text(event, "error_related_to") in _ABOUT_US:
                return MailClass.POLICY
            return failure_class(permanent=event.get("hard_bounce") is True, said=said)
        case "blocked":
            # Mailjet did not send it: the address failed before, or something is wrong with us.
            is_address = text(event, "error_related_to") in ("recipient", "domain")
            return MailClass.HARD if is_address else MailClass.POLICY
        case _:
            return None
