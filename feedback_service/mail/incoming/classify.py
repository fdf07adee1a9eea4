"""What an incoming mail is: a bounce, a complaint, an automatic reply, or something else (R27, R28). Pure.

    raw mail -> read_message -> complaint? -> delivery report? -> free-form bounce? -> automatic? -> none

A report is believed in its form alone; a free-form bounce must come from a mail system, or say in its
subject that it is one, and give a reason that is known. An `Auto-Submitted` header decides nothing before
that: many real bounces carry `auto-replied`.
"""

from collections.abc import Sequence

from feedback_service.mail.incoming import signs
from feedback_service.mail.incoming.bounce_text import (
    failed_addresses,
    is_quoted,
    names_failed_ones,
    notice,
    original_headers,
    reason_given,
    without_quotes,
    words_about,
)
from feedback_service.mail.incoming.kinds import BOUNCES, Failure, Finding, MailClass
from feedback_service.mail.incoming.message import Headers, Message, addresses_in, read_message
from feedback_service.mail.incoming.phrases import said_in
from feedback_service.mail.incoming.reports import (
    RecipientStatus,
    feedback_recipients,
    feedback_type,
    first_status,
    recipient_statuses,
)
from feedback_service.mail.incoming.rules import effective_status, is_after_content, judge_failure

_NOT_COMPLAINTS = frozenset({"not-spam", "auth-failure", "dmarc", "virus"})
_ABOUT_US = frozenset({"auth-failure", "dmarc", "virus"})
_LONGEST_DIAGNOSIS = 500
_REACHED = frozenset({"delivered", "relayed", "expanded"})
_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status", "text/delivery-status")
_SENT_TO = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to", "cc")


def classify(raw: bytes) -> Finding:
    """Tell what a mail is; never raises, in time in proportion to its size (at most 2 MB are read)."""
    return classify_message(read_message(raw))


def classify_message(message: Message) -> Finding:
    """Tell what a mail is that has been read."""
    message = _inner_report(message) or message
    original = original_headers(message)
    kind, failures, recipients = _what(message, original)
    message_ids = original.get("message-id").split()
    return Finding(
        kind=kind,
        failures=failures,
        recipients=recipients or _named(failures),
        original_id=message_ids[0] if message_ids else "",
        sent_to=[
            address for name in _SENT_TO for value in message.headers.all(name) for address in addresses_in(value)
        ],
    )


def _inner_report(message: Message) -> Message | None:
    """Return the report that a mail system passes on as an attachment; one level is opened."""
    part = message.part("message/rfc822")
    if part is None or not (signs.is_from_daemon(message) or signs.is_from_machine(message)):
        return None
    if any(other.content_type in _STATUS_PARTS for other in message.parts):
        return None
    inner = read_message(part.text.encode("utf-8", "replace"))
    return inner if inner.report_type == "delivery-status" else None


def _what(message: Message, original: Headers) -> tuple[MailClass, Sequence[Failure], Sequence[str]]:
    complaint = feedback_type(message)
    if complaint and complaint not in _NOT_COMPLAINTS:
        return MailClass.COMPLAINT, (), feedback_recipients(message, original)
    if complaint:
        # Reports of failed authentication (RFC 6591) or of a virus are for the operator: nobody has complained.
        return (MailClass.POLICY if complaint in _ABOUT_US else MailClass.NONE), (), ()
    failures = _failures(message, original)
    if failures:
        return min((failure.kind for failure in failures), key=BOUNCES.index), failures, ()
    return (MailClass.AUTO_REPLY if signs.is_automatic(message) else MailClass.NONE), (), ()


def _failures(message: Message, original: Headers) -> Sequence[Failure]:
    words = notice(message)
    report = "\n\n".join(part.text for part in message.parts if part.content_type in _STATUS_PARTS)
    if not report and message.report_type == "delivery-status" and not (said_in(words) or first_status(words)):
        # A report whose parts cannot be told apart: some begin with header fields of our mail.
        words = message.text
    reported = recipient_statuses(report or words)
    if reported and (report or _looks_like_bounce(message)):
        others = [status.recipient for status in reported]
        return [
            _reported(
                status,
                words_about(words or report, status.recipient, [one for one in others if one != status.recipient]),
            )
            for status in reported
            if status.action not in _REACHED
        ]
    is_sure = bool(report) or message.report_type == "delivery-status" or signs.is_surely_bounce(message)
    if is_sure or (_looks_like_bounce(message) and _tells_a_failure(words, original)):
        return _free_form(message, words, original)
    return ()


def _tells_a_failure(words: str, original: Headers) -> bool:
    """Tell whether a mail that looks like a bounce gives a reason, says that it failed, or gives our mail back."""
    says_so = said_in(words) or first_status(words) or signs.tells_a_failure(words) or names_failed_ones(words)
    return bool(says_so or original.get("message-id"))


def _looks_like_bounce(message: Message) -> bool:
    if signs.is_automatic_subject(message):
        return False
    return signs.is_from_daemon(message) or (signs.has_bounce_subject(message) and _is_machine_made(message))


def _is_machine_made(message: Message) -> bool:
    """Tell whether a machine wrote the mail: "Delivery problem" is what people write, too, of a parcel.

    People quote a report or attach it under its own subject; what they quote or attach is none of theirs.
    """
    if signs.is_of_a_list(message):
        return False
    original = original_headers(message)
    is_report = signs.is_daemon(original.get("from")) or original.get("content-type").startswith("multipart/report")
    gives_back = bool(original.get("message-id")) and not is_report and not is_quoted(message)
    return signs.is_from_machine(message) or gives_back or bool(first_status(without_quotes(notice(message))))


def _reported(reported: RecipientStatus, words: str) -> Failure:
    """Judge one block of a report; the server's words to people help where its words to machines say nothing."""
    diagnosis = reported.diagnosis
    if not said_in(diagnosis) and (effective_status(reported.status, diagnosis) or ".0").endswith((".0", ".5.0")):
        diagnosis = f"{diagnosis} {words}".strip()
    status = effective_status(reported.status, diagnosis)
    kind = judge_failure(reported.status, diagnosis, after_content=is_after_content(words))
    return _failure(reported.recipient, kind, status, diagnosis, is_delayed=reported.action == "delayed")


def _free_form(message: Message, words: str, original: Headers) -> Sequence[Failure]:
    found = failed_addresses(message, words, original)
    is_delayed = signs.tells_a_delay(f"{message.headers.get('subject')}\n{words}") and not signs.has_given_up(words)
    failures = []
    for address in found or [""]:
        about = words_about(words, address, [other for other in found if other != address])
        # The reason may stand after the last of them, for all.
        about = about if said_in(about) or first_status(about) else words
        about = reason_given(about) or about
        kind = judge_failure("", about, after_content=is_after_content(about))
        failures.append(_failure(address, kind, first_status(about), about, is_delayed=is_delayed))
    return failures


def _failure(address: str, kind: MailClass, status: str, diagnosis: str, *, is_delayed: bool) -> Failure:
    """Return a failure; while a server goes on trying, nothing is lost for good."""
    kind = MailClass.SOFT if is_delayed and kind is MailClass.HARD else kind
    return Failure(address, kind, status, _one_line(diagnosis), is_delayed)


def _named(failures: Sequence[Failure]) -> list[str]:
    return list(dict.fromkeys(failure.recipient for failure in failures if failure.recipient))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_DIAGNOSIS]
