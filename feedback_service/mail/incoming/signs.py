"""Signs of automatic mail (`signs.txt`, RFC 3834): is it a bounce, a warning, a reply that nobody wrote? Pure."""

import re
from pathlib import Path

from feedback_service.folding import fold
from feedback_service.mail.incoming.message import Message
from feedback_service.mail.incoming.phrases import folded_line, phrase_tables

_TABLE = Path(__file__).with_name("signs.txt")
_SUBJECT_LENGTH = 300
_NOTICE_LENGTH = 4_000
_DAEMON = re.compile(
    r"\b(?:mailer[-_. ]?daemon|mail[-_. ]?daemon|(?:mail )?delivery[-_. ]?(?:sub)?system"
    r"|mail[-_ ]?er[-_ ]?error|mmdf\b|double[-_]bounce|mdaemon|mail system"
    r"|content[- ]?filter|amavis|sistema de (?:entrega|correo)|mail[-_. ]?gateway|mail router)",
)
_FOR_BOUNCES = re.compile(r"\bbounces?@")
# Names behind which a person may sit as well.
_CARETAKER = re.compile(
    r"\b(?:post[-_. ]?master|system ?administrator|mail administrator|administrateur systeme"
    r"|administrador del sistema)",
)
_REPLY_LINE = re.compile(r"^[45]\d\d[ -]", re.MULTILINE)
_NO_REPLY = re.compile(
    r"no[-_. ]?reply|do[-_. ]?not[-_. ]?reply|ne[-_. ]?pas[-_. ]?repondre|antivirus|gateway|notification"
)
_ANSWERED = re.compile(r"(?:re|fwd?|aw|wg|tr|rv|rif|res|enc|antw|doorst)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponse", "x-auto-response", "x-autoreply-from",
                 "x-mail-autoreply", "x-vacation", "x-ms-exchange-inbox-rules-loop", "x-boxtrapper")  # fmt: skip
_AUTO_PRECEDENCE = ("auto_reply", "auto-reply", "autoreply", "junk")


def is_from_daemon(message: Message) -> bool:
    """Tell whether a mail system wrote the mail, by its name or address.

    The Sender does not count: mailing lists put their own address for bounces there. A postmaster who answers
    a mail is a person.
    """
    sender = message.headers.get("from").strip()
    if not sender or sender.endswith("<>"):
        return bool(sender) or has_null_sender(message) or has_bounce_subject(message)
    if is_daemon(sender) or _FOR_BOUNCES.search(fold(sender)) is not None:
        return True
    is_caretaker = _CARETAKER.search(fold(sender)) is not None
    return is_caretaker and (not is_answered(message) or _has_machine_headers(message) or _gives_a_reply(message))


def is_daemon(sender: str) -> bool:
    """Tell whether a From names a mail system that nobody sits behind."""
    return _DAEMON.search(fold(sender)) is not None


def is_of_a_list(message: Message) -> bool:
    """Tell whether a mailing list or a newsletter brings the mail."""
    return "list-id" in message.headers or "list-unsubscribe" in message.headers


def _gives_a_reply(message: Message) -> bool:
    """Tell whether a line of the mail is a reply of SMTP (RFC 5321 4.2)."""
    return _REPLY_LINE.search(message.text[:_NOTICE_LENGTH]) is not None


def has_null_sender(message: Message) -> bool:
    """Tell whether the mail came with the null return path, as reports and good automatic replies do."""
    return any(value.replace(" ", "") == "<>" for value in message.headers.all("return-path"))


def is_from_machine(message: Message) -> bool:
    """Tell whether the mail's headers or its sender's name say that a machine sent it."""
    return _has_machine_headers(message) or _NO_REPLY.search(fold(message.headers.get("from"))) is not None


def has_bounce_subject(message: Message) -> bool:
    """Tell whether the subject is that of a report; one that is answered or passed on is not."""
    return not is_answered(message) and _found("bounce subjects", message.headers.get("subject"))


def is_surely_bounce(message: Message) -> bool:
    """Tell whether the mail can only be a report, even if it gives no reason that is known."""
    if "x-failed-recipients" in message.headers:
        return True
    return is_from_daemon(message) and has_bounce_subject(message)


def is_answered(message: Message) -> bool:
    """Tell whether the subject says that somebody answers or passes something on ("Re:", "TR:")."""
    return _ANSWERED.match(message.headers.get("subject").strip()) is not None


def tells_a_delay(text: str) -> bool:
    """Tell whether a report only warns: the server goes on trying."""
    return _found("delay", text, _NOTICE_LENGTH)


def has_given_up(text: str) -> bool:
    """Tell whether a server says that it does not go on trying, whatever it says of the delays before."""
    return _found("given up", text, _NOTICE_LENGTH)


def tells_a_failure(text: str) -> bool:
    """Tell whether a server says that it did not deliver, with or without a reason."""
    return _found("failed", text, _NOTICE_LENGTH)


def is_automatic(message: Message) -> bool:
    """Tell whether nobody wrote the mail by hand: its headers or its subject say so (RFC 3834).

    `Auto-Submitted: auto-generated` alone is what our own mails and every newsletter carry: no reply.
    """
    headers = message.headers
    replied = headers.get("auto-submitted").lower().startswith("auto-replied")
    if replied or any(name in headers for name in _AUTO_HEADERS):
        return True
    if headers.get("precedence").lower() in _AUTO_PRECEDENCE or message.report_type == "disposition-notification":
        return True
    if is_automatic_subject(message):
        return True
    return _has_machine_headers(message) and _has_subject(message, "perhaps auto subjects")


def is_automatic_subject(message: Message) -> bool:
    """Tell whether the subject is that of an automatic reply; "Re: on holiday" is what a person answers."""
    return _has_subject(message, "auto subjects")


def _has_subject(message: Message, section: str) -> bool:
    return not is_answered(message) and _found(section, message.headers.get("subject"))


def _has_machine_headers(message: Message) -> bool:
    """Tell whether headers hint at a machine, though no single one proves it."""
    headers = message.headers
    return (
        has_null_sender(message)
        or "x-auto-response-suppress" in headers
        or headers.get("precedence").lower() in ("bulk", "list")
        or headers.get("auto-submitted").lower().startswith("auto-")
    )


def _found(section: str, text: str, longest: int = _SUBJECT_LENGTH) -> bool:
    return phrase_tables(_TABLE)[section].is_in(folded_line(text, longest))
