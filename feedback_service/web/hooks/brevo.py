"""Brevo's transactional web hooks.

Brevo's documentation offers a bearer token, or a user name and password in the address, and names the
networks that it calls from (for a firewall in front). Which mail is meant comes back as the header
`X-Mailin-custom`, which we set (`mail_provider = "brevo"`), and as `message-id`.
Source: developers.brevo.com/docs/transactional-webhooks, .../docs/how-to-use-webhooks (securing).
"""

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.inbound.events import Arrival
from feedback_service.inbound.reported import failure_class, reported, text
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.web.hooks.reports import Event, add_hook, has_secret


def add_views(hooks: Blueprint, services: Services) -> None:
    """Add the hook to `hooks`."""
    secret = services.settings.hook_brevo_secret.get_secret_value()
    add_hook(hooks, services, "brevo", is_on=lambda: bool(secret), is_proven=lambda _: has_secret(secret), reading=read)


def read(event: Event) -> Arrival | None:
    """Return what an event says; None for what was sent, opened or clicked."""
    name = text(event, "event").lower()
    said = text(event, "reason")
    kind = _kind(name, said)
    if kind is None:
        return None
    identity = ":".join((text(event, "message-id"), name, text(event, "ts_event"), text(event, "email")))
    return reported(
        "brevo",
        identity,
        kind,
        message_ids=(text(event, "X-Mailin-custom"), text(event, "message-id")),
        recipient=text(event, "email"),
        said=said,
        is_delayed=name == "deferred",
    )


def _kind(name: str, said: str) -> MailClass | None:
    match name:
        case "hard_bounce" | "invalid_email":
            return failure_class(permanent=True, said=said)
        case "soft_bounce" | "deferred" | "error":
            return failure_class(permanent=False, said=said)
        case "blocked":
            return MailClass.POLICY
        case "spam" | "complaint":
            return MailClass.COMPLAINT
        case _:
            return None
