"""States and events in words of the reader's language."""

from feedback_service import formats, i18n
from feedback_service.alerts.answering import AnswerState
from feedback_service.alerts.models import StoryEvent
from feedback_service.alerts.review import Question
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mentions.models import Verdict
from feedback_service.returns.models import ReturnState
from feedback_service.sources.models import SourceState
from feedback_service.surveys.models import NotSentReason
from feedback_service.surveys.signs import LABELS as SIGNS
from feedback_service.surveys.signs import Flag


def return_state(state: ReturnState, language: str) -> str:
    """Return where a return stands, in a word or two."""
    _ = i18n.translations(language).gettext
    return {
        ReturnState.REQUESTED: _("Requested"),
        ReturnState.APPROVED: _("Approved"),
        ReturnState.IN_TRANSIT: _("On its way"),
        ReturnState.RECEIVED: _("Received, not refunded"),
        ReturnState.REFUNDED: _("Refunded"),
        ReturnState.REPLACED: _("Replaced"),
        ReturnState.REJECTED: _("Rejected"),
    }[state]


def return_event(kind: ReturnState, language: str) -> str:
    """Return what happened to a return."""
    _ = i18n.translations(language).gettext
    return _("Received") if kind is ReturnState.RECEIVED else return_state(kind, language)


def source_state(state: SourceState, language: str) -> str:
    """Return how a source does, in a word or two."""
    _ = i18n.translations(language).gettext
    return {
        SourceState.NEW: _("Not read yet"),
        SourceState.OK: _("Read"),
        SourceState.EMPTY: _("Empty"),
        SourceState.BLOCKED: _("Blocked"),
        SourceState.ROBOTS: _("Not allowed"),
        SourceState.DOWN: _("Not reachable"),
        SourceState.CHANGED: _("Changed"),
        SourceState.SILENT: _("Silent"),
    }[state]


def not_sent(reason: NotSentReason, language: str) -> str:
    """Return in a sentence why a return got no survey, or a customer no periodic one (yet) (R38)."""
    _ = i18n.translations(language).gettext
    return {
        NotSentReason.OPEN: _("Not closed yet: the customer is asked a day or two after the refund or replacement."),
        NotSentReason.PERIODIC_OFF: _("The periodic survey is switched off for this shop."),
        NotSentReason.NO_ORDER: _("No order of the customer is two weeks to three months old."),
        NotSentReason.RETURNING: _("A return of the customer is under way or has only just been settled."),
        NotSentReason.SURVEYS_OFF: _("Surveys are switched off for this shop."),
        NotSentReason.REJECTED: _("The return was rejected."),
        NotSentReason.NO_ADDRESS: _("The order has no e-mail address."),
        NotSentReason.BAD_ADDRESS: _("The e-mail address cannot be written to."),
        NotSentReason.OBJECTED: _("The customer does not want to be asked."),
        NotSentReason.SUPPRESSED: _("Mail to this address comes back or is unwanted."),
        NotSentReason.QUARANTINE: _("The customer was asked a short while ago."),
        NotSentReason.TOO_LATE: _("The return closed too long ago to ask now."),
        NotSentReason.TOO_EARLY: _("Not yet: the return has only just closed."),
        NotSentReason.NIGHT: _("Not now: it waits for daytime."),
        NotSentReason.OTHER_SURVEY: _("The customer got another survey of ours a short while ago."),
        NotSentReason.DISPUTED: _("Not while this return or another one of the customer is disputed."),
        NotSentReason.REFUND_LATE: _("Not while another refund of the customer is late."),
        NotSentReason.WAITING: _("The survey is written and waits to be sent."),
        NotSentReason.UNDELIVERED: _("The survey was written, but its mail could not be delivered."),
        NotSentReason.COMPLAINTS: _("Too many customers called our mails spam: nobody is asked for now."),
        NotSentReason.CONSENT_MISSING: _("The customer's country asks for a consent that is not there."),
    }[reason]


