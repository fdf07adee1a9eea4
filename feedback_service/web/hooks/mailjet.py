"""Mailjet's Event API: bounces, blocked mails, spam reports, unsubscriptions.

Mailjet signs nothing: its documentation recommends HTTPS with a user name and password in the address.
Events come one by one or as a list. Which mail is meant comes back as `CustomID`, which we set by the
header `X-MJ-CustomID` (`mail_provider = "mailjet"`).
Source: dev.mailjet.com/email/guides/webhooks, "possible values for errors" there.
"""

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.inbound.events import Arrival
from feedback_service.inbound.reported import Told, Wish, failure_class, reported, text
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.web.hooks.reports import Event, add_hook, has_secret

_CLASSES = {
    "user unknown": MailClass.HARD,
    "mailbox inactive": MailClass.HARD,
    "quota exceeded": MailClass.SOFT,
    # On the account's own list of those who get nothing any more.
    "blacklisted": MailClass.HARD,
    "spam reporter": MailClass.COMPLAINT,
    "invalid domain": MailClass.HARD,
    "no mail host": MailClass.HARD,
    "relay/access denied": MailClass.POLICY,
    "greylisted": MailClass.SOFT,
    "typofix": MailClass.HARD,
    "sender blocked": MailClass.POLICY,
    "content blocked": MailClass.POLICY,
    "policy issue": MailClass.POLICY,
    "bad or empty template": MailClass.POLICY,
    "error in template language": MailClass.POLICY,
    "system issue": MailClass.SOFT,
    "protocol issue": MailClass.SOFT,
    "connection issue": MailClass.SOFT,
    # It bounced "recently or repeatedly", it does not say how.
    "preblocked": MailClass.SOFT,
    "duplicate in campaign": MailClass.NONE,
}
_ABOUT_US = frozenset({"spam", "content", "mailjet"})


def add_views(hooks: Blueprint, services: Services) -> None:
    """Add the hook to `hooks`."""
    secret = services.settings.hook_mailjet_secret.get_secret_value()
    add_hook(
        hooks, services, "mailjet", is_on=lambda: bool(secret), is_proven=lambda _: has_secret(secret), reading=read
    )


def read(event: Event) -> Arrival | None:
    """Return what an event says; None for what was sent, opened or clicked."""
    said = " ".join(text(event, key) for key in ("error_related_to", "error", "comment"))
    told = _told(event)
    if told is None:
        return None
    identity = ":".join(text(event, key) for key in ("MessageID", "event", "time", "email"))
    return reported(
        "mailjet",
        identity,
        told,
        message_ids=(text(event, "CustomID"),),
        recipient=text(event, "email"),
        said=said,
        is_delayed=text(event, "error") == "greylisted",
    )


def _told(event: Event) -> Told | None:
    match text(event, "event"):
        case "unsub":
            return Wish.NO_MORE
        case "spam":
            return MailClass.COMPLAINT
        case "bounce":
            kind = _of_error(event) or MailClass.HARD
            if kind is not MailClass.HARD:
                return kind
            # The comment is what the server said; "blacklisted" and the like are Mailjet's own words.
            return failure_class(permanent=event.get("hard_bounce") is True, said=text(event, "comment"))
        case "blocked":
            # Mailjet did not try.
            return _of_error(event) or MailClass.SOFT
        case _:
            return None


def _of_error(event: Event) -> MailClass | None:
    """Return the class of the documented error; None for one that is not, unless it says that it is about us."""
    known = _CLASSES.get(text(event, "error").strip().lower())
    return known or (MailClass.POLICY if text(event, "error_related_to") in _ABOUT_US else None)
