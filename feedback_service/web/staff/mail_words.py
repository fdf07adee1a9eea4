"""Mails of the outbox in words of the reader's language."""

from datetime import timedelta

from feedback_service import formats, i18n
from feedback_service.i18n import N_
from feedback_service.mail.models import MailState
from feedback_service.mail.oversight import Queue, View
from feedback_service.mail.pacing import DAY, HOUR, MINUTE, Limit

_PATIENT = timedelta(hours=1)
_ANSWERED = "The mail server answered "
_BY_HAND = "Dropped by hand. "

# What is stored of a mail is English; these are the sentences of our own. The server's words stay as they are.
_STORED = (
    N_("The process ended while this mail was with the server: it may have arrived."),
    N_("It expired before it could be sent."),
    N_("The recipient objected, or the address is dead."),
    N_("The recipient objected to surveys before it was sent."),
    N_("Dropped by hand."),
)


def state(of: MailState, language: str) -> str:
    """Return where a mail stands, in a word or two."""
    _ = i18n.translations(language).gettext
    return {
        MailState.QUEUED: _("Waits"),
        MailState.SENDING: _("Is being sent"),
        MailState.SENT: _("Sent"),
        MailState.FAILED: _("Failed"),
        MailState.DROPPED: _("Dropped"),
        MailState.AMBIGUOUS: _("In doubt"),
    }[of]


def kind(name: str, language: str) -> str:
    """Return what kind of mail it is; a kind that is not ours is told by its name."""
    _ = i18n.translations(language).gettext
    return {
        "survey": _("Survey"),
        "survey_reminder": _("Reminder of a survey"),
        "survey_periodic": _("Periodic survey"),
        "return_received": _("Notice: return received"),
        "return_refunded": _("Notice: refunded"),
        "return_replaced": _("Notice: replaced"),
        "story_alert": _("Alert"),
        "digest": _("Weekly digest"),
        "rating_fell": _("Alert: an average fell"),
        "source_lost": _("Notice: a source is lost"),
        "source_heard": _("Notice: a source is heard again"),
        "scan_missed": _("Notice: nothing is read"),
    }.get(name, name)


def reason(stored: str | None, language: str) -> str:
    """Return why a mail stands as it does."""
    _ = i18n.translations(language).gettext
    if not stored:
        return ""
    if stored.startswith(_BY_HAND):
        return f"{_('Dropped by hand.')} {reason(stored.removeprefix(_BY_HAND), language)}"
    if stored.startswith(_ANSWERED):
        return _("The mail server answered: %(reply)s") % {"reply": stored.removeprefix(_ANSWERED)}
    return _(stored) if stored in _STORED else stored


def rate(limit: Limit, language: str, *, is_domain: bool) -> str:
    """Return a limit in words."""
    _ = i18n.translations(language).gettext
    words = {
        (MINUTE, False): _("%(count)s mails a minute"),
        (HOUR, False): _("%(count)s mails an hour"),
        (DAY, False): _("%(count)s mails a day, as long as the warm-up lasts"),
        (MINUTE, True): _("%(count)s mails a minute to any one domain"),
        (HOUR, True): _("%(count)s mails an hour to any one domain"),
    }
    return words[limit.window, is_domain] % {"count": formats.number(limit.count, language)}


def shelf(view: View, language: str) -> str:
    """Return the name of a list of mails."""
    _ = i18n.translations(language).gettext
    return {View.TROUBLE: _("In trouble"), View.WAITING: _("Waiting"), View.ENDED: _("Sent or dropped")}[view]


def done(action: str, language: str) -> str:
    """Return the sentence that confirms what a person has just done to a mail."""
    _ = i18n.translations(language).gettext
    return {"retry": _("The mail goes out again, within seconds."), "drop": _("The mail is dropped.")}[action]


def is_patient(queue: Queue, age: timedelta | None) -> bool:
    """Tell whether nothing has waited for long."""
    return not queue.due or age is None or age < _PATIENT
