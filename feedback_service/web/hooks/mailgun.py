"""Mailgun's web hooks.

The body names a timestamp, a random token and the HMAC-SHA256 of both under the signing key of the
account. That covers nothing of the event: so each token is taken once, whatever comes with it. Where we
could not take it, Mailgun comes again for eight hours, with the same timestamp and token as users of it
report: a window of minutes would refuse what we asked to be sent again. 406 tells it not to come again.
Source: documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks, .../webhook-retries
and .../events/event-structure.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.inbound.events import Arrival
from feedback_service.inbound.reported import Told, Wish, failure_class, mapping, reported, text
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.web.hooks.reports import Event, add_hook, events_of, is_one_of, is_recent

_RETRIES = timedelta(hours=8)
_SUPPRESSED: Mapping[str, Told] = {
    "suppress-bounce": MailClass.HARD,
    "suppress-complaint": MailClass.COMPLAINT,
    "suppress-unsubscribe": Wish.NO_MORE,
}
"""What Mailgun does not even try, for what came of an earlier mail."""


def add_views(hooks: Blueprint, services: Services) -> None:
    """Add the hook to `hooks`."""
    keys = services.settings.hook_mailgun_key.get_secret_value().split()

    def is_proven(body: bytes) -> bool:
        events = events_of(body)
        if not events or len(events) != 1:
            return False
        signed = mapping(events[0], "signature")
        timestamp, token = text(signed, "timestamp"), text(signed, "token")
        return (
            bool(token)
            and is_recent(timestamp, services.clock.now(), _RETRIES)
            and is_one_of(text(signed, "signature"), [signature(key, timestamp, token) for key in keys])
        )

    add_hook(
        hooks,
        services,
        "mailgun",
        is_on=lambda: bool(keys),
        is_proven=is_proven,
        reading=read,
        refusal=HTTPStatus.NOT_ACCEPTABLE,
    )


def signature(key: str, timestamp: str, token: str) -> str:
    """Return the signature of a request, in hex."""
    return hmac.new(key.encode(), (timestamp + token).encode(), hashlib.sha256).hexdigest()


def read(event: Event) -> Arrival:
    """Return what an event says; one of no interest is kept too, so that its token cannot be used again."""
    data = mapping(event, "event-data")
    status = mapping(data, "delivery-status")
    said = " ".join(text(status, key) for key in ("code", "enhanced-code", "message", "description"))
    return reported(
        "mailgun",
        text(mapping(event, "signature"), "token"),
        _told(data, said),
        message_ids=(text(mapping(mapping(data, "message"), "headers"), "message-id"),),
        recipient=text(data, "recipient"),
        said=said.strip() or text(data, "reject", "reason") or text(data, "reason"),
        is_delayed=text(data, "severity") == "temporary",
    )


def _told(data: Event, said: str) -> Told:
    match text(data, "event"):
        case "unsubscribed":
            return Wish.NO_MORE
        case "complained":
            return MailClass.COMPLAINT
        case "rejected":
            return MailClass.POLICY
        case "failed":
            return _failed(data, said)
        case _:
            return MailClass.NONE


def _failed(data: Event, said: str) -> Told:
    reason = text(data, "reason")
    if reason in _SUPPRESSED:
        return _SUPPRESSED[reason]
    if reason == "espblock":
        return MailClass.POLICY
    # "Too old": Mailgun gave up after its retries, which says nothing of the address.
    permanent = text(data, "severity") == "permanent" and reason != "old"
    return failure_class(permanent=permanent, status=text(data, "delivery-status", "enhanced-code"), said=said)
