"""Brevo's transactional web hooks.

Brevo's documentation offers a bearer token, or a user name and password in the address, and names the
networks that it calls from (for a firewall in front). Events come one by one, or as a list where the hook
is "batched". Which mail is meant comes back as the header `X-Mailin-custom`, which we set
(`mail_provider = "brevo"`), and as `message-id`.
Source: developers.brevo.com/docs/transactional-webhooks, .../secured-webhooks, .../batched-webhooks.
"""

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.inbound.events import Arrival
from feedback_service.inbound.reported import Told, Wish, failure_class, reported, text
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.web.hooks.reports import Event, add_hook, has_secret

_LISTED = ("blacklist", "blocklist")


def add_views(hooks: Blueprint, services: Services) -> None:
    """Add the hook to `hooks`."""
    secret = services.settings.hook_brevo_secret.get_secret_value()
    add_hook(hooks, services, "brevo", is_on=lambda: bool(secret), is_proven=lambda _: has_secret(secret), reading=read)


def read(event: Event) -> Arrival | None:
    """Return what an event says; None for what was sent, opened or clicked."""
    name = text(event, "event").lower()
    said = text(event, "reason")
    told = _told(name, said)
    if told is None:
        return None
    identity = ":".join((text(event, "message-id"), name, text(event, "ts_event"), text(event, "email")))
    return reported(
        "brevo",
        identity,
        told,
        message_ids=(text(event, "X-Mailin-custom"), text(event, "message-id")),
        recipient=text(event, "email"),
        said=said,
        is_delayed=name == "deferred",
    )


def _told(name: str, said: str) -> Told | None:
    match name:
        # The documentation says the first, its users report the second as well.
        case "unsubscribed" | "unsubscribe":
            return Wish.NO_MORE
        case "hard_bounce" | "invalid_email":
            return failure_class(permanent=True, said=said)
        case "soft_bounce" | "deferred" | "error":
            return failure_class(permanent=False, said=said)
        case "blocked":
            # Brevo did not try: either for its list of addresses that get nothing any more, or for us.
            return MailClass.HARD if any(word in said.lower() for word in _LISTED) else MailClass.POLICY
        case "spam" | "complaint":
            return MailClass.COMPLAINT
        case _:
            return None