def event_word(event: StoryEvent, language: str) -> str:
    """Return what happened to a story, without who did it."""
    _ = i18n.translations(language).gettext
    known = {
        "opened": _("The story was opened"),
        "item_added": _("Another voice joined"),
        "alerted": _("Alert mail to %(names)s"),
        "taken": _("Taken"),
        "resolved": _("Resolved"),
        "not_us": _("Dismissed: not about us"),
        "not_negative": _("Dismissed: not negative"),
        "reopened": _("Opened again"),
        "edited": _("Its author has edited it"),
        "went": _("Its page does not show it any more"),
        AnswerState.POSTING: _("An answer is being posted; it may stand there"),
        AnswerState.POSTED: _("Answered in public"),
        AnswerState.REFUSED: _("The answer was not taken"),
        AnswerState.UNSURE: _("The answer may have been posted: look before it is repeated"),
    }
    word = known.get(event.kind, event.kind)
    return word % {"names": event.note} if event.kind == "alerted" else word


def done(action: str, language: str) -> str:
    """Return the sentence that confirms what a person has just done to a story."""
    _ = i18n.translations(language).gettext
    return {
        "take": _("The story is yours."),
        "resolve": _("Resolved. Well done."),
        "not_us": _("Dismissed: it is not about us."),
        "not_negative": _("Dismissed: it is not negative."),
        "reopen": _("The story is open again, for everybody."),
    }[action]


def favour(language: str) -> str:
    """Return the sentence that confirms that a return was accepted as a favour (R7)."""
    return i18n.translations(language).gettext("Noted as a favour. The next mail about this return says so.")


def answered(state: AnswerState, language: str) -> str:
    """Return the sentence that tells a person what became of the answer to a review."""
    _ = i18n.translations(language).gettext
    if state is AnswerState.POSTED:
        return _("Posted. It may take the service some minutes to show it.")
    if state is AnswerState.UNSURE:
        return _("No clear reply came: the answer may have been posted. Look at the review before you repeat it.")
    return _("It was not taken. Your words and the reason stand in the story's history.")


def question(asked: Question, language: str) -> str:
    """Return what a person is asked of a mention."""
    _ = i18n.translations(language).gettext
    return {Question.ABOUT_US: _("Is it about us?"), Question.COMPLAINT: _("Is it a complaint?")}[asked]


def sounds_negative(negative: float, language: str) -> str:
    """Return how sure it is that a mention is negative (0-1), as a percentage."""
    _ = i18n.translations(language).gettext
    return _("%(share)s sure that it is negative") % {"share": formats.percent(negative, language, 0)}


def decided(verdict: Verdict, language: str) -> str:
    """Return the sentence that confirms what a person has just said of a mention."""
    _ = i18n.translations(language).gettext
    return {
        Verdict.COMPLAINT: _("Noted: a complaint. It stands in the inbox now."),
        Verdict.NOT_NEGATIVE: _("Noted: about us, and no complaint."),
        Verdict.NOT_US: _("Noted: not about us."),
    }[verdict]


def sign(flag: str, language: str) -> str:
    """Return a sign that a machine answered, in words (R31)."""
    try:
        return i18n.translations(language).gettext(SIGNS[Flag(flag)])
    except ValueError:
        return flag


def mail_class(kind: MailClass, language: str) -> str:
    """Return what an incoming mail means for those it is about."""
    _ = i18n.translations(language).gettext
    return {
        MailClass.HARD: _("The address is dead"),
        MailClass.SOFT: _("Not delivered this time"),
        MailClass.POLICY: _("Refused for what we are or send"),
        MailClass.COMPLAINT: _("Called spam"),
        MailClass.AUTO_REPLY: _("Automatic reply"),
        MailClass.NONE: _("A reply"),
    }[kind]


def mail_channel(channel: str, language: str) -> str:
    """Return where a mail came in; a provider is called by its name."""
    _ = i18n.translations(language).gettext
    own = {"mailbox": _("mailbox"), "pipe": _("mail server")}
    names = {"ses": "Amazon SES", "sendgrid": "SendGrid"}
    return own.get(channel) or names.get(channel, channel.title())
